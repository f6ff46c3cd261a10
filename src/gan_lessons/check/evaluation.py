"""Lesson 9: what a restored image is worth beside a truth, beside a second recording, and beside its own recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage, signal

from gan_lessons.check.exercise import array_of, compare, exercise, require

Answer = Callable[..., Any]

RANGE = 200.0  # neither 1 nor 255, and not the images' largest value
LOPSIDED = np.array([[0, 1, 2], [0, 6, 3], [1, 0, 0], [0, 2, 0], [0, 0, 1]], np.float64) / 16  # not square either


def _pair(shape: tuple[int, int] = (40, 40)) -> tuple[np.ndarray, np.ndarray]:
    """Return two float images that are alike, about 100 in the middle."""
    rng = np.random.default_rng(0)
    truth = 100 + 300 * ndimage.gaussian_filter(rng.normal(size=shape), 2)
    return truth * 0.8 + rng.normal(size=shape) * 6, truth


@exercise
def peak_snr(answer: Answer) -> str:
    """Check ``peak_snr(image, truth, data_range)``: decibels, for floats and for unsigned integers."""
    image, truth = _pair()
    mse = np.mean((image - truth) ** 2)
    right = 10 * np.log10(RANGE**2 / mse)
    found = array_of("peak_snr", answer(image, truth, RANGE), ())
    mistakes = {
        "the range isn't squared; the error is.": 10 * np.log10(RANGE / mse),
        "the image's largest value stands for the range; take data_range.": 10 * np.log10(image.max() ** 2 / mse),
        "the truth's largest value stands for the range; take data_range.": 10 * np.log10(truth.max() ** 2 / mse),
        "20 log10 is for amplitudes; the mean squared error is a power.": 20 * np.log10(RANGE**2 / mse),
        "this is the natural logarithm; decibels take log10.": 10 * np.log(RANGE**2 / mse),
        "the sign is turned: error over range. Better images have more decibels.": -right,
        "this is the mean absolute error; it takes the squared one.": 20
        * np.log10(RANGE / np.mean(np.abs(image - truth))),
    }
    arrays = {sentence: np.asarray(wrong) for sentence, wrong in mistakes.items()}
    compare("peak_snr", found, np.asarray(right), arrays, tolerance=1e-9)
    counts = tuple(one.astype(np.uint8) for one in (image, truth))
    right = 10 * np.log10(RANGE**2 / np.mean(np.subtract(*counts, dtype=np.float64) ** 2))
    found = array_of("peak_snr", answer(*counts, RANGE), ())
    require(
        bool(np.isclose(found, right)),
        f"peak_snr: for uint8 images it gives {float(found):.2f} dB where {right:.2f} is right: unsigned integers wrap "
        "around, 3 - 5 is 254. Convert to float64 first.",
    )
    return "right for floats, and for a camera's integers."


@exercise
def similarity_map(answer: Answer) -> str:
    """Check ``similarity_map(image, truth, data_range)``: SSIM around each pixel, (Y, X)."""
    image, truth = _pair((30, 34))
    found = array_of("similarity_map", answer(image, truth, RANGE), image.shape)

    def mapped(wide: float = RANGE, power: int = 2, truncate: float = 3.5, centered: float = 1.0) -> np.ndarray:
        def mean(x: np.ndarray) -> np.ndarray:
            return ndimage.gaussian_filter(x, 1.5, truncate=truncate)

        c1, c2 = (0.01 * wide) ** power, (0.03 * wide) ** power
        a, b = mean(image), mean(truth)
        covariance = mean(image * truth) - centered * a * b
        variances = mean(image**2) + mean(truth**2) - centered * (a**2 + b**2)
        return (2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * covariance + c2) / (variances + c2)

    mistakes = {
        "data_range isn't used: the constants are those of images in [0, 1].": mapped(wide=1.0),
        "the constants aren't squared: (0.01 · data_range)² and (0.03 · data_range)².": mapped(power=1),
        "the window has 13 taps; with truncate=3.5 it has the paper's 11.": mapped(truncate=4.0),
        "variances are mean squares still: subtract the squares of the local means.": mapped(centered=0.0),
        "it is the same everywhere: use a window's means, not the whole image's.": np.full_like(image, found.flat[0]),
    }
    compare("similarity_map", found, mapped(), mistakes)
    return "it is 1 where both are equal, and says where they aren't."


@exercise
def ring_correlation(answer: Answer) -> str:
    """Check ``ring_correlation(first, second)``: rings 1, 2, … below half of the side."""
    side = 40
    first, second = _pair((side, side))
    found = array_of("ring_correlation", answer(first, second), (side // 2 - 1,))
    a, b = np.fft.fft2(first), np.fft.fft2(second)
    frequency = np.fft.fftfreq(side) * side
    distance = np.hypot(frequency[:, None], frequency[None])

    def rings(values: np.ndarray, ring: np.ndarray) -> np.ndarray:
        return np.bincount(ring.ravel(), values.ravel(), minlength=side)[1 : side // 2]

    nearest, below = np.rint(distance).astype(int), distance.astype(int)

    def correlated(cross: np.ndarray, ring: np.ndarray = nearest) -> np.ndarray:
        return rings(cross, ring) / np.sqrt(rings(np.abs(a) ** 2, ring) * rings(np.abs(b) ** 2, ring))

    counted = rings(np.ones_like(distance), nearest)
    mistakes = {
        "the second spectrum isn't conjugated: without it equal images don't correlate.": correlated((a * b).real),
        "it sums |F₁ F₂|, which noise makes large too: take the real part of F₁ times the conjugate of F₂.": correlated(
            np.abs(a * b)
        ),
        "rings are rounded down; ring r holds what rounds to r.": correlated((a * b.conj()).real, below),
        "each frequency is normalized by itself: sum over the ring first, then divide.": rings(
            (a * b.conj()).real / np.abs(a * b), nearest
        )
        / counted,
        "the root in the denominator is missing.": rings((a * b.conj()).real, nearest)
        / (rings(np.abs(a) ** 2, nearest) * rings(np.abs(b) ** 2, nearest)),
    }
    compare("ring_correlation", found, correlated((a * b.conj()).real), mistakes, tolerance=1e-9)
    return "1 where the images repeat, 0 where they don't."


@exercise
def reblur_errors(answer: Answer) -> str:
    """Check ``reblur_errors(restored, raw, psf)``: RSP and RSE where the whole PSF fits, gain and offset fitted."""
    restored, noisy = _pair((38, 44))
    rows, columns = (side // 2 for side in LOPSIDED.shape)
    inside = np.s_[rows:-rows, columns:-columns]
    raw = 3.0 * ndimage.convolve(noisy, LOPSIDED) - 40.0

    def errors(blurred: np.ndarray, seen: np.ndarray, *, fitted: bool = True) -> np.ndarray:
        x, y = blurred.ravel(), seen.ravel()
        gain, offset = np.polyfit(x, y, 1) if fitted else (1.0, 0.0)
        return np.array([np.corrcoef(x, y)[0, 1], np.sqrt(np.mean((gain * x + offset - y) ** 2))])

    right = errors(signal.fftconvolve(restored, LOPSIDED, mode="valid"), raw[inside])
    found = array_of("reblur_errors", answer(restored, raw, LOPSIDED), (2,))
    squared = np.array([right[0], right[1] ** 2])
    turned = signal.fftconvolve(restored, LOPSIDED[::-1, ::-1], mode="valid")
    mistakes = {
        "gain and offset aren't fitted before the difference is taken.": errors(
            signal.fftconvolve(restored, LOPSIDED, mode="valid"), raw[inside], fitted=False
        ),
        "the restored image isn't blurred.": errors(restored[inside], raw[inside]),
        "RSE is the root of the mean square.": squared,
        "RSE comes first; expected (RSP, RSE).": right[::-1],
        "the PSF is turned around: convolve, don't correlate.": errors(turned, raw[inside]),
        "the border is compared too, where light from outside is missing: mode='valid'.": errors(
            signal.fftconvolve(restored, LOPSIDED, mode="same"), raw
        ),
    }
    compare("reblur_errors", found, right, mistakes, tolerance=1e-6)
    return "gain and offset don't matter to it, and neither does the border."
