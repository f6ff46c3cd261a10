"""Spectral angle: does a pixel keep its mixture of bands?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.metrics.affine import fit_if
from gan_lessons.metrics.pairs import check_pair, computed, nothing_left

if TYPE_CHECKING:
    from gan_lessons.image import Array

ROWS = 64  # at a time, so that memory doesn't follow the number of bands


def spectral_angle(
    image: Array, reference: Array, *, axis: int = 0, mask: Array | None = None, fitted: bool = False
) -> float:
    """Return the mean angle between the spectra of pixels (Kruse et al. 1993, doi:10.1016/0034-4257(93)90013-N).

    Parameters
    ----------
    image, reference : array, for example (C, Y, X)
        Same shape, same units, at least two bands. Numpy or dask.
    axis : int
        Which axis holds the bands.
    mask : array of bool, optional
        Of the image's shape without ``axis``, or of its last axes.
    fitted : bool
        First bring the image to the reference by `affine_fit`, one gain and offset for all bands.

    Returns
    -------
    float
        In degrees, from 0; it doesn't depend on brightness, but on an offset. A pixel that is black in either image, or
        has a band that isn't finite, is left out.

    >>> round(spectral_angle(np.array([[[1.0]], [[0.0]]]), np.array([[[1.0]], [[1.0]]])), 6)
    45.0
    """
    check_pair(image, reference)
    if not -image.ndim <= axis < image.ndim or image.shape[axis] < 2:
        raise InputError(f"spectral angle: axis {axis} of {image.shape}; expected the axis of two bands or more")
    both: list[Any] = [image, reference]
    x, y = (np.moveaxis(array, axis, 0) for array in both)
    inside = check_pair(x[0], y[0], mask).reshape(-1, x.shape[-1])
    gain, offset = fit_if(fitted, x, y, mask)
    x, y = (array.reshape(len(array), -1, array.shape[-1]) for array in (x, y))  # (bands, rows, X)
    total, count = 0.0, 0
    for start in range(0, x.shape[1], ROWS):
        part = slice(start, start + ROWS)
        spectra, truths, chosen = computed(x[:, part], y[:, part], inside[part])
        angles = _angles(gain * spectra.astype(np.float64) + offset, truths.astype(np.float64))
        seen = chosen & np.isfinite(angles)
        total, count = total + float(angles[seen].sum()), count + int(seen.sum())
    if not count:
        raise nothing_left("every pixel is outside of the mask, black, or has a band that isn't finite")
    return total / count


def _angles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return degrees from halves of sum and difference of unit vectors: arccos has no digits for small angles."""
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (spectra / np.linalg.norm(spectra, axis=0) for spectra in (x, y))
    return np.degrees(2 * np.arctan2(np.linalg.norm(x - y, axis=0), np.linalg.norm(x + y, axis=0)))
