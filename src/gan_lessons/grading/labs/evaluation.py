"""Lab 9: what a restored image is worth: masked and affine PSNR, FRC, re-blur, and structure that was invented."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from gan_lessons.grading.lab import Arrays, Criterion, Lab, Numbers, Task

SIDE = 48


def numbers(draw: np.random.Generator) -> dict[str, Any]:
    """Draw a variant."""
    return {
        "LOW": float(draw.choice([0.5, 1.0, 2.0])),
        "HIGH": float(draw.choice([98.0, 99.0, 99.5])),
        "RING": int(draw.choice([2, 3, 4])),
        "LEVEL": float(draw.choice([0.3, 0.4, 0.5])),
        "REACH": int(draw.choice([1, 2, 3])),
    }


def masked_psnr(numbers: Numbers, restored: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """Return decibels, over the masked pixels alone, by the range between two percentiles of the truth there."""
    inside = truth[mask]
    low, high = np.percentile(inside, [numbers["LOW"], numbers["HIGH"]])
    error = np.mean((restored[mask] - inside) ** 2)
    return float(10 * np.log10((high - low) ** 2 / error))


def affine_nrmse(numbers: Numbers, restored: np.ndarray, truth: np.ndarray) -> float:
    """Return what the best line through (restored, truth) leaves, as a share of the truth's spread."""
    columns = np.stack([restored.ravel(), np.ones(restored.size)], 1)
    line, *_ = np.linalg.lstsq(columns, truth.ravel(), rcond=None)
    return float(np.sqrt(np.mean((columns @ line - truth.ravel()) ** 2)) / truth.std())


def ring_correlation(numbers: Numbers, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the correlation of two square images' spectra in each ring."""
    side = len(a)
    frequency = np.fft.fftfreq(side, 1 / side)
    radius = np.hypot(frequency[:, None], frequency[None])
    ring = (radius // numbers["RING"]).astype(int)
    left, right = np.fft.fft2(a), np.fft.fft2(b)
    found = []
    for number in range(side // 2 // numbers["RING"]):
        x, y = left[ring == number], right[ring == number]
        found.append(np.sum(x * y.conj()).real / np.sqrt(np.sum(np.abs(x) ** 2) * np.sum(np.abs(y) ** 2)))
    return np.array(found)


def reblur_error(numbers: Numbers, restored: np.ndarray, observed: np.ndarray, psf: np.ndarray, sigma: float) -> float:
    """Return how far the restored image, blurred again, is from what was observed, in noise's standard deviations."""
    blurred = ndimage.convolve(restored, psf, mode="wrap")
    return float(np.sqrt(np.mean((blurred - observed) ** 2)) / sigma)


def invented(numbers: Numbers, restored: np.ndarray, truth: np.ndarray) -> float:
    """Return the share of restored structure that has no true structure within reach."""
    seen = restored > numbers["LEVEL"] * restored.max()
    real = truth > numbers["LEVEL"] * truth.max()
    near = ndimage.maximum_filter(real, 2 * numbers["REACH"] + 1, mode="constant")
    return float((seen & ~near).sum() / seen.sum()) if seen.any() else 0.0


def _specimen(draw: np.random.Generator) -> np.ndarray:
    image = ndimage.gaussian_filter(draw.random((SIDE, SIDE)) ** 40, 1.5, mode="wrap")
    return image / image.max()


def _images(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    truth = 3 * _specimen(draw) + 0.2
    restored = 0.6 * truth + 0.3 + 0.05 * draw.normal(size=truth.shape)
    mask = ndimage.gaussian_filter(draw.normal(size=truth.shape), 3) > 0
    return {"restored": restored, "truth": truth, "mask": mask.astype(np.uint8)}


def _halves(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    image = _specimen(draw)
    return {"a": image + 0.05 * draw.normal(size=image.shape), "b": image + 0.05 * draw.normal(size=image.shape)}


def _reblur_given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    psf = draw.random((5, 5))  # of no symmetry, so that a correlation is told from a convolution
    psf /= psf.sum()
    restored = _specimen(draw)
    observed = ndimage.convolve(restored, psf, mode="wrap") + 0.02 * draw.normal(size=restored.shape)
    return {"restored": restored + 0.01, "observed": observed, "psf": psf, "sigma": np.array(0.02)}


def _invented_given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    truth = _specimen(draw)
    return {"truth": truth, "restored": np.maximum(np.roll(truth, 1, 0), 0.9 * _specimen(draw)), "faithful": truth * 2}


def _invented_truth(numbers: Numbers, given: Arrays) -> Arrays:
    found = {name: np.array(invented(numbers, given[name], given["truth"])) for name in ("restored", "faithful")}
    return {"some": found["restored"], "both": np.stack([found["faithful"], found["restored"]])}


LAB = Lab(
    number=9,
    topic="evaluation",
    title="What a restored image is worth",
    numbers=numbers,
    hidden=("skimage.metrics", "torchmetrics", "piq", "monai", "kornia"),
    tasks=(
        Task(
            "masked_psnr",
            _images,
            lambda numbers, given: {
                "everywhere": np.array(masked_psnr(numbers, given["restored"], given["truth"], given["mask"] < 2)),
                "masked": np.array(masked_psnr(numbers, given["restored"], given["truth"], given["mask"] > 0)),
            },
            (
                Criterion("everywhere", 2, "PSNR by the range between your percentiles", 1e-6),
                Criterion("masked", 2, "error and range from the masked pixels alone", 1e-6),
            ),
        ),
        Task(
            "affine_nrmse",
            _images,
            lambda numbers, given: {"value": np.array(affine_nrmse(numbers, given["restored"], given["truth"]))},
            (Criterion("value", 4, "what the best affine fit leaves", 1e-6),),
        ),
        Task(
            "ring_correlation",
            _halves,
            lambda numbers, given: {
                "same": ring_correlation(numbers, given["a"], given["a"] + 1e-9 * given["b"]),
                "halves": ring_correlation(numbers, given["a"], given["b"]),
            },
            (
                Criterion("same", 1, "as many rings as there should be, all 1 for the same image", 1e-6),
                Criterion("halves", 4, "the correlation in each ring", 1e-6),
            ),
        ),
        Task(
            "reblur_error",
            _reblur_given,
            lambda numbers, given: {
                "value": np.array(
                    reblur_error(numbers, given["restored"], given["observed"], given["psf"], float(given["sigma"]))
                )
            },
            (
                Criterion(
                    "value", 4, "blurred again, by a convolution that goes around the edges, in units of noise", 1e-6
                ),
            ),
        ),
        Task(
            "invented",
            _invented_given,
            _invented_truth,
            (
                Criterion("some", 3, "share of restored structure without a true one in reach", 1e-6),
                Criterion("both", 1, "none in a faithful image of twice the brightness", 1e-6),
            ),
        ),
    ),
)
