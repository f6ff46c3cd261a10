"""What all comparisons share: an image, its reference and a mask, checked, and taken plane by plane in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from gan_lessons.image import Array

Plane = tuple[np.ndarray, np.ndarray, np.ndarray]


def planes(
    image: Array, reference: Array, *, mask: Array | None = None, fit: tuple[float, float] = (1.0, 0.0)
) -> Iterator[Plane]:
    """Yield ``gain · image + offset``, the reference, and where they can be compared, a plane at a time.

    Of a dask array no more than a chunk of the first axis is in memory, and each chunk is computed once.

    Parameters
    ----------
    image, reference : array, (…, Y, X)
        Same shape, same units. An array of one axis is one plane.
    mask : array of bool, optional
        Of the image's shape or of its last axes; only pixels where it is true are compared.
    fit : gain and offset
        As `affine_fit` returns them.

    Yields
    ------
    float64, float64, bool of the same shape; the last is false where either isn't finite. At least one is true in all.

    Raises
    ------
    InputError
        If shapes or types don't fit, or there is nothing to compare.

    >>> [known.tolist() for _, _, known in planes(np.array([[1.0, np.nan]]), np.zeros((1, 2)))]
    [[[True, False]]]
    """
    inside = check_pair(image, reference, mask)
    gain, offset = fit
    compared = 0
    for place, plane, truth in pairs(image, reference):
        known = computed(inside[place])[0] & np.isfinite(plane) & np.isfinite(truth)
        compared += int(known.sum())
        yield (plane if fit == (1.0, 0.0) else gain * plane + offset), truth, known
    if not compared:
        raise nothing_left()


def pairs(image: Array, reference: Array) -> Iterator[tuple[tuple[int, ...], np.ndarray, np.ndarray]]:
    """Yield the index of each plane, and both planes in float64; chunks along the first axis are computed once."""
    for start, slab in _slabs(image, reference):
        x, y = computed(image[slab], reference[slab])
        for index in np.ndindex(x.shape[:-2]):
            place = (start + index[0], *index[1:]) if index else ()
            yield place, x[index].astype(np.float64), y[index].astype(np.float64)


def _slabs(image: Array, reference: Array) -> Iterator[tuple[int, Any]]:
    """Yield the start and the slice of parts of the first axis, as wide as a dask array's chunks, else of 1."""
    if image.ndim < 3:
        yield 0, ...
        return
    chunks = next((array.chunks[0] for array in (image, reference) if hasattr(array, "chunks")), (1,) * image.shape[0])
    start = 0
    for width in chunks:
        yield start, slice(start, start + width)
        start += width


def computed(*arrays: Array) -> tuple[np.ndarray, ...]:
    """Return numpy arrays; dask arrays are computed together, so that what they share is computed once."""
    if any(hasattr(array, "dask") for array in arrays):
        from dask.base import compute

        arrays = compute(*arrays)
    return tuple(np.asarray(array) for array in arrays)


def check_pair(image: Array, reference: Array, mask: Array | None = None) -> Array:
    """Raise `InputError` unless the arrays can be compared; return the mask at the image's full shape."""
    if image.shape != reference.shape:
        raise InputError(f"metrics: image {image.shape} and reference {reference.shape} must have the same shape")
    if not image.size:
        raise InputError(f"metrics: the images are empty: shape {image.shape}")
    for name, array in (("image", image), ("reference", reference)):
        if array.dtype.kind not in "uif":
            raise InputError(f"metrics: the {name} is {array.dtype}; expected integers or floats: convert it first")
    if mask is None:
        return np.broadcast_to(np.True_, image.shape)
    if mask.dtype != bool:
        raise InputError(f"metrics: the mask is {mask.dtype}; expected bool: pass mask > 0")
    if mask.shape != image.shape[image.ndim - mask.ndim :]:
        raise InputError(f"metrics: mask {mask.shape} and image {image.shape}: expected the image's shape or last axes")
    if hasattr(mask, "dask"):
        import dask.array

        return dask.array.broadcast_to(mask, image.shape)
    return np.broadcast_to(mask, image.shape)


def check_range(data_range: float | None, image: Array, reference: Array) -> float:
    """Return the declared range of intensities, or that of an integer type, as scikit-image does.

    Raises
    ------
    InputError
        If it isn't positive, or isn't declared and either array is of floats: these have no range of their own, and
        one taken from the values would make scores of different images incomparable.

    >>> check_range(None, np.zeros(1, np.uint8), np.zeros(1, np.uint8))
    255.0
    """
    if data_range is None:
        floats = [str(array.dtype) for array in (image, reference) if array.dtype.kind == "f"]
        if floats:
            raise InputError(
                f"metrics: no data_range, and the values are {floats[0]}, which says nothing of their range; expected "
                "the span of intensities that scores refer to: pass data_range=1.0 for images in [0, 1]"
            )
        if image.dtype != reference.dtype:
            raise InputError(
                f"metrics: image {image.dtype} and reference {reference.dtype} have different ranges: pass data_range"
            )
        limits = np.iinfo(reference.dtype)
        return float(limits.max) - float(limits.min)
    if not (np.isfinite(data_range) and data_range > 0):
        raise InputError(f"metrics: data_range is {data_range:g}; expected a positive number")
    return float(data_range)


def nothing_left(why: str = "the mask is empty, or every value in it is infinite or not a number") -> InputError:
    """Return the error of a comparison without pixels."""
    return InputError(f"metrics: no pixel is left to compare: {why}; expected at least one: look at mask and values")


def per_plane(
    metric: Callable[..., float],
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    **options: Any,
) -> np.ndarray:
    """Return a metric of each plane, NaN where a plane has nothing to compare.

    With ``fitted=True`` each plane has a fit of its own.

    >>> from gan_lessons.metrics.psnr import psnr
    >>> per_plane(psnr, np.zeros((2, 4, 4)), np.stack([np.full((4, 4), 0.1), np.ones((4, 4))]), 1.0).round(3)
    array([20.,  0.])
    """
    inside = check_pair(image, reference, mask)
    declared = check_range(data_range, image, reference)
    scores = np.full(image.shape[:-2], np.nan)
    for index in np.ndindex(scores.shape):
        x, y, chosen = computed(image[index], reference[index], inside[index])
        if (chosen & np.isfinite(x) & np.isfinite(y)).any():
            scores[index] = metric(x, y, declared, mask=chosen, **options)
    return scores
