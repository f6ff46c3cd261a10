"""Lab 4: losses with margins, targets and windows of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from gan_lessons.grading.lab import Arrays, Criterion, Lab, Numbers, Task
from gan_lessons.grading.labs.weights import as_arrays


def numbers(draw: np.random.Generator) -> dict[str, Any]:
    """Draw a variant."""
    return {
        "MARGIN": float(draw.choice([0.5, 1.5, 2.0])),
        "TARGET": float(draw.choice([0.5, 0.75, 1.5])),
        "CENTER": float(draw.choice([0.5, 0.8, 1.2])),
        "EPSILON": float(draw.choice([0.01, 0.02, 0.05])),
        "WINDOW": int(draw.choice([5, 7, 9])),
    }


def hinge(numbers: Numbers, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return the critic's loss."""
    return F.relu(numbers["MARGIN"] - real).mean() + F.relu(numbers["MARGIN"] + fake).mean()


def relativistic(numbers: Numbers, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return the critic's loss: least squares about the other kind's mean."""
    above = real - fake.mean() - numbers["TARGET"]
    below = fake - real.mean() + numbers["TARGET"]
    return (above.square().mean() + below.square().mean()) / 2


def penalty(numbers: Numbers, critic: Any, real: torch.Tensor, fake: torch.Tensor, mix: torch.Tensor) -> torch.Tensor:
    """Return the mean square of how far gradients' lengths lie above the center."""
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return F.relu(slope.flatten(1).norm(dim=1) - numbers["CENTER"]).square().mean()


def total_variation(numbers: Numbers, x: torch.Tensor) -> torch.Tensor:
    """Return the mean of smoothed gradients' lengths."""
    down = x[..., 1:, :-1] - x[..., :-1, :-1]
    right = x[..., :-1, 1:] - x[..., :-1, :-1]
    return (down**2 + right**2 + numbers["EPSILON"] ** 2).sqrt().mean()


def ssim(numbers: Numbers, x: torch.Tensor, y: torch.Tensor, data_range: float) -> torch.Tensor:
    """Return the mean structural similarity over windows that lie inside."""
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2

    def mean(image: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(image, numbers["WINDOW"], 1)

    a, b = mean(x), mean(y)
    spread = mean(x * x) - a * a, mean(y * y) - b * b, mean(x * y) - a * b
    return ((2 * a * b + c1) * (2 * spread[2] + c2) / ((a * a + b * b + c1) * (spread[0] + spread[1] + c2))).mean()


def critic(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Judge (N, 1, H, W) by a small network without layers."""
    return torch.tanh(F.conv2d(x, weight, padding=1)).square().sum((1, 2, 3))


def _judgements(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    real, fake = (2 * draw.normal(size=(2, 3, 1, 5, 4))).astype(np.float32)
    return {"real": real, "fake": fake}


def _penalty_given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    real, fake = (draw.normal(size=(2, 4, 1, 6, 7))).astype(np.float32)
    mix = draw.random((4, 1, 1, 1)).astype(np.float32)
    return {"real": real, "fake": fake, "mix": mix, "weight": (0.3 * draw.normal(size=(3, 1, 3, 3))).astype(np.float32)}


def _images(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    x = draw.normal(size=(2, 3, 24, 19)).astype(np.float32)
    y = (0.7 * x + 0.4 * draw.normal(size=x.shape)).astype(np.float32)
    return {"x": x, "y": y, "range": np.array(float(draw.uniform(2, 6)))}


def _pair_truth(loss: Any) -> Any:
    def truth(numbers: Numbers, given: Arrays) -> Arrays:
        real, fake = (torch.from_numpy(given[name]).requires_grad_() for name in ("real", "fake"))
        value = loss(numbers, real, fake)
        on_real, on_fake = torch.autograd.grad(value, (real, fake))
        return as_arrays({"value": value, "gradient real": on_real, "gradient fake": on_fake})

    return truth


def _penalty_truth(numbers: Numbers, given: Arrays) -> Arrays:
    real, fake, mix = (torch.from_numpy(given[name]) for name in ("real", "fake", "mix"))
    weight = torch.from_numpy(given["weight"]).requires_grad_()
    value = penalty(numbers, lambda x: critic(x, weight), real, fake, mix)
    (slope,) = torch.autograd.grad(value, weight)
    return as_arrays({"value": value, "gradient": slope})


def _ssim_truth(numbers: Numbers, given: Arrays) -> Arrays:
    x, y = torch.from_numpy(given["x"]).requires_grad_(), torch.from_numpy(given["y"])
    one = ssim(numbers, x, y, 1.0)
    (slope,) = torch.autograd.grad(one, x)
    return as_arrays({"unit": one, "unit gradient": slope, "range": ssim(numbers, x, y, float(given["range"]))})


def _tv_truth(numbers: Numbers, given: Arrays) -> Arrays:
    x = torch.from_numpy(given["x"]).requires_grad_()
    value = total_variation(numbers, x)
    (slope,) = torch.autograd.grad(value, x)
    return as_arrays({"value": value, "gradient": slope})


LAB = Lab(
    number=4,
    topic="losses",
    title="Losses with numbers of your own",
    numbers=numbers,
    hidden=("torchmetrics", "piq", "pytorch_msssim", "monai", "kornia", "skimage.metrics"),
    tasks=(
        Task(
            "hinge",
            _judgements,
            _pair_truth(hinge),
            (
                Criterion("value", 2, "the critic's hinge loss with your margin"),
                Criterion("gradient", 1, "its gradients"),
            ),
        ),
        Task(
            "relativistic",
            _judgements,
            _pair_truth(relativistic),
            (
                Criterion("value", 2, "each judgement about the mean of the other kind"),
                Criterion("gradient", 2, "its gradients, which flow through the means too"),
            ),
        ),
        Task(
            "penalty",
            _penalty_given,
            _penalty_truth,
            (
                Criterion("value", 3, "one-sided penalty on gradients' lengths, each image for itself"),
                Criterion("gradient", 2, "its gradient with respect to the critic's weights"),
            ),
        ),
        Task(
            "total_variation",
            _images,
            _tv_truth,
            (
                Criterion("value", 2, "mean length of the gradient, smoothed"),
                Criterion("gradient", 1, "its gradient"),
            ),
        ),
        Task(
            "ssim",
            _images,
            _ssim_truth,
            (
                Criterion("unit", 3, "structural similarity over your windows, for values in [0, 1]", 1e-3),
                Criterion("range", 2, "the same for another range of values", 1e-3),
            ),
        ),
    ),
)
