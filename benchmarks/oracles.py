# ruff: noqa: E501  (a row of the table a line)
"""Every metric against code of somebody else on 20 photographs: the largest difference of each.

    python benchmarks/oracles.py [--offsets 0 30000]

The photographs come with scikit-image (those of ``tests/metrics/conftest.py``), 256×256 pixels of their middle, or all
of what is smaller, in camera-like units: 1000 a range, upon an offset. Their degraded forms differ in gain, offset and
noise. NanoPyx runs in an environment of its own; its figures on 15 blurred photographs stand in
``tests/metrics/test_resolution.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import convolve
from skimage.color import rgb2gray
from skimage.feature import canny
from skimage.io import imread
from skimage.measure import pearson_corr_coeff
from skimage.metrics import normalized_root_mse, peak_signal_noise_ratio, structural_similarity
from torchmetrics.functional import spectral_angle_mapper
from torchmetrics.functional.classification import binary_f1_score, binary_jaccard_index
from torchmetrics.functional.image import (
    multiscale_structural_similarity_index_measure,
)
from torchmetrics.functional.image import structural_similarity_index_measure as torch_ssim

from gan_lessons.losses.structure import multiscale_dissimilarity
from gan_lessons.metrics.affine import affine_fit
from gan_lessons.metrics.edges import edge_retention
from gan_lessons.metrics.ms_ssim import ms_ssim
from gan_lessons.metrics.nrmse import nrmse
from gan_lessons.metrics.objects import dice, intersection_over_union
from gan_lessons.metrics.pearson import pearson
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.sharpness import laplacian_variance
from gan_lessons.metrics.spectral_angle import spectral_angle
from gan_lessons.metrics.ssim import ssim, ssim_map

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "metrics"))
from conftest import NAMES

SPAN, SIDE = 1000.0, 256
PAPER = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
LAPLACE = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)
Pair = tuple[np.ndarray, np.ndarray]
Measure = Callable[[np.ndarray, np.ndarray], float | np.ndarray]


def pairs(offset: float) -> list[Pair]:
    """Return 20 degraded and clean images."""
    rng, made = np.random.default_rng(0), []
    for k, name in enumerate(NAMES):
        image = imread(str(resources.files("skimage.data") / name))
        image = rgb2gray(image) if image.ndim == 3 else image / 255.0
        y, x = (max(0, (side - SIDE) // 2) for side in image.shape)
        truth = SPAN * image[y : y + SIDE, x : x + SIDE]
        noisy = (1 - 0.02 * k) * truth + 10 * k + rng.normal(0, 10 * (1 + k), truth.shape)
        made.append((noisy + offset, truth + offset))
    return made


def tensors(x: np.ndarray, y: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images as networks take them, float64."""
    return torch.tensor(x)[None, None], torch.tensor(y)[None, None]


def fitted(measure: Measure) -> Measure:
    """Return the oracle after numpy's straight line."""

    def of_fit(x: np.ndarray, y: np.ndarray) -> float | np.ndarray:
        center = x.mean()
        gain, height = np.polyfit((x - center).ravel(), (y - y.mean()).ravel(), 1)
        return measure(gain * (x - center) + height + y.mean(), y)

    return of_fit


def edges(x: np.ndarray, y: np.ndarray) -> float:
    a, b = (canny(i, 1.0, 100 / 255 * SPAN, 200 / 255 * SPAN) for i in (x, y))
    return float((a & b).sum() / (a | b).sum()) if (a | b).any() else float("nan")


def inner_ssim(x: np.ndarray, y: np.ndarray) -> float:
    _, full = torch_ssim(*tensors(x, y), data_range=SPAN, return_full_image=True)
    return full[..., 5:-5, 5:-5].mean().item()


def bands(x: np.ndarray) -> np.ndarray:
    return np.stack([x, np.roll(x, 7, 0), np.roll(x, 5, 1)]) - x.min() + 1


