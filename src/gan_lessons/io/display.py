"""The range of intensities that shows an image well: for viewers, which would stretch to a hot pixel or to nodata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.image import measure_normalization

if TYPE_CHECKING:
    from gan_lessons.image import Array

SAMPLE = 512
"""Rows and columns that are looked at, at regular steps."""


def display_range(channel: Array, nodata: float | None = None) -> tuple[float, float]:
    """Return the darkest value and the 99.9th percentile of a channel's first, middle and last planes.

    What isn't finite or is ``nodata`` is left out; a ``nodata`` just below the darkest value stays outside the range.

    Parameters
    ----------
    channel : numpy or dask array, (…, Y, X)
        Of a dask array at most three planes are read.

    >>> display_range(np.array([[-9999.0, 3.0], [4.0, 5.0]]), nodata=-9999.0)[0]
    3.0
    """
    values = _sample(channel)
    known = np.isfinite(values) if nodata is None else np.isfinite(values) & (values != nodata)
    if not known.any():
        return 0.0, 1.0
    found = measure_normalization(values[known], low=0.0)
    low = found.offset
    if nodata is not None and nodata < low <= nodata + 1:
        low = (low + nodata) / 2  # a viewer draws what is at or below its range in one color, and this pixel is real
    return low, found.offset + found.scale


def _sample(channel: Array) -> np.ndarray:
    step = tuple(slice(None, None, max(1, side // SAMPLE)) for side in channel.shape[-2:])
    planes = sorted({0, channel.shape[0] // 2, channel.shape[0] - 1}) if channel.ndim > 2 else []
    if not planes:
        return np.asarray(channel[step]).astype(np.float64).ravel()
    return np.concatenate([_sample(channel[plane]) for plane in planes])
