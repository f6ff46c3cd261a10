"""From an optical transfer function to a kernel of pixels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.fft import fftfreq, fftshift, ifft2

from gan_lessons.degradations.kernels import crop_center, normalized, smallest_holding

SIDE = 65  # pixels: the largest kernel
FINE = 5  # samples a pixel, odd
ENERGY_SHARE = 0.995


@lru_cache(maxsize=1)
def frequencies() -> tuple[np.ndarray, np.ndarray]:
    """Return (fy, fx) in cycles a pixel, up to 2.5: float64, (325, 1) and (1, 325), in FFT order."""
    f = fftfreq(SIDE * FINE, 1 / FINE)
    return f[:, None], f[None, :]


def diffraction_otf(frequency: np.ndarray, cutoff: float) -> np.ndarray:
    """Return the OTF of a clear round aperture in focus, 1 at 0 and 0 from ``cutoff`` on (same unit)."""
    nu = np.minimum(frequency / cutoff, 1)
    return 2 / np.pi * (np.arccos(nu) - nu * np.sqrt(1 - nu**2))


def kernel_from_otf(otf: np.ndarray) -> np.ndarray:
    """Return the image of a point at the center of a pixel, as the pixels record it.

    The continuous PSF is sampled, not its band-limited copy: frequencies beyond a pixel's Nyquist limit fold back, as
    they do in a camera, and the kernel doesn't ring.

    Parameters
    ----------
    otf : (325, 325)
        Real and even, at `frequencies`; with the detector's footprint, if it has one.

    Returns
    -------
    float32, (Y, X), odd, at most 65 pixels, sum 1, nowhere negative
    """
    psf = fftshift(ifft2(otf).real)
    first = FINE // 2  # of every five samples, the pixel's middle
    kernel = np.maximum(psf[first::FINE, first::FINE], 0)
    size = smallest_holding(kernel, ENERGY_SHARE, smallest=3)
    return normalized(crop_center(kernel, (size, size))).astype(np.float32)
