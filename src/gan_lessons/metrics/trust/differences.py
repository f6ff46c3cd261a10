"""The two differences that structure is judged by: from the input, through the PSF, and from a reference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.signal import fftconvolve

from gan_lessons.degradations import GaussianBlur, PoissonGaussian
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.evidence import Evidence, correlate, noise_cumulants, spot_evidence, standardize
from gan_lessons.metrics.trust.reblur import gain_offset, reblur

WINDOW = 8.0  # pixels, σ of the neighborhood in which the residual's variance is taken
WIDE_WINDOW = 16.0  # of that in which detail is looked for: no error of the noise model moves that test
DETAIL = 1.0  # pixels, σ of the Gaussian that is subtracted to leave the detail


class Difference(NamedTuple):
    """What was found at each pixel; every z is standard normal where there is nothing to find.

    Parameters
    ----------
    excess : Evidence
        Of light that the restored image has too much of (z > 0), or too little.
    variance : array
        Of the input's noise.
    spot : array
        What was looked for, light 1.
    electrons : float
        A unit of light is so many photons; infinite with a reference, whose difference has no noise of its own.
    untouched : array
        The same z for the input in the restored image's place.
    residual : array
        z of the residual's variance: below 0, less than the noise's. nan with a reference.
    noise_in_detail : array
        z of the restored image's fine detail in the residual: above 0, the input's noise went into it. nan with a
        reference.
    residual_variance : float
        Its mean, over the noise's. nan with a reference.
    """

    excess: Evidence
    variance: np.ndarray
    spot: np.ndarray
    electrons: float
    untouched: np.ndarray
    residual: np.ndarray
    noise_in_detail: np.ndarray
    residual_variance: float


def from_input(
    restored: np.ndarray, raw: np.ndarray, psf: np.ndarray, noise: PoissonGaussian, size: float, outside: float
) -> Difference:
    """Subtract the input from the restored image, blurred again: only the input's noise should be left."""
    blurred = reblur(restored, psf, np.isfinite(restored), outside)
    predicted, (variance, third, fourth) = _fit(blurred, raw, noise)
    excess = predicted - raw
    spot = fftconvolve(psf, _gaussian(size, psf.ndim)) if size else psf
    evidence = spot_evidence(excess, variance, -third, spot)
    square = excess**2 / variance
    residual = spot_evidence(square - 1, 2 + fourth / variance**2, None, _gaussian(WINDOW)).z
    # A truth knows nothing of the noise; what was made from the noise is still found in what it left over.
    smooth = reblur(restored, _gaussian(DETAIL), np.isfinite(restored), outside)
    detail = standardize(-excess, variance, third, _gaussian(WIDE_WINDOW), restored - smooth, np.isfinite(evidence.z)).z
    untouched = _contradiction(raw, variance, psf, spot, outside)
    gain = noise.electrons(predicted[np.isfinite(predicted)])
    return Difference(evidence, variance, spot, gain, untouched, residual, detail, float(np.nanmean(square)))


def from_reference(
    restored: np.ndarray,
    raw: np.ndarray,
    reference: np.ndarray,
    psf: np.ndarray | None,
    noise: PoissonGaussian,
    size: float,
    outside: float,
) -> Difference:
    """Subtract the reference, brought to the input's units, from the restored image."""
    expected = reference if psf is None else reblur(reference, psf, np.isfinite(reference), outside)
    _check_known(expected, raw)
    gain, offset = gain_offset(expected, raw)
    _, (variance, _, _) = _fit(expected, raw, noise)
    gain, offset = gain_offset(expected, raw, variance)
    truth = gain * reference + offset
    spot = _gaussian(size)

    def difference(image: np.ndarray) -> Evidence:
        gain, offset = gain_offset(image, truth, variance)
        # Nothing here is noise: the input's is the unit, and no skewness is to be taken out.
        return spot_evidence(gain * image + offset - truth, variance, None, spot)

    evidence, untouched = difference(restored), difference(raw).z
    nowhere = np.full(raw.shape, np.nan)
    return Difference(evidence, variance, spot, np.inf, untouched, nowhere, nowhere, float("nan"))


def _fit(blurred: np.ndarray, raw: np.ndarray, noise: PoissonGaussian) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Bring the prediction to the input's gain and offset; return it with the cumulants of its noise."""
    _check_known(blurred, raw)
    gain, offset = gain_offset(blurred, raw)
    # The noise follows from what is predicted, not from the noisy pixel itself, which would weigh low values more.
    variance, _, _ = noise_cumulants(noise, gain * blurred + offset)
    gain, offset = gain_offset(blurred, raw, variance)
    predicted = gain * blurred + offset
    return predicted, noise_cumulants(noise, predicted)


def _check_known(blurred: np.ndarray, raw: np.ndarray) -> None:
    if not np.isfinite(blurred).any():
        raise InputError(
            f"trust: the PSF leaves no pixel of {raw.shape} whose light is known; "
            "give a smaller PSF, a larger image, or raise outside"
        )


def _contradiction(
    raw: np.ndarray, variance: np.ndarray, psf: np.ndarray, spot: np.ndarray, outside: float
) -> np.ndarray:
    """Return the z of the input's own contradiction: were it the truth, blurring would have changed it no more."""
    change = reblur(raw, psf, np.isfinite(raw), outside) - raw
    seen = np.isfinite(change) & np.isfinite(variance)
    point = np.zeros_like(psf)
    point[tuple(side // 2 for side in psf.shape)] = 1
    # Both images hold the same noise, which passes through the blur and the search for spots.
    passed = fftconvolve(spot, np.flip(psf - point))
    deviation = np.sqrt(np.maximum(correlate(np.where(seen, variance, 0), passed**2), 0))
    whole = seen & (correlate(seen.astype(np.float64), spot) >= 1 - outside) & (deviation > 0)
    return np.where(whole, correlate(np.where(seen, change, 0), spot), np.nan) / np.where(whole, deviation, 1)


def _gaussian(sigma: float, axes: int = 2) -> np.ndarray:
    """Return a spot of light 1 in the plane, (Y, X) or (1, Y, X)."""
    plane = GaussianBlur((sigma, sigma)).kernel().astype(np.float64)
    return plane.reshape((1,) * (axes - 2) + plane.shape)
