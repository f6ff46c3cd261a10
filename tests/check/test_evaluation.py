"""Right answers from the library, scikit-image and scipy pass; what lessons' wrong answers don't try is tried here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import skimage.measure
import skimage.metrics
from scipy import ndimage
from scipy.stats import norm

from gan_lessons import check
from gan_lessons.metrics.ssim import ssim_map
from gan_lessons.metrics.trust import evidence, reblur_consistency


def _peak_snr(image: np.ndarray, truth: np.ndarray, data_range: float) -> float:
    wide = (one.astype(np.float64) for one in (image, truth))
    return float(skimage.metrics.peak_signal_noise_ratio(*wide, data_range=data_range))


def _similarity_map(image: np.ndarray, truth: np.ndarray, data_range: float) -> np.ndarray:
    options: Any = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return skimage.metrics.structural_similarity(image, truth, data_range=data_range, full=True, **options)[1]


def _ring_correlation(first: np.ndarray, second: np.ndarray) -> list[float]:
    """Return Pearson's coefficient of the coefficients of each ring, one ring after the other."""
    side = len(first)
    spectra = [np.fft.fft2(one) for one in (first, second)]
    y, x = np.meshgrid(*[np.fft.fftfreq(side, 1 / side)] * 2)
    rings = [np.hypot(y, x).round() == number for number in range(1, side // 2)]
    vectors = [[np.concatenate([a[ring].real, a[ring].imag]) for a in spectra] for ring in rings]
    return [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in vectors]


def _reblur_errors(restored: np.ndarray, raw: np.ndarray, psf: np.ndarray) -> tuple[float, float]:
    rows, columns = (side // 2 for side in psf.shape)
    blurred = ndimage.convolve(restored, psf)[rows:-rows, columns:-columns]
    found = reblur_consistency(blurred, raw[rows:-rows, columns:-columns], np.ones((1, 1)))
    return found.rsp, found.rse


def _spot_evidence(difference: np.ndarray, variance: np.ndarray, spot: np.ndarray) -> np.ndarray:
    return evidence.spot_evidence(difference, variance, None, spot).z


def _count_spots(z: np.ndarray, rate: float) -> int:
    marks = np.abs(z) > -norm.ppf(rate / 2 / z.size)
    return int(skimage.measure.label(marks, connectivity=2).max())


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.peak_snr, _peak_snr),
        (check.similarity_map, _similarity_map),
        (check.similarity_map, ssim_map),
        (check.ring_correlation, _ring_correlation),
        (check.reblur_errors, _reblur_errors),
        (check.spot_evidence, _spot_evidence),
        (check.count_spots, _count_spots),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_from_elsewhere_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


@pytest.mark.parametrize(
    ("judge", "answer", "words"),
    [
        (check.peak_snr, lambda image, truth, wide: None, "returns nothing yet"),
        (check.peak_snr, lambda image, truth, wide: -_peak_snr(image, truth, wide), "the sign is turned"),
        (check.similarity_map, lambda *pair: np.full(pair[0].shape, 0.5), "the same everywhere"),
        (check.ring_correlation, lambda a, b: np.square(_ring_correlation(a, b)), "no mistake that we know"),
        (check.reblur_errors, lambda *given: _reblur_errors(*given)[::-1], "RSE comes first"),
        (check.reblur_errors, lambda a, b, psf: _reblur_errors(a, b, psf[::-1, ::-1]), "PSF is turned around"),
        (check.spot_evidence, lambda d, v, spot: _spot_evidence(d, v, spot) / 2, "no mistake that we know"),
        (check.count_spots, lambda z, rate: ..., "returns nothing yet"),
        (check.count_spots, lambda z, rate: 7, "finds 7 places in a map that has 3"),
        (check.count_spots, lambda z, rate: ndimage.label(np.abs(z) > 4.4, np.ones((3, 3))), "the number alone"),
    ],
)
def test_other_mistakes_are_told(judge, answer, words):
    with pytest.raises(check.NotYet, match=words):
        judge(answer)
