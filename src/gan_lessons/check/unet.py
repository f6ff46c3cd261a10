"""Lesson 1: the U-Net, from the arithmetic of a convolution to the whole network."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import nn

from gan_lessons.check.exercise import NotYet, exercise, require
from gan_lessons.check.networks import (
    convolutions,
    copy_weights,
    first_layer,
    joined_channels,
    layers,
    require_network,
    require_range,
    require_shape,
    severed,
)
from gan_lessons.generators import UNet

Answer = Callable[..., Any]


COUNTS: dict[str, Callable[[int, int, int, int], float]] = {
    "the padding lies on both ends": lambda side, k, stride, pad: (side + pad - k) // stride + 1,
    "the first place counts too: + 1": lambda side, k, stride, pad: (side + 2 * pad - k) // stride,
    "divide first, then + 1": lambda side, k, stride, pad: (side + 2 * pad - k + 1) // stride,
    "the last step may not fit: divide with //": lambda side, k, stride, pad: (side + 2 * pad - k) / stride + 1,
}
"""What is wrong with each of the usual wrong formulas."""


@exercise
def conv_side(answer: Answer) -> str:
    """Check ``conv_side(side, kernel, stride, padding)``: pixels along a side after a convolution."""
    cases = list(product((7, 16, 33), (3, 4, 5), (1, 2), (0, 1)))
    found = [answer(*case) for case in cases]
    require(all(isinstance(one, (int, float)) for one in found), "conv_side: it returns nothing yet, or no number.")
    why = next((text for text, count in COUNTS.items() if found == [count(*case) for case in cases]), "")
    for case, count in zip(cases, found, strict=True):
        side, kernel, stride, padding = case
        expected = nn.Conv1d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, side)).shape[-1]
        told = f"side {side}, kernel {kernel}, stride {stride}, padding {padding}"
        reason = why or "count the places where the kernel fits"
        require(count == expected, f"conv_side: {count} for {told}; torch says {expected}: {reason}.")
    return f"as torch counts, in {len(cases)} cases."


@exercise
def down(answer: Answer) -> str:
    """Check ``down(in_channels, out_channels, norm=True)``: LeakyReLU 0.2, 4×4 convolution of stride 2, batch norm."""
    for norm in (True, False):
        block = require_network("down", answer(6, 10, norm=norm))
        require_shape("down", block, (2, 6, 16, 12), (2, 10, 8, 6), "a 4×4 convolution of stride 2 and padding 1")
        _require_kernel("down", block, nn.Conv2d)
        _require_norm("down", block, norm)
        slopes = [part.negative_slope for part in layers(block, nn.LeakyReLU)]
        require(bool(slopes), "down: there is no LeakyReLU; the way down has one of slope 0.2 before the convolution.")
        require(slopes == [0.2], f"down: LeakyReLU has the slope {slopes[0]}; pix2pix takes 0.2.")
        require(
            isinstance(first_layer(block), nn.LeakyReLU),
            "down: LeakyReLU comes after the convolution; it comes before, so that the skip holds what isn't cut yet.",
        )
    return "halves the sides; LeakyReLU 0.2 first, no bias."


@exercise
def up(answer: Answer) -> str:
    """Check ``up(in_channels, out_channels, dropout=0.0)``: ReLU, 4×4 transposed convolution of stride 2, norm."""
    for dropout in (0.0, 0.5):
        block = require_network("up", answer(6, 10, dropout=dropout))
        need = "a transposed 4×4 convolution of stride 2 and padding 1"
        require_shape("up", block, (2, 6, 8, 6), (2, 10, 16, 12), need)
        _require_kernel("up", block, nn.ConvTranspose2d)
        _require_norm("up", block, True)
        require(not layers(block, nn.LeakyReLU), "up: the way up has plain ReLU.")
        require(isinstance(first_layer(block), nn.ReLU), "up: ReLU comes first, before the transposed convolution.")
        shares = [part.p for part in layers(block, nn.Dropout) if part.p]
        found = shares[0] if shares else 0.0
        require(found == dropout, f"up: dropout is {found} where {dropout} was asked for.")
    return "doubles the sides; ReLU first, dropout only where it is asked for."


@exercise
def unet(answer: Answer) -> str:
    """Check ``UNet(in_channels, out_channels, width=64, depth=2)``, which maps (N, C, H, W) to the same sides."""
    width, depth = 8, 4
    torch.manual_seed(0)
    network = require_network("unet", answer(2, 1, width=width, depth=depth)).eval()
    image = torch.randn(1, 2, 32, 48)
    require_shape("unet", network, tuple(image.shape), (1, 1, 32, 48), "as many doublings as halvings")
    require_range("unet", network, image)
    _require_skips(network, image, depth)
    library = UNet(2, 1, width=width, depth=depth, dropout=0.0, bottom_norm=True).eval()
    copy_weights(
        "unet",
        network,
        library,
        "The first convolution has neither; the last has a bias.",
        "Channels are width, 2·width, 4·width, at most 8·width; layers are built from the first `down` to the last.",
    )
    with torch.no_grad():
        worst = float((network(image) - library(image)).abs().max())
        for up_layer in layers(library, nn.ConvTranspose2d)[1:]:
            up_layer.weight.copy_(up_layer.weight.roll(up_layer.in_channels // 2, 0))
        swapped = float((network(image) - library(image)).abs().max())
    require(
        worst < 1e-5 or swapped > 1e-5,
        "unet: the skip stands behind the other channels; pix2pix has it in front: torch.cat([skip, x], 1).",
    )
    require(worst < 1e-5, f"unet: with the same weights the library's gives other values, {worst:.2g} apart.")
    count = sum(weights.numel() for weights in network.parameters())
    return f"{count:,} weights at width {width} and depth {depth}; every level is handed across."


def _require_skips(network: nn.Module, image: torch.Tensor, depth: int) -> None:
    """Say which level's skip is missing, added instead of concatenated, or not the encoder's."""
    enlarging = layers(network, nn.ConvTranspose2d)
    require(
        len(enlarging) == depth,
        f"unet: it doubles {len(enlarging)} times at depth {depth}; expected {depth}, as often as it halves.",
    )
    joined = joined_channels(network, image)
    for level in reversed(range(depth - 1)):
        below, here = enlarging[depth - 2 - level], depth - 1 - level
        across = severed(network, image, below)
        if joined[here] <= below.out_channels:
            require(not across, f"unet: level {level + 1}'s skip is added; pix2pix concatenates it: torch.cat, axis 1.")
            raise NotYet(
                f"unet: level {level + 1}'s skip is missing: its features come up through the bottleneck only. "
                "Concatenate them (torch.cat along axis 1) after the `up` that gives their size."
            )
        require(
            across, f"unet: what is concatenated at level {level + 1} isn't the encoder's map: it comes from below."
        )


def _require_kernel(name: str, block: nn.Module, kind: type[nn.Conv2d] | type[nn.ConvTranspose2d]) -> None:
    found = convolutions(block)
    require(len(found) == 1, f"{name}: it has {len(found)} convolutions; expected one.")
    (conv,) = found
    require(isinstance(conv, kind), f"{name}: the convolution is {type(conv).__name__}; expected {kind.__name__}.")
    require(conv.kernel_size == (4, 4), f"{name}: the kernel is {conv.kernel_size}; expected (4, 4).")
    require(conv.bias is None, f"{name}: the convolution has a bias; the norm's offset does its work: bias=False.")


def _require_norm(name: str, block: nn.Module, wanted: bool) -> None:
    there = bool(layers(block, nn.BatchNorm2d))
    require(there or not wanted, f"{name}: there is no batch norm, though it was asked for.")
    require(wanted or not there, f"{name}: there is batch norm, though norm=False asked for none.")
