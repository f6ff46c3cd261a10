"""Multi-scale structural similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.losses.structure import SCALE_WEIGHTS, TAPS
from gan_lessons.metrics.affine import fit_if
from gan_lessons.metrics.pairs import check_pair, check_range, nothing_left, planes
from gan_lessons.metrics.ssim import check_sides
from gan_lessons.metrics.windows import REACH, similarity

if TYPE_CHECKING:
    from gan_lessons.image import Array

LEAST = TAPS * 2 ** (len(SCALE_WEIGHTS) - 1)


def ms_ssim(
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    fitted: bool = False,
) -> float:
    """Return the multi-scale structural similarity (Wang et al. 2003, doi:10.1109/ACSSC.2003.1292216) of planes.

    Contrast and structure are compared at five scales, luminance at the coarsest; a scale is the mean of 2×2 pixels of
    the one before (an odd last row or column is dropped). Planes are scored by themselves and averaged. Departure: a
    scale whose mean is negative, as of an inverted image, counts as 0, since a negative number has no fractional power.

    Parameters
    ----------
    image, reference : array, (…, Y, X)
        Same shape, same units; planes of at least 176×176 pixels. Numpy or dask.
    data_range : float, optional
        In their units, > 0. That of the type for integers.
    mask : array of bool, optional
        Of the image's shape or of its last axes. A coarser pixel is in it where all its pixels are.
    fitted : bool
        First bring the image to the reference by `affine_fit`.

    Returns
    -------
    float
        From 0 to 1; 1 where they are equal.

    >>> round(ms_ssim(np.eye(176), np.eye(176), 1.0), 12)
    1.0
    """
    data_range = check_range(data_range, image, reference)
    check_pair(image, reference, mask)
    check_sides("MS-SSIM", image.shape, 2, least=LEAST)
    fit = fit_if(fitted, image, reference, mask)
    scores = [
        _of_plane(np.where(known, x, np.nan), y, known, data_range)
        for x, y, known in planes(image, reference, mask=mask, fit=fit)
        if known.any()
    ]
    return float(np.mean(scores))


def _of_plane(x: np.ndarray, y: np.ndarray, chosen: np.ndarray, data_range: float) -> float:
    score = 1.0
    for scale, weight in enumerate(SCALE_WEIGHTS):
        if scale:
            x, y, chosen = _halved(x), _halved(y), _halved(chosen) == 1
        luminance, structure, known = similarity(x, y, data_range)
        seen = (known & chosen)[REACH:-REACH, REACH:-REACH]
        if not seen.any():
            raise nothing_left(f"at scale {scale + 1} no window has its center in the mask and finite values only")
        values = luminance * structure if scale == len(SCALE_WEIGHTS) - 1 else structure
        score *= max(float(values[REACH:-REACH, REACH:-REACH][seen].mean()), 0.0) ** weight
    return score


def _halved(plane: np.ndarray) -> np.ndarray:
    height, width = (side // 2 for side in plane.shape)
    return plane[: 2 * height, : 2 * width].reshape(height, 2, width, 2).mean((1, 3))
