"""A PSF from one number: what stands in for the optics' where nobody knows them."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

EXPONENT = 1.5
"""Between an in-focus microscope's transfer function (about 1.1 to 1.6) and a defocused one's (1.4 to 1.7).

`benchmarks/blind.py` measures what that costs against the true PSF, and what other exponents cost.
"""

CUTOFFS = (0.02, 0.5)
"""Range of cut-offs in cycles a pixel: from a blur of 20 pixels to none."""

_GRID = 128


def typical_psf(cutoff: float, radius: int = 40, exponent: float = EXPONENT) -> np.ndarray:
    """Return the PSF whose transfer function is ``exp(-(f / cutoff)^exponent)``, f in cycles a pixel.

    Returns
    -------
    float32 (2·radius + 1, 2·radius + 1), centered, sum 1, not negative.

    >>> float(typical_psf(0.1).sum().round(5))
    1.0
    """
    kernel = np.fft.fftshift(np.fft.ifft2(np.exp(-((_frequencies() / cutoff) ** exponent))).real)
    middle = slice(_GRID // 2 - radius, _GRID // 2 + radius + 1)
    kernel = np.maximum(kernel[middle, middle], 0)
    return (kernel / kernel.sum()).astype(np.float32)


def fit_cutoff(psf: np.ndarray, exponent: float = EXPONENT) -> float:
    """Return the cut-off at which `typical_psf` is nearest to a PSF (Y, X), all frequencies counting alike."""
    half = min(psf.shape[0] // 2, psf.shape[1] // 2, _GRID // 2 - 1)
    center_y, center_x = psf.shape[0] // 2, psf.shape[1] // 2
    core = psf[center_y - half : center_y + half + 1, center_x - half : center_x + half + 1].astype(float)
    grid = np.zeros((_GRID, _GRID))
    grid[: len(core), : len(core)] = core / core.sum()
    transfer = np.fft.fft2(np.roll(grid, (-half, -half), (0, 1))).real
    rings = np.minimum((_frequencies() * 80).astype(int), 40).ravel()
    profile = np.bincount(rings, transfer.ravel()) / np.bincount(rings)
    middles = (np.arange(40) + 0.5) / 80

    def misfit(log_cutoff: float) -> float:
        return float(((np.exp(-((middles / np.exp(log_cutoff)) ** exponent)) - np.maximum(profile[:40], 0)) ** 2).sum())

    return float(np.exp(minimize_scalar(misfit, bounds=tuple(np.log(CUTOFFS)), method="bounded").x))


def _frequencies() -> np.ndarray:
    axis = np.fft.fftfreq(_GRID)
    return np.hypot(axis[:, None], axis)
