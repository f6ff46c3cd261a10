"""Lab 2: a PatchGAN critic that is shown differences, and losses that leave patches out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons.grading.lab import Arrays, Criterion, Lab, Numbers, Task
from gan_lessons.grading.labs.weights import as_arrays, as_tensors, draw_weights


def numbers(draw: np.random.Generator) -> dict[str, Any]:
    """Draw a variant."""
    return {
        "KERNEL": int(draw.choice([3, 5])),
        "LEVELS": int(draw.choice([2, 3])),
        "WIDTH": int(draw.choice([4, 6, 8])),
        "SLOPE": float(draw.choice([0.05, 0.1, 0.3])),
        "REAL": float(draw.choice([0.8, 0.85, 0.9])),
    }


class PatchCritic(nn.Module):
    """Levels of stride 2, widths doubling, and a last convolution to one judgement a patch."""

    def __init__(self, numbers: Numbers, channels: int) -> None:
        super().__init__()
        kernel, wide = numbers["KERNEL"], numbers["WIDTH"]
        slope = numbers["SLOPE"]
        layers: list[nn.Module] = [nn.Conv2d(2 * channels, wide, kernel, 2, 1), nn.LeakyReLU(slope)]
        for _ in range(numbers["LEVELS"] - 1):
            layers += [nn.Conv2d(wide, 2 * wide, kernel, 2, 1, bias=False)]
            layers += [nn.InstanceNorm2d(2 * wide, affine=True), nn.LeakyReLU(slope)]
            wide *= 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(wide, 1, kernel, 1, 1))

    def forward(self, image: torch.Tensor, degraded: torch.Tensor) -> torch.Tensor:
        """Two of (N, channels, H, W) → (N, 1, h, w)."""
        return self.layers(torch.cat([degraded, image - degraded], 1))


def patches(numbers: Numbers, side: int) -> int:
    """Count by running a chain of convolutions."""
    line = torch.zeros(1, 1, side)
    for stride in [2] * numbers["LEVELS"] + [1]:
        line = nn.Conv1d(1, 1, numbers["KERNEL"], stride, 1)(line)
    return int(line.shape[-1])


def field_side(kernel: int, strided: int, plain: int) -> int:
    """Measure by gradients: ``strided`` convolutions of stride 2, then ``plain`` ones of stride 1."""
    line = torch.zeros(1, 1, 600, requires_grad=True)
    y = line
    for stride in [2] * strided + [1] * plain:
        layer = nn.Conv1d(1, 1, kernel, stride, bias=False)
        nn.init.ones_(layer.weight)
        y = layer(y)
    (slope,) = torch.autograd.grad(y[0, 0, 0], line)
    return int((slope != 0).sum())


def critic_loss(numbers: Numbers, real: torch.Tensor, fake: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over the patches that count."""
    on_real = F.binary_cross_entropy_with_logits(real, torch.full_like(real, numbers["REAL"]), reduction="none")
    on_fake = F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake), reduction="none")
    return ((on_real + on_fake) * mask).sum() / (2 * mask.sum())


def _critic_given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    images = draw.normal(size=(2, 2, 3, 40, 48)).astype(np.float32)
    return {"image": images[0], "degraded": images[1], **draw_weights(PatchCritic(numbers, 3), draw)}


def _critic_truth(numbers: Numbers, given: Arrays) -> Arrays:
    critic = PatchCritic(numbers, 3)
    critic.load_state_dict(as_tensors(given))
    image, degraded = torch.from_numpy(given["image"]), torch.from_numpy(given["degraded"])
    layers = critic.layers(torch.cat([image, degraded], 1))
    return as_arrays({"layers": layers, "judgements": critic(image, degraded)})


def _loss_given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    real, fake = (3 * draw.normal(size=(2, 2, 1, 7, 6))).astype(np.float32)
    return {"real": real, "fake": fake, "mask": (draw.random((2, 1, 7, 6)) > 0.4).astype(np.float32)}


def _loss_truth(numbers: Numbers, given: Arrays) -> Arrays:
    real, fake, mask = (torch.from_numpy(given[name]) for name in ("real", "fake", "mask"))
    everywhere = torch.ones_like(mask)
    found: dict[str, torch.Tensor] = {}
    for name, where in (("everywhere", everywhere), ("masked", mask)):
        wanted = fake.clone().requires_grad_()
        loss = critic_loss(numbers, real, wanted, where)
        (slope,) = torch.autograd.grad(loss, wanted)
        found |= {name: loss, f"{name} gradient": slope}
    return as_arrays(found)


LAB = Lab(
    number=2,
    topic="patchgan",
    title="A critic of patches",
    numbers=numbers,
    hidden=("timm",),
    tasks=(
        Task(
            "field_side",
            lambda numbers, draw: {
                "cases": np.stack([draw.integers(2, 7, 5), draw.integers(1, 5, 5), draw.integers(0, 4, 5)], 1)
            },
            lambda numbers, given: {"sides": np.array([field_side(*map(int, case)) for case in given["cases"]])},
            (Criterion("sides", 4, "receptive fields of critics of other kernels and depths", 0),),
        ),
        Task(
            "patches",
            lambda numbers, draw: {"sides": draw.integers(40, 200, 6)},
            lambda numbers, given: {"counts": np.array([patches(numbers, int(side)) for side in given["sides"]])},
            (Criterion("counts", 3, "judgements along a side, of your critic", 0),),
        ),
        Task(
            "PatchCritic",
            _critic_given,
            _critic_truth,
            (
                Criterion("layers", 4, "the layers, with their norm, their bias and their padding"),
                Criterion("judgements", 4, "judgements of an image beside its degraded one"),
            ),
        ),
        Task(
            "critic_loss",
            _loss_given,
            _loss_truth,
            (
                Criterion("everywhere", 3, "the loss and its gradient, where all patches count"),
                Criterion("masked", 2, "the loss and its gradient, where patches are left out"),
            ),
        ),
    ),
)
