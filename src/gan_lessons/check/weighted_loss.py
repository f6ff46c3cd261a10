"""Lesson 8: structural similarity, and the loss that weights it, on tensors (N, 1, H, W)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from gan_lessons.check.exercise import array_of, compare, exercise, require

Answer = Callable[..., Any]

TAPS, SIGMA, EDGE = 11, 1.5, 5
RANGE = 200.0  # far from 1 and from 255, so that a range that is taken for granted shows


def _pair() -> tuple[np.ndarray, np.ndarray]:
    """Return two images that are alike, (2, 1, 24, 27) each: the first dim, the second bright."""
    rng = np.random.default_rng(0)
    truth = ndimage.gaussian_filter(rng.normal(size=(2, 1, 24, 27)), (0, 0, 2, 2)) * 200
    truth += np.reshape([15.0, 120.0], (2, 1, 1, 1))
    return truth * 0.9 + rng.normal(size=truth.shape) * 5, truth


def _mean(x: np.ndarray, window: np.ndarray) -> np.ndarray:
    blurred = ndimage.correlate1d(ndimage.correlate1d(x, window, axis=-2), window, axis=-1)
    return blurred[..., EDGE:-EDGE, EDGE:-EDGE]


def _gauss(sigma: float = SIGMA) -> np.ndarray:
    line = np.exp(-((np.arange(TAPS) - EDGE) ** 2) / (2 * sigma**2))
    return line / line.sum()


def _ssim(
    x: np.ndarray, y: np.ndarray, *, wide: float = RANGE, squared: bool = True, centered: bool = True, bessel: float = 1
) -> np.ndarray:
    power = 2 if squared else 1
    c1, c2 = (0.01 * wide) ** power, (0.03 * wide) ** power
    a, b = _mean(x, _gauss()), _mean(y, _gauss())
    less = 1.0 if centered else 0.0
    xx, yy, xy = (
        bessel * (_mean(p * q, _gauss()) - less * r * s) for p, q, r, s in ((x, x, a, a), (y, y, b, b), (x, y, a, b))
    )
    similar = (2 * a * b + c1) / (a * a + b * b + c1) * (2 * xy + c2) / (xx + yy + c2)
    return similar.mean((1, 2, 3))


def _tensors() -> tuple[Tensor, Tensor]:
    image, truth = (torch.from_numpy(one) for one in _pair())
    return image.requires_grad_(), truth


def _require_gradient(name: str, result: Any) -> None:
    require(
        result is None or result is ... or (isinstance(result, Tensor) and result.requires_grad),
        f"{name}: no gradient reaches the image, so nothing could be trained; stay in torch, without .item() or numpy.",
    )


def _one_an_image(name: str, result: Any) -> np.ndarray:
    require(
        getattr(result, "shape", None) != (),
        f"{name}: it gives one number for the batch; expected one an image, (N,): take the mean over all axes but the "
        "first.",
    )
    _require_gradient(name, result)
    return array_of(name, result, (2,))


@exercise
def local_mean(answer: Answer) -> str:
    """Check ``local_mean(x)``: the Gaussian window's mean, (N, 1, H, W) → (N, 1, H - 10, W - 10)."""
    x = _pair()[1]
    result = answer(torch.from_numpy(x))
    require(
        getattr(result, "shape", None) != x.shape,
        "local_mean: the result is as large as the image, so something was padded. Take windows inside only.",
    )
    found = array_of("local_mean", result, (2, 1, 14, 17))
    box = np.full(TAPS, 1 / TAPS)
    mistakes = {
        "the window is flat; expected a Gaussian.": _mean(x, box),
        "the window doesn't sum to 1: divide it by its sum.": _mean(x, _gauss() / _gauss().max()),
        "sigma is 1.06 where 1.5 is right: a Gaussian's exponent is x² / (2 sigma²).": _mean(
            x, _gauss(SIGMA / math.sqrt(2))
        ),
    }
    compare("local_mean", found, _mean(x, _gauss()), mistakes)
    return "11 taps of a Gaussian of 1.5 pixels, inside the image only."


@exercise
def similarity(answer: Answer) -> str:
    """Check ``similarity(image, truth, data_range)``: the mean SSIM of each image, (N,)."""
    found = _one_an_image("similarity", answer(*_tensors(), RANGE))
    x, y = _pair()
    right = _ssim(x, y)
    mistakes = {
        "data_range isn't used: the constants are those of images in [0, 1].": _ssim(x, y, wide=1.0),
        "the constants are those of 8-bit images, whatever data_range says.": _ssim(x, y, wide=255.0),
        "the constants aren't squared: (0.01 · data_range)² and (0.03 · data_range)².": _ssim(x, y, squared=False),
        "variances and covariance are mean squares still: subtract the squares of the local means.": _ssim(
            x, y, centered=False
        ),
        "variances are multiplied by 121/120. The paper's windows are weighted; nothing is to be corrected.": _ssim(
            x, y, bessel=121 / 120
        ),
        "this is 1 - SSIM; the loss will take care of that.": 1 - right,
    }
    compare("similarity", found, right, mistakes, tolerance=1e-5)
    return "as in the paper, one value an image."


@exercise
def charbonnier(answer: Answer) -> str:
    """Check ``charbonnier(image, truth, epsilon)``: one value an image, (N,), 0 where both are equal."""
    epsilon = 3.0
    found = _one_an_image("charbonnier", answer(*_tensors(), epsilon))
    error = np.subtract(*_pair())
    root = np.sqrt(error**2 + epsilon**2)
    mistakes = {
        "it isn't 0 where both are equal: subtract epsilon.": root,
        "epsilon isn't squared under the root.": np.sqrt(error**2 + epsilon) - epsilon,
        "this is L1: epsilon isn't used.": np.abs(error),
        "this is the squared error: take the root of each pixel's.": error**2,
    }
    means = {sentence: wrong.mean((1, 2, 3)) for sentence, wrong in mistakes.items()}
    compare("charbonnier", found, (root - epsilon).mean((1, 2, 3)), means, tolerance=1e-5)
    return "round at the bottom, straight above epsilon."


@exercise
def tuning_loss(answer: Answer) -> str:
    """Check ``tuning_loss(image, truth, weight, data_range)``: ``(1 - w)·Charbonnier + w·(1 - SSIM)``, a scalar."""
    weight, epsilon = 0.3, 0.03
    result = answer(*_tensors(), weight, RANGE)
    _require_gradient("tuning_loss", result)
    require(
        getattr(result, "shape", ()) == (),
        "tuning_loss: it gives one value an image; a loss is one number: take the mean.",
    )
    found = array_of("tuning_loss", result, ())
    x, y = _pair()
    pixels = (np.sqrt((x - y) ** 2 + epsilon**2) - epsilon).mean()
    structure = _ssim(x, y).mean()
    mistakes = {
        "SSIM grows as images agree, and a loss is made smaller: take 1 - SSIM.": (1 - weight) * pixels
        + weight * structure,
        "the weights are exchanged: w belongs to 1 - SSIM.": weight * pixels + (1 - weight) * (1 - structure),
        "Charbonnier has the weight 1; expected 1 - w.": pixels + weight * (1 - structure),
        "SSIM has the wrong range: hand data_range on.": (1 - weight) * pixels
        + weight * (1 - _ssim(x, y, wide=1).mean()),
    }
    arrays = {sentence: np.asarray(value) for sentence, value in mistakes.items()}
    compare("tuning_loss", found, np.asarray((1 - weight) * pixels + weight * (1 - structure)), arrays, tolerance=1e-5)
    return "(1 - w)·Charbonnier + w·(1 - SSIM)."
