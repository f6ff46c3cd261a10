"""Lesson 4, second half: how far a restored image is from its truth. Answers return one value an image, (N,)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.check.exercise import array_of, compare, exercise, require
from gan_lessons.losses.gradients import total_variation as library_variation
from gan_lessons.losses.perceptual import IMAGENET_MEAN, IMAGENET_STD
from gan_lessons.losses.perceptual import perceptual as library_perceptual
from gan_lessons.losses.structure import SIGMA, TAPS, structural_dissimilarity

Answer = Callable[..., Any]


def _images(channels: int = 2, side: int = 20) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    truth = torch.rand(3, channels, side, side + 3, dtype=torch.float64, generator=generator)
    noise = torch.rand(truth.shape, dtype=torch.float64, generator=generator)
    return (0.7 * truth + 0.3 * noise).clamp(0, 1), truth


@exercise
def ssim_loss(answer: Answer) -> str:
    """Check ``ssim_loss(image, truth, data_range=1.0)``: 1 - SSIM of each image, Gaussian window, no padding."""
    image, truth = _images()
    for data_range in (1.0, 2.0):
        right = structural_dissimilarity(image * data_range, truth * data_range, data_range).numpy()
        mistakes = {
            "data_range isn't used: the constants are (0.01 · range)² and (0.03 · range)².": _ssim(
                image * data_range, truth * data_range, 1.0
            ),
            "this is SSIM, which is higher for better images; a loss is 1 - SSIM.": 1 - right,
            "the window is flat; it is a Gaussian of σ = 1.5.": _ssim(
                image * data_range, truth * data_range, data_range, flat=True
            ),
            "the border is padded, which darkens it: let the window stay inside.": _ssim(
                image * data_range, truth * data_range, data_range, padding=TAPS // 2
            ),
            "the constants lack their square: (0.01 · range)², (0.03 · range)².": _ssim(
                image * data_range, truth * data_range, data_range, power=1
            ),
            "contrast and structure are missing: this compares local means only.": _ssim(
                image * data_range, truth * data_range, data_range, structure=False
            ),
        }
        found = array_of("ssim_loss", answer(image * data_range, truth * data_range, data_range), (3,))
        compare("ssim_loss", found, right, mistakes)
    return "equal for images in [0, 1] and, with a range of 2, in [-1, 1]."


def _ssim(
    image: Tensor,
    truth: Tensor,
    data_range: float,
    *,
    flat: bool = False,
    padding: int = 0,
    power: int = 2,
    structure: bool = True,
) -> np.ndarray:
    """Return 1 - SSIM of each image, with mistakes."""
    line = torch.exp(-((torch.arange(TAPS, dtype=image.dtype) - TAPS // 2) ** 2) / (2 * SIGMA**2))
    line = torch.ones_like(line) if flat else line
    kernel = (line[:, None] * line / line.sum() ** 2).expand(image.shape[1], 1, -1, -1)

    def local(values: Tensor) -> Tensor:
        return F.conv2d(values, kernel, padding=padding, groups=values.shape[1])

    c1, c2 = (0.01 * data_range) ** power, (0.03 * data_range) ** power
    x, y = local(image), local(truth)
    variances = local(image**2) - x**2 + local(truth**2) - y**2
    covariance = local(image * truth) - x * y
    similarity = (2 * x * y + c1) / (x**2 + y**2 + c1)
    if structure:
        similarity = similarity * (2 * covariance + c2) / (variances + c2)
    result: np.ndarray = 1 - similarity.flatten(1).mean(1).numpy()
    return result


@exercise
def perceptual_loss(answer: Answer) -> str:
    """Check ``perceptual_loss(image, truth, trunk)``: mean squared difference of a frozen trunk's features."""
    image, truth = _images(channels=3)
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3, stride=2)).double()
    trunk.requires_grad_(False)
    mean, deviation = (torch.tensor(one, dtype=image.dtype).view(3, 1, 1) for one in (IMAGENET_MEAN, IMAGENET_STD))

    def distance(x: Tensor, y: Tensor, *, absolute: bool = False) -> np.ndarray:
        gap = trunk(x) - trunk(y)
        result: np.ndarray = (gap.abs() if absolute else gap.square()).flatten(1).mean(1).numpy()
        return result

    seen, right = (image - mean) / deviation, (truth - mean) / deviation
    mistakes = {
        "images go in as they are; the trunk expects ImageNet's mean and deviation: (image - MEAN) / STD.": (
            distance(image, truth)
        ),
        "it is divided by the deviation, and the mean isn't subtracted.": distance(
            image / deviation, truth / deviation
        ),
        "only one of the two images is normalized.": distance(seen, truth),
        "it is the absolute difference of features; here it is squared.": distance(seen, right, absolute=True),
        "it compares pixels: the trunk isn't used.": (seen - right).square().flatten(1).mean(1).numpy(),
    }
    image.requires_grad_()
    result = answer(image, truth, trunk)
    found = array_of("perceptual_loss", result, (3,))
    expected = library_perceptual(image.detach(), truth, trunk).numpy()
    compare("perceptual_loss", found, expected, mistakes)
    slope = torch.autograd.grad(result.sum(), image, allow_unused=True)[0] if result.requires_grad else None
    require(
        slope is not None,
        "perceptual_loss: no gradient reaches the image. Freezing fixes weights; no_grad cuts the way through.",
    )
    return "distances of features; the gradient comes through the trunk."


@exercise
def total_variation(answer: Answer) -> str:
    """Check ``total_variation(image)``: absolute differences of neighbors, summed, divided by the number of values."""
    image, _ = _images()
    down, across = image.diff(dim=2).abs(), image.diff(dim=3).abs()
    values = image[0].numel()

    def total(down: Tensor, across: Tensor, over: float = values) -> np.ndarray:
        result: np.ndarray = ((down.flatten(1).sum(1) + across.flatten(1).sum(1)) / over).numpy()
        return result

    means = down.flatten(1).mean(1) + across.flatten(1).mean(1)
    mistakes = {
        "only differences along rows count; those along columns belong in.": total(0 * down, across),
        "only differences along columns count; those along rows belong in.": total(down, 0 * across),
        "the sums aren't divided by the number of values: a larger image would count more.": total(down, across, 1.0),
        "differences are squared, which smooths edges away; they are absolute.": total(down**2, across**2),
        "differences go around: the last pixel isn't the first one's neighbor. Use diff, not roll.": total(
            (image - image.roll(1, 2)).abs(), (image - image.roll(1, 3)).abs()
        ),
        "each direction is divided by its own number of differences; divide by the image's number of values.": (
            means.numpy()
        ),
    }
    found = array_of("total_variation", answer(image), (3,))
    compare("total_variation", found, library_variation(image).numpy(), mistakes)
    return "flat areas and sharp edges are free of charge for their width; grain is dear."
