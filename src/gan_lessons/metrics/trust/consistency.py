"""Blurred again, does the restored image give back the input? SQUIRREL's measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import optimize

from gan_lessons.degradations import GaussianBlur
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.inputs import check_images, check_psf
from gan_lessons.metrics.trust.reblur import OUTSIDE, gain_offset, reblur

WIDEST = 10.0  # pixels, σ of a fitted blur


@dataclass(frozen=True, eq=False)
class Consistency:
    """Agreement of the input with the restored image, blurred again.

    Parameters
    ----------
    rsp : float
        Resolution-scaled Pearson coefficient, −1 to 1; nan where one of the images is constant.
    rse : float
        Resolution-scaled error: root mean square difference, in the input's units.
    gain, offset : float
        Of the fit ``input ≈ gain · blurred + offset``.
    map : array
        Absolute difference, in the input's units; nan where it isn't known.
    """

    MEANING: ClassVar[str] = (
        "The restored image was blurred again, as the microscope blurs, and compared with what was recorded: a "
        "correlation (RSP) near 1 and a map that is even and dark mean that the result could have produced the data. "
        "Bright places in the map contradict the data; a good score doesn't prove fine detail, because blurring "
        "removes it before the comparison."
    )

    rsp: float
    rse: float
    gain: float
    offset: float
    map: np.ndarray


def reblur_consistency(
    restored: np.ndarray, raw: np.ndarray, psf: np.ndarray | None = None, *, outside: float = OUTSIDE
) -> Consistency:
    """Blur the restored image, fit gain and offset, and compare it with the input (SQUIRREL, Culley et al. 2018).

    *Nature Methods* 15, 263 (doi:10.1038/nmeth.4605). Differs from its program in what is fitted: with a PSF only gain
    and offset, and these by least squares; there, a Gaussian is always fitted along with them, by a particle swarm.

    Parameters
    ----------
    restored, raw : array, (…, Y, X) or (…, Z, Y, X)
        Of the same shape; what isn't finite is left out.
    psf : array, (Y, X) or (Z, Y, X), optional
        Odd sides, values from 0. By default the Gaussian, the same for all planes, that brings the two nearest.
    outside : float
        Share of a pixel's light from gaps and from beyond the border, 0 to 1, up to which it is compared; 0.02.

    Raises
    ------
    InputError
        If the shapes differ, nothing is finite, the PSF can't be one, or no pixel is far enough from the border.

    >>> raw = np.random.default_rng(0).random((32, 32))
    >>> found = reblur_consistency(2 * raw + 1, raw, np.ones((1, 1)))
    >>> round(found.rsp, 6), round(found.gain, 6), round(found.offset, 6)
    (1.0, 0.5, -0.5)
    """
    known = check_images(restored=restored, raw=raw)
    kernel = _best_gaussian(restored, raw, known, outside) if psf is None else check_psf(psf, raw)
    blurred = reblur(restored, kernel, known, outside)
    seen = np.isfinite(blurred)
    if not seen.any():
        raise InputError(
            f"trust: a PSF {kernel.shape} on an image {raw.shape} leaves no pixel whose light is known; "
            "give a smaller PSF, a larger image, or raise outside"
        )
    gain, offset = gain_offset(blurred, raw)
    error = np.abs(gain * blurred + offset - raw)
    return Consistency(
        _pearson(blurred[seen], raw[seen].astype(np.float64)),
        float(np.sqrt(np.mean(error[seen] ** 2))),
        gain,
        offset,
        error,
    )


def _best_gaussian(restored: np.ndarray, raw: np.ndarray, known: np.ndarray, outside: float) -> np.ndarray:
    """Return the Gaussian of the least resolution-scaled error."""

    def kernel_of(sigma: float) -> np.ndarray:
        return GaussianBlur((sigma, sigma)).kernel().astype(np.float64)

    def error(sigma: float) -> float:
        blurred = reblur(restored, kernel_of(sigma), known, outside)
        gain, offset = gain_offset(blurred, raw)
        return float(np.nanmean((gain * blurred + offset - raw) ** 2))

    widest = min(WIDEST, min(raw.shape[-2:]) / 12)  # so that a middle remains
    found = optimize.minimize_scalar(error, bounds=(0.1, max(widest, 0.2)), method="bounded", options={"xatol": 0.02})
    return kernel_of(float(found.x))


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    norm = np.sqrt(np.sum(a**2) * np.sum(b**2))
    return float(np.sum(a * b) / norm) if norm > 0 else float("nan")
