"""Decorrelation analysis: the resolution of a single image, without a threshold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.fft import fft2, fftfreq
from scipy.signal.windows import tukey

from gan_lessons.errors import InputError

RADII = 50
FILTERS = 10
LEAST = 32  # pixels a side
NARROWEST = 0.14  # deviation of the weakest smoothing, in pixels: its high-pass leaves only the finest detail
LEAST_PEAK = 0.001  # what a peak rises above the lowest value to its right
TAPER = 0.25


class Decorrelation(NamedTuple):
    """What the analysis found.

    Parameters
    ----------
    cutoff : float
        Highest frequency with structure above the noise, as a share of Nyquist's; 0 where there is none.
    resolution : float
        Its period, in units of ``pixel_size``; infinite where there is none.
    snr : float
        Height of the unfiltered curve's peak, 0 to 1: the more, the cleaner the image.
    """

    cutoff: float
    resolution: float
    snr: float


def decorrelation_analysis(image: np.ndarray, pixel_size: float = 1.0) -> Decorrelation:
    """Estimate the resolution of an image (Descloux et al. 2019, doi:10.1038/s41592-019-0515-7).

    The image is correlated with itself, all frequencies of equal magnitude and those beyond a radius cut off. Structure
    raises that correlation, noise lowers it: the curve over radii has a peak. High-pass filters move the peak outward;
    the farthest that is still one is the cutoff. Ten filters over all radii first, then ten around the best.

    Departures from the authors' code: filters are exact in Fourier space and not convolutions with a truncated kernel,
    and the image isn't padded to a power of two.

    Parameters
    ----------
    image : array, (Y, X)
        One plane, finite, at least 32×32. Sampled finer than the resolution: a peak at Nyquist's frequency says that
        pixels limit. Interpolated, denoised or restored images have no independent noise from pixel to pixel; their
        number says where their spectrum ends, not what can be told apart.
    pixel_size : float
        For example in µm.

    Raises
    ------
    InputError
        If the plane is too small, not finite or constant.

    >>> decorrelation_analysis(np.random.default_rng(0).random((64, 64))).snr < 0.05
    True
    """
    spectrum = fft2(_faded(image, pixel_size))
    y, x = (2 * fftfreq(n) for n in image.shape)
    radius = np.hypot(y[:, None], x)
    inside = radius <= 1
    inside[0, 0] = False  # the mean is no structure
    order = np.argsort(radius[inside])
    magnitude, radius = np.abs(spectrum[inside])[order], radius[inside][order]

    start = _peak(magnitude, radius, 0.0, 1.0)
    widest = 2 / start.cutoff if start.cutoff else min(image.shape) / 2
    widths = np.geomspace(NARROWEST, widest, FILTERS)
    coarse = [*(_filtered(magnitude, radius, width, 0.0, 1.0) for width in widths), start]
    candidates = (max(coarse, key=lambda p: p.cutoff * p.height), max(coarse, key=lambda p: p.cutoff))
    low = max(min(p.cutoff for p in candidates) - 0.05, 0.0)
    high = min(max(p.cutoff for p in candidates) + 0.3, 1.0)
    first, last = sorted(coarse.index(p) for p in candidates)
    if last < FILTERS:
        finer = np.geomspace(widths[max(first - 1, 0)], widths[last], FILTERS)
    else:  # the image itself did best: stronger filters don't help
        finer = np.geomspace(2 / min(image.shape), NARROWEST, FILTERS)
    fine = [_filtered(magnitude, radius, width, low, high) for width in finer]
    cutoff = max(p.cutoff for p in [*coarse, *fine])
    return Decorrelation(cutoff, 2 * pixel_size / cutoff if cutoff else float("inf"), start.height)


class Peak(NamedTuple):
    """A maximum of the curve over radii: where, as a share of Nyquist's frequency, and how high."""

    cutoff: float
    height: float


def _filtered(magnitude: np.ndarray, radius: np.ndarray, width: float, low: float, high: float) -> Peak:
    """Return the peak behind a high-pass: one less a Gaussian whose deviation is ``width`` pixels."""
    return _peak(magnitude * -np.expm1(-((np.pi * radius * width) ** 2) / 2), radius, low, high)


def _peak(magnitude: np.ndarray, radius: np.ndarray, low: float, high: float) -> Peak:
    """Return the last true maximum of ``d(r) = Σ|I| / √(Σ|I|² · n)``, sums but that of |I|² over the disc of radius r.

    Parameters
    ----------
    magnitude, radius : float64 array
        Of all frequencies up to Nyquist's, in order of radius.
    low, high : float
        Radii between which the peak is sought.
    """
    radii = np.linspace(low, high, RADII)
    counts = np.searchsorted(radius, radii, side="right")
    sums = np.concatenate([[0.0], np.cumsum(magnitude)])[counts]
    curve = sums / np.sqrt(np.sum(magnitude**2) * np.maximum(counts, 1))
    end = RADII
    while end > 1:
        top = int(np.argmax(curve[:end]))
        # A maximum at the end is none: the curve may still rise. Nor is one that noise made.
        if top < end - 1 and curve[top] - curve[top:end].min() > LEAST_PEAK:
            return Peak(float(radii[top]), float(curve[top])) if top else Peak(0.0, 0.0)
        end = min(end - 1, top) if top < end - 1 else end - 1
    return Peak(0.0, 0.0)


def _faded(image: np.ndarray, pixel_size: float) -> np.ndarray:
    """Return the plane less its mean, its borders faded: their jump would be structure at all frequencies."""
    name = "decorrelation analysis"
    if image.ndim != 2 or min(image.shape) < LEAST:
        raise InputError(f"{name}: shape {image.shape}; expected one plane (Y, X) of at least {LEAST}×{LEAST}")
    if not (np.isfinite(pixel_size) and pixel_size > 0):
        raise InputError(f"{name}: pixel size {pixel_size:g}; expected a positive number")
    if not np.isfinite(image).all():
        raise InputError(f"{name}: there are values that aren't finite; expected none: choose a region without")
    values = image.astype(np.float64)
    values -= values.mean()
    if not values.any():
        raise InputError(f"{name}: the plane is constant; expected structure")
    for axis, n in enumerate(values.shape):
        values *= tukey(n, TAPER).reshape(-1, 1) if axis == 0 else tukey(n, TAPER)
    return values
