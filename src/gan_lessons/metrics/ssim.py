"""Structural similarity and its map, plane by plane or with windows of three axes, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.losses.structure import TAPS
from gan_lessons.metrics.affine import fit_if
from gan_lessons.metrics.pairs import check_pair, check_range, computed, nothing_left, pairs
from gan_lessons.metrics.windows import REACH, mirrored, similarity_product

if TYPE_CHECKING:
    from gan_lessons.image import Array

SLAB = 16  # planes at a time, of a window of three axes


def ssim(
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    fitted: bool = False,
    dimensions: int = 2,
) -> float:
    """Return the structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861), averaged over all windows.

    Gaussian window of σ = 1.5 pixels and 11 taps, population covariance, windows inside the image only, as in the
    paper. A window that meets a value that isn't finite is left out.

    Parameters
    ----------
    image, reference : array, (…, Y, X) or, with three dimensions, (…, Z, Y, X)
        Same shape, same units. Windowed axes of at least 11 pixels; axes before them are averaged. Move color samples
        there. Numpy or dask, of which a plane, with three dimensions 26 planes, is in memory.
    data_range : float, optional
        In their units, > 0. That of the type for integers.
    mask : array of bool, optional
        Of the image's shape or of its last axes; windows are averaged whose center is in it.
    fitted : bool
        First bring the image to the reference by `affine_fit`.
    dimensions : int
        Axes of a window: 2 for planes by themselves, 3 for volumes.

    Returns
    -------
    float
        From -1 to 1; 1 where they are equal.

    >>> round(ssim(np.eye(11), np.eye(11), 1.0), 12)
    1.0
    """
    data_range = check_range(data_range, image, reference)
    inside = check_pair(image, reference, mask)
    check_sides("SSIM", image.shape, dimensions)
    total, count = 0.0, 0
    for place, values, known in _maps(image, reference, data_range, fit_if(fitted, image, reference, mask), dimensions):
        (chosen,) = computed(inside[place])
        seen = _interior(values.shape, place, image.shape, dimensions) & known & chosen
        total, count = total + float(values[seen].sum()), count + int(seen.sum())
    if not count:
        raise nothing_left("no window inside the image has its center in the mask and finite values only")
    return total / count


def ssim_map(
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    fitted: bool = False,
    dimensions: int = 2,
) -> Array:
    """Return the similarity around each pixel; beyond the border the image is mirrored, as scikit-image does.

    Parameters are those of `ssim`, which averages this map without the 5 pixels at the border.

    Returns
    -------
    array of the image's shape, float32
        NaN where a window meets a value that isn't finite, and outside of the mask. Of dask arrays: a dask array that
        computes a plane (with three dimensions 16 planes) at a time.

    >>> ssim_map(np.eye(11), np.eye(11), 1.0).min()
    np.float32(1.0)
    """
    data_range = check_range(data_range, image, reference)
    inside = check_pair(image, reference, mask)
    check_sides("SSIM", image.shape, dimensions)
    fit = fit_if(fitted, image, reference, mask)
    if hasattr(image, "dask") or hasattr(reference, "dask"):
        return _lazy_map(image, reference, data_range, inside, fit, dimensions)
    result = np.empty(image.shape, np.float32)
    for place, values, known in _maps(image, reference, data_range, fit, dimensions):
        _keep(result, place, values, known & computed(inside[place])[0])
    return result


def _keep(result: np.ndarray, place: tuple[int | slice, ...], values: np.ndarray, known: np.ndarray) -> None:
    result[place] = values
    if not known.all():
        result[place][~known] = np.nan


def _lazy_map(
    image: Array,
    reference: Array,
    data_range: float,
    inside: Array,
    fit: tuple[float, float],
    dimensions: int,
) -> Array:
    import dask.array as da

    def of_planes(x: np.ndarray, y: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        result = np.empty(x.shape, np.float32)
        for place, values, known in _maps(x, y, data_range, fit, dimensions):
            _keep(result, place, values, known & chosen[place])
        return result

    whole = (-1,) * min(2, image.ndim)
    chunks = (1,) * (image.ndim - dimensions) + ((SLAB,) if dimensions == 3 else ()) + whole
    arrays = [da.asarray(array).rechunk(chunks) for array in (image, reference, inside)]
    if dimensions == 2:
        return da.map_blocks(of_planes, *arrays, dtype=np.float32)
    depth = {axis: REACH if axis == image.ndim - 3 else 0 for axis in range(image.ndim)}
    return da.map_overlap(of_planes, *arrays, depth=depth, boundary="reflect", dtype=np.float32)


def _maps(
    image: Array, reference: Array, data_range: float, fit: tuple[float, float], dimensions: int
) -> Iterator[tuple[tuple[int | slice, ...], np.ndarray, np.ndarray]]:
    """Yield for a plane, or a few planes of a volume: its place, its map, and where all the window is finite."""
    gain, offset = fit
    if dimensions == 2:
        for place, plane, truth in pairs(image, reference):
            plane = plane if fit == (1.0, 0.0) else gain * plane + offset
            yield place, *similarity_product(plane, truth, data_range)
        return
    depth = image.shape[-3]
    for index in np.ndindex(image.shape[:-3]):
        for start in range(0, depth, SLAB):
            stop = min(start + SLAB, depth)
            around = mirrored(start, stop, depth)
            slab, truth = (
                array.astype(np.float64) for array in computed(image[index][around], reference[index][around])
            )
            yield (*index, slice(start, stop)), *similarity_product(gain * slab + offset, truth, data_range)


def _interior(
    shape: tuple[int, ...], place: tuple[int | slice, ...], whole: tuple[int, ...], dimensions: int
) -> np.ndarray:
    """Return where a window doesn't leave the image."""
    interior = np.zeros(shape, bool)
    interior[..., REACH:-REACH, REACH:-REACH] = True
    if dimensions == 3:
        slab = place[-1]
        assert isinstance(slab, slice)
        z = np.arange(slab.start, slab.stop)
        interior &= ((z >= REACH) & (z < whole[-3] - REACH))[:, None, None]
    return interior


def check_sides(metric: str, shape: tuple[int, ...], dimensions: int, least: int = TAPS) -> None:
    """Raise `InputError` unless the windowed axes are long enough."""
    if dimensions not in (2, 3):
        raise InputError(f"{metric}: {dimensions} dimensions; expected 2 (planes by themselves) or 3 (volumes)")
    if len(shape) < dimensions:
        raise InputError(f"{metric}: the image has {len(shape)} axes; expected at least {dimensions}")
    if min(shape[-dimensions:]) < least:
        what, sides = ("planes", "×".join(map(str, shape[-2:]))) if dimensions == 2 else ("volumes", str(shape[-3:]))
        raise InputError(
            f"{metric}: {what} are {sides} pixels; expected at least {'×'.join([str(least)] * dimensions)}"
        )
