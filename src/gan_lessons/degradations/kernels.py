"""Shapes that kernels share: a centered grid, an antialiased disc, a drawn path, cropping about the center."""

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
    inside = np.clip((radius - centered_radius(size * oversample, 1 / oversample)) * oversample + 0.5, 0, 1)
    return normalized(inside.reshape(size, oversample, size, oversample).sum(axis=(1, 3)))


def rasterize(path: np.ndarray) -> np.ndarray:
    """Draw points that are visited for equal times, each shared bilinearly among its four pixels.

    Parameters
    ----------
    path : (N, 2)
        (y, x) in pixels, less than a pixel apart.

    Returns
    -------
    float32, (Y, X), odd and square, the path's centroid in the middle, sum 1

    >>> rasterize(np.array([[0.0, 0.0], [0.0, 1.0]]))
    array([[0.  , 0.  , 0.  ],
           [0.25, 0.5 , 0.25],
           [0.  , 0.  , 0.  ]], dtype=float32)
    """
    path = np.round(path - path.mean(axis=0), 9)
    half = int(np.ceil(np.abs(path).max()))
    kernel = np.zeros((2 * half + 2, 2 * half + 2))  # one row and column more, for neighbors of weight 0
    low = np.floor(path).astype(int)
    share = path - low
    for corner in np.ndindex(2, 2):
        weight = np.where(corner, share, 1 - share).prod(axis=1)
        np.add.at(kernel, tuple((low + corner + half).T), weight)
    return normalized(kernel[:-1, :-1]).astype(np.float32)


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
