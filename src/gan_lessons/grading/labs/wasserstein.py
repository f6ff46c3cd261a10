"""Lab 5: a residual generator that adds to its input, and a Wasserstein critic's step with a drift term."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from gan_lessons.grading.lab import Arrays, Criterion, Lab, Numbers, Task
from gan_lessons.grading.labs.wasserstein_probes import Judge
from gan_lessons.grading.labs.weights import as_arrays, as_tensors, draw_weights

RATE = 0.05


def numbers(draw: np.random.Generator) -> dict[str, Any]:
    """Draw a variant."""
    return {
        "BLOCKS": int(draw.choice([2, 3])),
        "WIDTH": int(draw.choice([4, 6, 8])),
        "SCALE": float(draw.choice([0.1, 0.2, 0.5])),
        "DRIFT": float(draw.choice([0.01, 0.05, 0.1])),
        "WEIGHT": float(draw.choice([2.0, 5.0, 20.0])),
    }


def _convolution(inward: int, outward: int, kernel: int, *, bias: bool) -> nn.Conv2d:
    return nn.Conv2d(inward, outward, kernel, padding=kernel // 2, padding_mode="reflect", bias=bias)


class ResidualBlock(nn.Module):
    """Convolution, norm, activation, convolution; a part of it is added to the input."""

    def __init__(self, numbers: Numbers, channels: int) -> None:
        super().__init__()
        self.scale = numbers["SCALE"]
        self.first = _convolution(channels, channels, 3, bias=False)
        self.norm = nn.InstanceNorm2d(channels, affine=True)
        self.activation = nn.PReLU()
        self.second = _convolution(channels, channels, 3, bias=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, channels, H, W) → the same."""
        return x + self.scale * self.second(self.activation(self.norm(self.first(x))))


class Restorer(nn.Module):
    """A head, blocks, a tail; its output is added to the image."""

    def __init__(self, numbers: Numbers, channels: int) -> None:
        super().__init__()
        self.head = _convolution(channels, numbers["WIDTH"], 5, bias=True)
        self.blocks = nn.Sequential(*[ResidualBlock(numbers, numbers["WIDTH"]) for _ in range(numbers["BLOCKS"])])
        self.tail = _convolution(numbers["WIDTH"], channels, 5, bias=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, channels, H, W) → the same, in [-1, 1]."""
        return (x + torch.tanh(self.tail(self.blocks(self.head(x))))).clamp(-1, 1)


def critic_loss(numbers: Numbers, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Wasserstein, and a drift that holds real judgements near zero (Karras et al. 2018)."""
    return fake.mean() - real.mean() + numbers["DRIFT"] * real.square().mean()


def penalty(critic: nn.Module, real: torch.Tensor, fake: torch.Tensor, mix: torch.Tensor) -> torch.Tensor:
    """Return the gradient penalty (Gulrajani et al. 2017)."""
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


def critic_step(
    numbers: Numbers,
    critic: nn.Module,
    optimizer: torch.optim.Optimizer,
    real: torch.Tensor,
    fake: torch.Tensor,
    mix: torch.Tensor,
) -> float:
    """Improve the critic once, and nothing else."""
    fake = fake.detach()
    loss = critic_loss(numbers, critic(real), critic(fake)) + numbers["WEIGHT"] * penalty(critic, real, fake, mix)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _network_given(make: Any, channels: int) -> Any:
    def given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
        x = draw.uniform(-1, 1, size=(2, channels, 14, 17)).astype(np.float32)
        return {"x": x, **draw_weights(make(numbers, channels), draw)}

    return given


def _network_truth(make: Any, part: Any) -> Any:
    def truth(numbers: Numbers, given: Arrays) -> Arrays:
        x = torch.from_numpy(given["x"])
        network = make(numbers, x.shape[1])
        network.load_state_dict(as_tensors(given))
        return as_arrays({"part": part(network, x), "whole": network(x)})

    return truth


def _step_given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    real, noise = draw.normal(size=(2, 3, 1, 8, 8)).astype(np.float32)
    mix = draw.random((3, 1, 1, 1)).astype(np.float32)
    return {"real": real, "noise": noise, "mix": mix, **draw_weights(Judge(), draw)}


def _step_truth(numbers: Numbers, given: Arrays) -> Arrays:
    critic = Judge()
    critic.load_state_dict(as_tensors(given))
    optimizer = torch.optim.SGD(critic.parameters(), RATE)
    real, noise, mix = (torch.from_numpy(given[name]) for name in ("real", "noise", "mix"))
    found = {}
    for step in ("first", "second"):
        critic_step(numbers, critic, optimizer, real, 0.5 * noise, mix)
        found[step] = torch.cat([one.detach().flatten() for one in critic.parameters()])
    # The generator's weight has no gradient afterwards: a step that leaks one is told by a number that isn't 0.
    return as_arrays({**found, "alone": torch.cat([found["second"], torch.zeros(1)])})


def _judgements(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    real, fake = (2 * draw.normal(size=(2, 5, 1))).astype(np.float32)
    return {"real": real, "fake": fake}


def _loss_truth(numbers: Numbers, given: Arrays) -> Arrays:
    real, fake = (torch.from_numpy(given[name]) for name in ("real", "fake"))
    return as_arrays({"value": critic_loss(numbers, real, fake)})


LAB = Lab(
    number=5,
    topic="wasserstein",
    title="A residual generator and a Wasserstein step",
    numbers=numbers,
    hidden=("timm", "monai", "kornia"),
    tasks=(
        Task(
            "ResidualBlock",
            _network_given(ResidualBlock, 6),
            _network_truth(ResidualBlock, lambda block, x: block.second(block.activation(block.norm(block.first(x))))),
            (
                Criterion("part", 3, "convolution, norm, activation, convolution, padded by reflection"),
                Criterion("whole", 2, "a part of it is added to the input"),
            ),
        ),
        Task(
            "Restorer",
            _network_given(Restorer, 2),
            _network_truth(Restorer, lambda network, x: network.tail(network.head(x))),
            (
                Criterion("part", 2, "head and tail"),
                Criterion("whole", 5, "the whole: blocks, and what is added to the image"),
            ),
        ),
        Task(
            "critic_loss",
            _judgements,
            _loss_truth,
            (Criterion("value", 3, "the critic's loss: its sign, and the drift"),),
        ),
        Task(
            "critic_step",
            _step_given,
            _step_truth,
            (
                Criterion("first", 4, "the critic's weights after one step"),
                Criterion("second", 1, "and after another: gradients don't add up"),
                Criterion("alone", 2, "the generator gets no gradient from it"),
            ),
        ),
    ),
)
