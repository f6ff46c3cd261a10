"""Shapes that kernels share: a centered grid, an antialiased disc, cropping about the center."""

from __future__ import annotations

import numpy as np


def centered_radius(size: int, step: float = 1.0) -> np.ndarray:
    """Return each pixel's distance from the middle of a square.

    Parameters
    ----------
    size : int
        Pixels a side; odd puts the zero on a pixel.
    step : float
        Distance between pixels, in any unit.

    Returns
    -------
    float64, (size, size)
    """
    x = (np.arange(size) - (size - 1) / 2) * step
    return np.hypot(x[:, None], x)


def disc(radius: float, *, oversample: int = 11) -> np.ndarray:
    """Return a disc whose edge pixels hold the share of their area inside it.

    Parameters
    ----------
    radius : float
        In pixels, ≥ 0; a radius of 0 gives the single pixel.
    oversample : int
        Points a pixel along each axis, odd.

    Returns
    -------
    float64, (Y, X), odd, sum 1

    >>> disc(0.3)
    array([[1.]])
    """
    size = 2 * int(np.ceil(radius - 0.5)) + 1 if radius > 0.5 else 1
    if size == 1:
        return np.ones((1, 1))
    inside = (centered_radius(size * oversample, 1 / oversample) <= radius).astype(np.float64)
    return normalized(inside.reshape(size, oversample, size, oversample).sum(axis=(1, 3)))


def normalized(kernel: np.ndarray) -> np.ndarray:
    """Return the kernel divided by its sum, so that it keeps the flux of an image."""
    return kernel / kernel.sum(dtype=np.float64)


def crop_center(kernel: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the middle of an odd-sized kernel; ``shape`` is odd and nowhere larger."""
    starts = [(have - want) // 2 for have, want in zip(kernel.shape, shape, strict=True)]
    return kernel[tuple(slice(start, start + want) for start, want in zip(starts, shape, strict=True))]


def smallest_holding(kernel: np.ndarray, share: float, *, smallest: int) -> int:
    """Return the smallest odd side of a middle square of (…, Y, X) that holds ``share`` of the kernel's sum."""
    flat = kernel.reshape(-1, *kernel.shape[-2:]).sum(axis=0)
    total, side = flat.sum(), kernel.shape[-1]
    for size in range(min(smallest, side), side, 2):
        if crop_center(flat, (size, size)).sum() >= share * total:
            return size
    return side
