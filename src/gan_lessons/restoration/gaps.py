"""Pixels without a value: not-a-number, infinity, nodata. Found, bridged for the computation, put back afterwards."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter

REACH = 16
"""Distance in pixels up to which a gap is filled from its surroundings."""


def find_gaps(data: np.ndarray, nodata: float | None = None) -> np.ndarray | None:
    """Return where there is no value, or None where there is one everywhere.

    >>> find_gaps(np.array([1.0, np.nan]))
    array([False,  True])
    """
    if data.dtype.kind != "f" and nodata is None:
        return None
    gaps = ~np.isfinite(data)
    if nodata is not None:
        gaps |= data == nodata
    return gaps if gaps.any() else None


def fill_gaps(values: np.ndarray, gaps: np.ndarray, beyond: float) -> np.ndarray:
    """Fill gaps with the mean of the smallest window that holds a value (normalized convolution, Knutsson 1993).

    The windows' reach is finite, so that a tile with a margin of `REACH` is filled as the whole image is.

    Parameters
    ----------
    values, gaps : array, (…, Y, X)
        Planes are filled by themselves.
    beyond : float
        The value of pixels that are farther than `REACH` from any other.

    Returns
    -------
    float64, (…, Y, X)
    """
    filled = np.where(gaps, 0.0, values.astype(np.float64))
    known = (~gaps).astype(np.float64)
    result, missing = filled.copy(), gaps.copy()
    for reach in (1, 2, 4, 8, REACH):
        size = (1,) * (values.ndim - 2) + (2 * reach + 1,) * 2
        share = uniform_filter(known, size, mode="constant")
        near = missing & (share * np.prod(size) > 0.5)  # at least one value; what is left of running sums is far less
        result[near] = uniform_filter(filled, size, mode="constant")[near] / share[near]
        missing &= ~near
        if not missing.any():
            break
    result[missing] = beyond
    return result
