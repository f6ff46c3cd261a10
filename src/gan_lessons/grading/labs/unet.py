"""Lab 1: a U-Net with up-sampling by repetition, group norm, and skips that are merged by arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from gan_lessons.grading.lab import Arrays, Criterion, Lab, Numbers, Task
from gan_lessons.grading.labs.weights import as_arrays, as_tensors, draw_weights

MERGES = {"mean": lambda up, skip: (up + skip) / 2, "difference": lambda up, skip: up - skip}
MERGES["maximum"] = torch.maximum


def numbers(draw: np.random.Generator) -> dict[str, Any]:
    """Draw a variant."""
    groups = int(draw.choice([2, 3]))
    return {
        "KERNEL": int(draw.choice([3, 5])),
        "GROUPS": groups,
        "SLOPE": float(draw.choice([0.05, 0.1, 0.3])),
        "WIDTHS": tuple(int(groups * one) for one in draw.choice([[3, 5, 8], [4, 6, 9], [2, 5, 7]])),
        "MERGE": str(draw.choice(sorted(MERGES))),
    }


def conv_side(side: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Count as `torch.nn.Conv1d` does."""
    return int(nn.Conv1d(1, 1, kernel, stride, padding, dilation)(torch.zeros(1, 1, side)).shape[-1])


def field_side(kernels: list[int], strides: list[int]) -> int:
    """Measure, by gradients, how many input pixels reach one output pixel of a chain of convolutions."""
    x = torch.zeros(1, 1, 400, requires_grad=True)
    y = x
    for kernel, stride in zip(kernels, strides, strict=True):
        layer = nn.Conv1d(1, 1, kernel, stride, bias=False)
        nn.init.ones_(layer.weight)
        y = layer(y)
    (slope,) = torch.autograd.grad(y[0, 0, 0], x)
    return int((slope != 0).sum())


def down(numbers: Numbers, in_channels: int, out_channels: int) -> nn.Sequential:
    """(N, in_channels, H, W) → (N, out_channels, ceil(H/2), ceil(W/2))."""
    kernel = numbers["KERNEL"]
    convolution = nn.Conv2d(in_channels, out_channels, kernel, 2, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.GroupNorm(numbers["GROUPS"], out_channels), nn.LeakyReLU(numbers["SLOPE"]))


def up(numbers: Numbers, in_channels: int, out_channels: int) -> nn.Sequential:
    """(N, in_channels, H, W) → (N, out_channels, 2H, 2W)."""
    kernel = numbers["KERNEL"]
    convolution = nn.Conv2d(in_channels, out_channels, kernel, 1, kernel // 2, bias=False)
    norm = nn.GroupNorm(numbers["GROUPS"], out_channels)
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution, norm, nn.LeakyReLU(numbers["SLOPE"]))


class UNet(nn.Module):
    """The whole: three levels down, two up with merges, and a last one that sees the image again."""

    def __init__(self, numbers: Numbers, in_channels: int, out_channels: int) -> None:
        super().__init__()
        first, second, third = numbers["WIDTHS"]
        self.merge = MERGES[numbers["MERGE"]]
        levels = ((in_channels, first), (first, second), (second, third))
        self.encoder = nn.ModuleList([down(numbers, a, b) for a, b in levels])
        self.decoder = nn.ModuleList([up(numbers, third, second), up(numbers, second, first)])
        self.last = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(first, out_channels, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W); H and W multiples of 8."""
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()
        for level in self.decoder:
            x = self.merge(level(x), skips.pop())
        return self.last(x)


def _draw_sides(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    plain = [[int(draw.integers(20, 60)), int(draw.integers(2, 7)), int(draw.integers(1, 4)), 1, 1] for _ in range(6)]
    dilated = [[*case[:4], int(draw.integers(2, 4))] for case in plain]
    return {"plain": np.array(plain), "dilated": np.array(dilated)}


def _draw_chains(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    return {
        "stride 1": np.stack([draw.integers(2, 8, 4), np.ones(4, int)]),
        "strides": np.stack([draw.integers(3, 7, 4), draw.integers(1, 4, 4)]),
    }


def _draw_block(kind: Any, channels: tuple[int, int]) -> Any:
    def given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
        wide = tuple(numbers["GROUPS"] * one for one in channels)
        x = draw.normal(size=(2, wide[0], 12, 16)).astype(np.float32)
        return {"x": x, **draw_weights(kind(numbers, *wide), draw)}

    return given


def _block_truth(kind: Any) -> Any:
    def truth(numbers: Numbers, given: Arrays) -> Arrays:
        x = torch.from_numpy(given["x"])
        block = kind(
            numbers, x.shape[1], len(given["state/1.weight" if "state/1.weight" in given else "state/2.weight"])
        )
        block.load_state_dict(as_tensors(given))
        return as_arrays({"values": block(x), "order": block[:-1](x)})

    return truth


def _unet_given(numbers: Numbers, draw: np.random.Generator) -> Arrays:
    return {"x": draw.normal(size=(2, 2, 24, 32)).astype(np.float32), **draw_weights(UNet(numbers, 2, 3), draw)}


def _unet_truth(numbers: Numbers, given: Arrays) -> Arrays:
    network = UNet(numbers, 2, 3)
    network.load_state_dict(as_tensors(given))
    x = torch.from_numpy(given["x"]).requires_grad_()
    y = network(x)
    (slope,) = torch.autograd.grad(y.square().mean(), x)
    bottom = x
    for level in network.encoder:
        bottom = level(bottom)
    return as_arrays({"bottom": bottom, "image": y, "gradient": slope})


LAB = Lab(
    number=1,
    topic="unet",
    title="A U-Net of your own",
    numbers=numbers,
    hidden=("timm", "segmentation_models_pytorch", "monai"),
    tasks=(
        Task(
            "conv_side",
            _draw_sides,
            lambda numbers, given: {
                kind: np.array([conv_side(*map(int, case)) for case in cases]) for kind, cases in given.items()
            },
            (
                Criterion("plain", 1, "pixels after a convolution without dilation", 0),
                Criterion("dilated", 2, "pixels after a convolution with dilation", 0),
            ),
        ),
        Task(
            "down",
            _draw_block(down, (2, 3)),
            _block_truth(down),
            (
                Criterion("order", 2, "convolution, then norm: in this order, of the right size, without a bias"),
                Criterion("values", 2, "the same values as the task's level, with the same weights"),
            ),
        ),
        Task(
            "up",
            _draw_block(up, (3, 2)),
            _block_truth(up),
            (
                Criterion("order", 2, "repetition, convolution, norm: in this order, without a bias"),
                Criterion("values", 2, "the same values as the task's level, with the same weights"),
            ),
        ),
        Task(
            "UNet",
            _unet_given,
            _unet_truth,
            (
                Criterion("bottom", 3, "the encoder: the bottom of the U holds what it should"),
                Criterion("image", 5, "the whole: skips merged at the right levels, in the way of your numbers"),
                Criterion("gradient", 2, "its gradient with respect to the image"),
            ),
        ),
        Task(
            "field_side",
            _draw_chains,
            lambda numbers, given: {
                kind: np.array(field_side(chain[0].tolist(), chain[1].tolist())) for kind, chain in given.items()
            },
            (
                Criterion("stride 1", 1, "receptive field of a chain without strides", 0),
                Criterion("strides", 3, "receptive field of a chain with strides", 0),
            ),
        ),
    ),
)
