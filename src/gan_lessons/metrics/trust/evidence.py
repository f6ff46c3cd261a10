"""How strongly does a difference between two images speak against chance, pixel by pixel?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.signal import fftconvolve
from scipy.stats import norm

from gan_lessons.degradations import PoissonGaussian

LEAST_ELECTRONS = 0.5
"""Read noise that every camera is granted: where no light is predicted, one photon is no proof."""

LEAST_INFORMATION = 0.2
"""Share of the usual information that a pixel near a gap or a border needs to be judged."""


class Evidence(NamedTuple):
    """For a spot at each pixel: its significance, and the precision of its light.

    Parameters
    ----------
    z : array
        In standard deviations of a normal distribution; nan where nothing is known.
    deviation : array
        Standard deviation of the light of a spot (its sum over pixels), in the image's units.
    """

    z: np.ndarray
    deviation: np.ndarray


def noise_cumulants(noise: PoissonGaussian, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the variance, the third and the fourth cumulant of each pixel's noise; nan where nothing is expected."""
    gain = noise.electrons(expected[np.isfinite(expected)])
    camera = PoissonGaussian(electrons_per_unit=gain, offset=noise.offset)
    shot = camera.variance(expected)
    read = (max(noise.read_noise, LEAST_ELECTRONS) / gain) ** 2
    return shot + read, shot / gain, shot / gain**2


def spot_evidence(
    difference: np.ndarray, variance: np.ndarray, third: np.ndarray | None, kernel: np.ndarray
) -> Evidence:
    """Test at each pixel whether the difference holds a spot of the kernel's shape: the score test, a matched filter.

    With weights w = 1/variance: ``z = Σ k w d / √(Σ k² w)``. It is standard normal where there is only noise. The
    skewness of photon counts is taken out by the cube-root transformation (Wilson & Hilferty 1931,
    doi:10.1073/pnas.17.12.684).

    Parameters
    ----------
    difference : array, (…, Y, X) or (…, Z, Y, X)
        nan where nothing is known.
    variance, third : array
        Cumulants of the difference's noise. Without the third the noise counts as symmetric.
    kernel : array, (Y, X) or (Z, Y, X)
        A spot of light 1. Its number of axes says along which it is looked for.

    >>> blank = np.zeros((9, 9)); blank[4, 4] = 3
    >>> spot_evidence(blank, np.full((9, 9), 4.0), None, np.ones((1, 1))).z[4, 4]
    np.float64(1.5)
    """
    known = np.isfinite(difference) & np.isfinite(variance)
    weight = np.where(known, 1 / np.where(known, variance, 1), 0)
    enough = known & (correlate(weight, kernel**2) > LEAST_INFORMATION * weight * np.sum(kernel**2))
    return standardize(difference, variance, third, kernel, np.ones_like(weight), enough)


def standardize(
    difference: np.ndarray,
    variance: np.ndarray,
    third: np.ndarray | None,
    kernel: np.ndarray,
    pattern: np.ndarray,
    judged: np.ndarray,
) -> Evidence:
    """Test at each judged pixel whether the difference holds the pattern, seen through a window: the kernel.

    ``z = Σ k p w d / √(Σ k² p² w)``, for a pattern p that doesn't depend on the noise.

    >>> flat = np.ones((3, 3))
    >>> standardize(flat, flat, None, np.ones((1, 1)), -2 * flat, flat > 0).z[1, 1]
    np.float64(-1.0)
    """
    known = np.isfinite(difference) & np.isfinite(variance) & np.isfinite(pattern)
    weight = np.where(known, pattern / np.where(known, variance, 1), 0)
    information = correlate(np.where(known, pattern, 0) * weight, kernel**2)
    judged = judged & (information > 0)
    deviation = 1 / np.sqrt(np.where(judged, information, np.nan))
    z = correlate(np.where(known, difference, 0) * weight, kernel) * deviation
    if third is not None:
        z = _unskew(z, correlate(np.where(known, third, 0) * weight**3, kernel**3) * deviation**3)
    return Evidence(z, deviation)


def faintest_light(
    deviation: np.ndarray, variance: np.ndarray, kernel: np.ndarray, electrons: float, bar: float
) -> np.ndarray:
    """Return the light of a spot whose expected z is ``bar``; its own photons are noise too.

    The light L solves ``L = bar · deviation · √(1 + L m / (electrons · variance))``: m is the mean share of the light
    that falls on a pixel, weighted as the filter weighs.

    >>> faintest_light(np.array(2.0), np.array(4.0), np.ones((1, 1)), np.inf, 5.0)
    np.float64(10.0)
    """
    own = np.sum(kernel**3) / np.sum(kernel**2) / (electrons * variance)
    square = (bar * deviation) ** 2
    return (square * own + np.sqrt((square * own) ** 2 + 4 * square)) / 2


def correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return Σ over the kernel of kernel · image around each pixel, nothing beyond the border; float64.

    >>> correlate(np.array([[0.0, 1.0, 0.0]]), np.array([[1.0, 2.0, 3.0]])).round(6)
    array([[3., 2., 1.]])
    """
    axes = tuple(range(-kernel.ndim, 0))
    flipped = np.flip(kernel)[(None,) * (image.ndim - kernel.ndim)]
    padded = np.pad(image, [(0, 0)] * (image.ndim - kernel.ndim) + [(side // 2,) * 2 for side in kernel.shape])
    return fftconvolve(padded, flipped, mode="valid", axes=axes)


def _unskew(z: np.ndarray, skewness: np.ndarray) -> np.ndarray:
    """Turn standardized values of a gamma distribution into standard normal ones."""
    known = np.isfinite(z)
    s = np.where(known & (np.abs(skewness) > 1e-3), skewness, 1e-3)
    root = np.cbrt(np.maximum(1 + s * np.where(known, z, 0) / 2, 0))
    transformed = 6 / s * (root - 1) + s / 6
    return np.where(known & (np.abs(skewness) > 1e-3), transformed, z)


def threshold_for(rate: float, looks: int) -> float:
    """Return the ``|z|`` that any of ``looks`` tests of noise exceeds with a probability of at most ``rate``.

    >>> round(threshold_for(0.05, 1), 3), round(threshold_for(0.05, 512**2), 2)
    (1.96, 5.21)
    """
    return float(norm.isf(rate / 2 / max(looks, 1)))