def masks(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x > np.median(y), y > np.median(y)


def nrms(x: np.ndarray, y: np.ndarray) -> float:
    return float(normalized_root_mse(y, x, normalization="min-max") * np.ptp(y) / SPAN)


ROWS: list[tuple[str, str, Measure, Measure]] = [
    ("psnr, dB", "scikit-image", lambda x, y: psnr(x, y, SPAN), lambda x, y: peak_signal_noise_ratio(y, x, data_range=SPAN)),
    ("psnr fitted, dB", "scikit-image, numpy's polyfit", lambda x, y: psnr(x, y, SPAN, fitted=True), fitted(lambda x, y: peak_signal_noise_ratio(y, x, data_range=SPAN))),
    ("ssim", "scikit-image", lambda x, y: ssim(x, y, SPAN), lambda x, y: structural_similarity(x, y, data_range=SPAN, **PAPER)),
    ("ssim fitted", "scikit-image, numpy's polyfit", lambda x, y: ssim(x, y, SPAN, fitted=True), fitted(lambda x, y: structural_similarity(x, y, data_range=SPAN, **PAPER))),
    ("ssim", "torchmetrics, without its border", lambda x, y: ssim(x, y, SPAN), inner_ssim),
    ("ssim_map", "scikit-image, to the border", lambda x, y: ssim_map(x, y, SPAN), lambda x, y: structural_similarity(x, y, data_range=SPAN, full=True, **PAPER)[1]),
    ("ms_ssim", "the loss, which has code of its own", lambda x, y: ms_ssim(x, y, SPAN), lambda x, y: 1 - multiscale_dissimilarity(*(t / SPAN for t in tensors(x, y))).item()),
    ("ms_ssim", "torchmetrics, which counts a mirrored border", lambda x, y: ms_ssim(x, y, SPAN), lambda x, y: multiscale_structural_similarity_index_measure(*tensors(x, y), data_range=SPAN).item()),
    ("nrmse", "scikit-image", lambda x, y: nrmse(x, y, SPAN), nrms),
    ("pearson", "scikit-image", pearson, lambda x, y: float(pearson_corr_coeff(x, y)[0])),
    ("edge_retention", "scikit-image's Canny", lambda x, y: edge_retention(x, y, SPAN), edges),
    ("spectral_angle, °", "torchmetrics", lambda x, y: spectral_angle(bands(x), bands(y)), lambda x, y: np.degrees(spectral_angle_mapper(*(torch.tensor(bands(i))[None] for i in (x, y))).item())),
    ("affine_fit, gain", "numpy's polyfit", lambda x, y: affine_fit(x, y)[0], lambda x, y: np.polyfit((x - x.mean()).ravel(), (y - y.mean()).ravel(), 1)[0]),
    ("dice", "torchmetrics", lambda x, y: dice(*masks(x, y)), lambda x, y: binary_f1_score(*(torch.tensor(m).int() for m in masks(x, y))).item()),
    ("intersection_over_union", "torchmetrics", lambda x, y: intersection_over_union(*masks(x, y)), lambda x, y: binary_jaccard_index(*(torch.tensor(m).int() for m in masks(x, y))).item()),
    ("laplacian_variance, relative", "scipy's convolution", lambda x, y: 1.0, lambda x, y: float(convolve(x, LAPLACE, mode="mirror").var() / laplacian_variance(x))),
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offsets", type=float, nargs="+", default=[0.0, 30_000.0])
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| metric | oracle | " + " | ".join(f"offset {offset:g}" for offset in options.offsets) + " |")
    print("|---|---|" + "---|" * len(options.offsets))
    images = [pairs(offset) for offset in options.offsets]
    for name, oracle, ours, theirs in ROWS:
        cells = []
        for many in images:
            differences = []
            for x, y in many:
                if name.startswith("ms_ssim") and min(x.shape) < 176:
                    continue
                found, expected = np.asarray(ours(x, y)), np.asarray(theirs(x, y))
                if np.isfinite(expected).all():
                    differences.append(float(np.abs(found - expected).max()))
            cells.append(f"{max(differences):.0e} ({len(differences)})")
        print(f"| `{name}` | {oracle} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
