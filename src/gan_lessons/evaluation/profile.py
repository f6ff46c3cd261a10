"""Intensities along a line through a plane: how sharp an edge is, how deep the gap between two spots."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def line_profile(
    plane: np.ndarray, start: tuple[float, float], stop: tuple[float, float], *, count: int, width: int = 1
) -> np.ndarray:
    """Return intensities at points evenly spread from one end of a line to the other, interpolated linearly.

    Parameters
    ----------
    plane : array, (Y, X) or (Y, X, S)
        Color samples are averaged.
    start, stop : (row, column)
        In pixels, not necessarily whole; (0, 0) is the center of the first pixel.
    count : int
        Of points, both ends among them.
    width : int
        Of parallel lines, a pixel apart, that are averaged: noise falls with their number, and so does detail across.

    Returns
    -------
    array of ``count`` floats
        In the plane's units; nan beyond its border, and beside pixels that have no value.

    >>> line_profile(np.arange(12.0).reshape(3, 4), (0, 0), (2, 3), count=3)
    array([ 0. ,  5.5, 11. ])
    """
    values = plane.astype(np.float64)
    values = values.mean(axis=-1) if values.ndim == 3 else values
    along = np.subtract(stop, start)
    length = float(np.hypot(*along)) or 1.0
    across = np.array([-along[1], along[0]]) / length
    shifts = np.arange(width) - (width - 1) / 2
    points = np.linspace(start, stop, count)[:, None] + shifts[:, None] * across  # (count, width, 2)
    found = ndimage.map_coordinates(values, np.moveaxis(points, -1, 0), order=1, cval=np.nan)  # (count, width)
    return np.asarray(found.mean(axis=1))
