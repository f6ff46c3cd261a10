"""Invented, missing and improved structure: tested against a reference, or against the input itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import ndimage
from scipy.stats import norm

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.differences import from_input, from_reference
from gan_lessons.metrics.trust.evidence import faintest_light, threshold_for
from gan_lessons.metrics.trust.inputs import check_images, check_psf, check_rate
from gan_lessons.metrics.trust.noise_model import estimate_noise
from gan_lessons.metrics.trust.reblur import OUTSIDE

POWER = 0.95  # with which what has the limit's light is found
FAINTEST_CONTRAST, FREQUENCIES = 0.01, 2048  # share that a PSF lets through; steps of the spectrum


@dataclass(frozen=True, eq=False)
class Structure:
    """Where the restored image differs by more than chance, and what would have gone unnoticed.

    All maps have the image's shape, and are nan, or False, where nothing can be judged.

    Parameters
    ----------
    z : array
        Evidence of a spot at each pixel, in standard deviations: above 0 the restored image has more light than it may
        have, below 0 less.
    threshold : float
        What ``|z|`` exceeds anywhere in a faithful image with at most the false-positive rate.
    invented, missing, improved, overfitted : array of bool
        Improved: the input in the restored image's place would be flagged there, and the restored image isn't.
        Overfitted: what is left of the input is less than its noise, or still holds the restored image's own detail, so
        that noise was passed on as detail, or sharpening stopped halfway (only without a reference; else all False).
    invented_count, missing_count, improved_count : int
        Connected places.
    overfitted_share : float
        Of the judged pixels.
    residual_variance : float
        Mean of the squared residual over the noise's variance: 1 where all is explained but the noise, less where noise
        was taken for structure, more where structure was lost. nan with a reference.
    limit : array
        Light of a spot, summed over its pixels, in the input's units, that is found with a probability of 95 % where
        all but the spot is right; where many are wrong, their share in the fit costs some percent.
    finest_period : float
        Pixels; the PSF passes less than 1 % of the contrast of finer patterns, which no comparison with the input can
        judge. nan without a PSF.
    """

    MEANING: ClassVar[str] = (
        "Marked places are where the restored image shows light that the data don't support (invented) or lacks light "
        "that they do (missing), by more than noise can explain; a faithful image shows any mark at all in at most the "
        "stated share of cases. What is fainter than the limit beside it, or finer than the blur lets through, can't "
        "be judged, and no mark there doesn't mean that it is right."
    )

    z: np.ndarray
    threshold: float
    invented: np.ndarray
    missing: np.ndarray
    improved: np.ndarray
    overfitted: np.ndarray
    invented_count: int
    missing_count: int
    improved_count: int
    overfitted_share: float
    residual_variance: float
    limit: np.ndarray
    finest_period: float


def judge_structure(
    restored: np.ndarray,
    raw: np.ndarray,
    psf: np.ndarray | None = None,
    *,
    reference: np.ndarray | None = None,
    noise: PoissonGaussian | None = None,
    size: float | None = None,
    false_positive_rate: float = 0.05,
    outside: float = OUTSIDE,
) -> Structure:
    """Find what the restored image has too much of, or too little, by the input's own noise.

    Without a reference the restored image, blurred again, is subtracted from the input: if it is right, only noise is
    left. With one it is subtracted from the reference, and the unit stays the same: what the input's noise may excuse.
    Gain and offset are fitted in both cases.

    Parameters
    ----------
    restored, raw : array, (…, Y, X) or (…, Z, Y, X)
        Of the same shape; what isn't finite is left out.
    psf : array, (Y, X) or (Z, Y, X), optional
        Needed unless there is a reference.
    reference : array, optional
        The truth as far as it is known, sharp, of the same shape, in any units.
    noise : PoissonGaussian, optional
        Of the input, in its units. By default as `estimate_noise` finds it.
    size : float, optional
        Of the spots that are looked for: the σ of a Gaussian in pixels, from 0, before the PSF. By default a point, and
        1 pixel with a reference.
    false_positive_rate : float
        Probability of any mark, invented or missing, in a faithful image: 0.05. An upper bound (Bonferroni's, over
        pixels).
    outside : float
        Share of a pixel's light from gaps and from beyond the border up to which it is judged; 0.02.

    Raises
    ------
    InputError
        If shapes differ, neither PSF nor reference is given, nothing can be judged, or the noise can't be estimated.
    """
    known = check_images(restored=restored, raw=raw, reference=reference)
    check_rate(false_positive_rate)
    if size is not None and not 0 <= size < np.inf:
        raise InputError(f"trust: size is {size:g} pixels; expected the σ of a spot, from 0")
    kernel = None if psf is None else check_psf(psf, raw)
    x, y = (np.where(known, image, np.nan).astype(np.float64) for image in (restored, raw))
    camera = noise or estimate_noise(y)
    if reference is not None:
        truth = np.where(known, reference, np.nan).astype(np.float64)
        found = from_reference(x, y, truth, kernel, camera, 1.0 if size is None else size, outside)
    elif kernel is not None:
        found = from_input(x, y, kernel, camera, size or 0.0, outside)
    else:
        raise InputError("trust: without a reference, structure is judged by the PSF; give psf or reference")

    z, deviation = found.excess
    threshold = _threshold(z, false_positive_rate)
    invented, missing = z > threshold, z < -threshold
    # Too little is left, or what is left has the detail of what was made, and isn't structure: that would be too much.
    limit = _threshold(found.residual, false_positive_rate / 2)
    overfitted = (found.residual < -limit) | ((found.noise_in_detail > limit) & (found.residual < limit))
    improved = (np.abs(found.untouched) > threshold) & (np.abs(z) <= threshold) & ~overfitted
    return Structure(
        z,
        threshold,
        invented,
        missing,
        improved,
        overfitted,
        _count(invented),
        _count(missing),
        _count(improved),
        float(overfitted.sum() / np.isfinite(z).sum()),
        found.residual_variance,
        faintest_light(deviation, found.variance, found.spot, found.electrons, threshold + norm.ppf(POWER)),
        float("nan") if kernel is None else finest_period(kernel),
    )


def finest_period(psf: np.ndarray) -> float:
    """Return the period in pixels of the finest pattern along rows or columns that keeps 1 % of its contrast.

    Parameters
    ----------
    psf : array, (Y, X) or (Z, Y, X)
        Sum 1.

    >>> finest_period(np.ones((1, 1)))
    2.0
    """
    plane = psf.reshape(-1, *psf.shape[-2:]).sum(axis=0)
    finest = np.inf
    for axis in (0, 1):
        contrast = np.abs(np.fft.rfft(plane.sum(axis=1 - axis), FREQUENCIES))
        lost = np.flatnonzero(contrast < FAINTEST_CONTRAST)
        last = lost[0] - 1 if lost.size else FREQUENCIES // 2
        finest = min(finest, FREQUENCIES / last)
    return float(finest)


def _threshold(z: np.ndarray, rate: float) -> float:
    return threshold_for(rate, int(np.isfinite(z).sum()))


def _count(marks: np.ndarray) -> int:
    return int(ndimage.label(marks, np.ones((3,) * marks.ndim))[1])
