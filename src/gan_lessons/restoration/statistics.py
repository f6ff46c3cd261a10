"""One normalization a channel, from the whole layer; and what its intensities say about the exposure."""

from __future__ import annotations

import warnings
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Normalization, measure_normalization

if TYPE_CHECKING:
    from gan_lessons.image import Array

LARGEST_SAMPLE = 2**20
"""Pixels that the percentiles are taken from; a larger channel is seen at regular steps."""

MOST_PLANES = 64
SATURATED_SHARE = 0.005


def sample_channel(channel: Array, nodata: float | None = None) -> np.ndarray:
    """Return a channel's pixels, or every so many of them along each axis, without gaps.

    Parameters
    ----------
    channel : numpy or dask array, (T, Z, S, Y, X)
        A dask array is read now, at most `MOST_PLANES` of its planes.

    Returns
    -------
    array of one axis, at most `LARGEST_SAMPLE` long; empty where all is gap.
    """
    steps = zip(channel.shape, _steps(channel.shape), strict=True)
    sample = channel[tuple(slice((length - 1) % step // 2, None, step) for length, step in steps)]
    values = np.asarray(sample).ravel()
    known = np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
    return values[known if nodata is None else known & (values != nodata)]


def middle_of(channel: Array, largest: int, nodata: float | None = None) -> np.ndarray:
    """Return the middle of the middle plane of (T, Z, S, Y, X), up to so many pixels a side; gaps get its median."""
    times, planes = channel.shape[:2]
    plane = np.asarray(central(channel[times // 2, planes // 2, 0], largest))
    known = np.isfinite(plane) if nodata is None else np.isfinite(plane) & (plane != nodata)
    return plane if known.all() else np.where(known, plane, np.median(plane[known]) if known.any() else 0)


def central(plane: Array, largest: int) -> Array:
    """Return the middle of a plane (Y, X), up to so many pixels a side.

    >>> central(np.arange(5)[None], 3)
    array([[1, 2, 3]])
    """
    return plane[tuple(slice(max(0, (n - largest) // 2), (n + largest) // 2) for n in plane.shape)]


def measure_channels(
    data: Array, low: float, high: float, nodata: float | None, name: str, darkest: float = 0.0
) -> list[Normalization]:
    """Return the normalization of each channel of (T, C, Z, S, Y, X); warn of saturation.

    The percentiles ``low`` and ``high`` of a channel become ``darkest`` and 1.

    Raises
    ------
    InputError
        If no channel has a finite pixel.
    """
    samples = [sample_channel(data[:, channel], nodata) for channel in range(data.shape[1])]
    if not any(sample.size for sample in samples):
        raise InputError(f"{name}: no pixel has a value (all are nan, infinite or nodata): there is nothing to restore")
    share = max(saturated_share(sample) for sample in samples)
    if share > SATURATED_SHARE:
        message = f"{name}: {share:.1%} of the pixels are saturated; what was brighter there is lost, expose less"
        warnings.warn(message, InputWarning, stacklevel=4)
    normalizations = [measure_normalization(sample, low, high) for sample in samples]
    scales = [normalization.scale / (1 - darkest) for normalization in normalizations]
    return [Normalization(n.offset - darkest * scale, scale) for n, scale in zip(normalizations, scales, strict=True)]


def saturated_share(values: np.ndarray) -> float:
    """Return the share of integer pixels at the full scale of 8, 10, 12, 14 or 16 bits, if that is their maximum.

    >>> saturated_share(np.array([3, 4095, 4095, 7], np.uint16))
    0.5
    """
    if values.dtype.kind not in "ui" or not values.size:
        return 0.0
    top = int(values.max())
    full_scale = top in {2**bits - 1 for bits in (8, 10, 12, 14, 16)} or top == np.iinfo(values.dtype).max
    return float(np.mean(values == top)) if full_scale and values.min() < top else 0.0


def _steps(shape: tuple[int, ...]) -> list[int]:
    """Choose steps along (T, Z, S, Y, X): whole planes are left out first, then rows and columns alike."""
    steps = [1] * len(shape)
    planes = shape[0] * shape[1]
    if np.prod(shape, dtype=float) > LARGEST_SAMPLE and planes > MOST_PLANES:
        steps[1] = min(shape[1], -(-planes // MOST_PLANES))
        steps[0] = -(-shape[0] * -(-shape[1] // steps[1]) // MOST_PLANES)
    turn = cycle((3, 4))
    while np.prod([-(-n // step) for n, step in zip(shape, steps, strict=True)], dtype=float) > LARGEST_SAMPLE:
        steps[next(turn)] += 1
    return steps
