"""Blur an image with a kernel."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.fft import irfftn, next_fast_len, rfftn

Boundary = Literal["reflect", "nearest"]
PAD_MODES = {"reflect": "symmetric", "nearest": "edge"}  # scipy.ndimage's names → numpy's


def convolve(image: np.ndarray, kernel: np.ndarray, boundary: Boundary = "reflect") -> np.ndarray:
    """Convolve the last axes of an image with a kernel by FFT, without wrapping around.

    Equal to `scipy.ndimage.convolve` of the same ``mode`` but for rounding (1e-6 of the image's range), and far quicker
    once the kernel has more than a few dozen pixels.

    Parameters
    ----------
    image : (…, Y, X) or (…, Z, Y, X)
        Any real dtype. Leading axes are independent of each other.
    kernel : (Y, X) or (Z, Y, X)
        Odd.
    boundary : "reflect" or "nearest"
        What lies beyond the image: its mirror image (edge pixels twice), or its edge pixels again.

    Returns
    -------
    float32, of the image's shape

    >>> convolve(np.ones((4, 5)), np.full((3, 3), 1 / 9)).round(3).min()
    np.float32(1.0)
    """
    if any(size % 2 == 0 for size in kernel.shape):
        raise ValueError(f"kernel of shape {kernel.shape} has no middle pixel; expected odd sizes")
    axes = tuple(range(-kernel.ndim, 0))
    halves = [size // 2 for size in kernel.shape]
    pad = [(0, 0)] * (image.ndim - kernel.ndim) + [(half, half) for half in halves]
    level = float(image.mean(dtype=np.float64))  # kept out of the FFT, where a large offset would cost digits
    padded = np.pad((image - level).astype(np.float32), pad, mode=PAD_MODES[boundary])  # type: ignore[call-overload]
    sizes = [next_fast_len(size, real=True) for size in padded.shape[-kernel.ndim :]]
    spectrum = rfftn(padded, sizes, axes) * rfftn(kernel.astype(np.float32, copy=False), sizes)
    blurred = irfftn(spectrum, sizes, axes) + np.float32(level * kernel.sum(dtype=np.float64))
    inside = (slice(2 * half, 2 * half + size) for half, size in zip(halves, image.shape[-kernel.ndim :], strict=True))
    return np.ascontiguousarray(blurred[(..., *inside)])
