"""From computed values back to pixels: rounded, clipped and counted, gaps as they were."""

from __future__ import annotations

import numpy as np


def to_pixels(
    values: np.ndarray, original: np.ndarray, gaps: np.ndarray | None, dtype: np.dtype, nodata: float | None
) -> tuple[np.ndarray, int]:
    """Return ``values`` as ``dtype``, and how many of them were clipped to its limits.

    Parameters
    ----------
    values : float array
        In the image's units.
    original : array
        The image: its pixels come back where ``gaps`` is true.
    dtype : numpy dtype
        Integers are rounded to the nearest.
    nodata : float, optional
        No result takes this value by chance: it becomes the next one.
    """
    pixels, clipped = _cast(values, dtype)
    if nodata is not None and (taken := pixels == nodata).any():
        pixels[taken] = _neighbor(nodata, dtype)
    if gaps is not None:
        # A gap of a float image that becomes another float type stays what it was: nan, inf and -inf exist in all.
        pixels[gaps] = original[gaps].astype(dtype)
    return pixels, clipped


def _cast(values: np.ndarray, dtype: np.dtype) -> tuple[np.ndarray, int]:
    low, high = _limits(dtype)
    if dtype.kind in "ui":
        values = np.rint(values)
    clipped = int(np.count_nonzero(values < low)) + int(np.count_nonzero(values > high))
    if clipped:
        values = np.clip(values, low, high)
    return values.astype(dtype), clipped


def _limits(dtype: np.dtype) -> tuple[float, float]:
    if dtype.kind == "f":
        return float(np.finfo(dtype).min), float(np.finfo(dtype).max)
    limits = np.iinfo(dtype)
    high = float(limits.max)
    return float(limits.min), high if int(high) <= limits.max else float(np.nextafter(high, 0))  # 64 bits round up


def _neighbor(value: float, dtype: np.dtype) -> float | int:
    if dtype.kind == "f":
        return np.nextafter(dtype.type(value), dtype.type(0 if value else 1))
    return int(value) - 1 if value == np.iinfo(dtype).max else int(value) + 1
