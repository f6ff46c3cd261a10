"""Lesson 2: the PatchGAN critic, from the patch that a score sees to the whole network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from gan_lessons.check.exercise import array_of, exercise, require
from gan_lessons.check.networks import convolutions, copy_weights, layers, require_network, require_shape
from gan_lessons.critics import PatchGAN

Answer = Callable[..., Any]
Layers = Sequence[tuple[int, int, int]]

STACKS: list[Layers] = [
    [(4, 2, 1), (4, 2, 1), (4, 2, 1), (4, 1, 1), (4, 1, 1)],  # pix2pix
    [(4, 2, 1), (4, 2, 1), (4, 1, 1)],
    [(3, 1, 0), (5, 2, 2), (3, 3, 1)],
]


def _span(
    index: int, stack: Layers, *, pad: int = 1, reach: int = 1, scaled: bool = True, forward: bool = False
) -> tuple[int, int]:
    """Return a score's first and last pixel; the arguments make the usual mistakes."""
    first = last = index
    for kernel, stride, padding in stack if forward else reversed(stack):
        first = first * stride - pad * padding
        last = (last * stride if scaled else last) - pad * padding + kernel - reach
    return first, last


MISTAKES: dict[str, Callable[[int, Layers], tuple[int, int]]] = {
    "it goes from the first layer to the last. Start at the score and walk back to the image: reversed(layers).": (
        lambda index, stack: _span(index, stack, forward=True)
    ),
    "padding is left out: the kernel begins `padding` pixels before stride · place.": (
        lambda index, stack: _span(index, stack, pad=0)
    ),
    "padding is added: it lets the kernel begin earlier, so subtract it.": (
        lambda index, stack: _span(index, stack, pad=-1)
    ),
    "`last` is a pixel too far in every layer: a kernel that begins at 0 ends at kernel - 1.": (
        lambda index, stack: _span(index, stack, reach=0)
    ),
    "`last` isn't multiplied by the stride; it moves as `first` does, and then the kernel reaches on.": (
        lambda index, stack: _span(index, stack, scaled=False)
    ),
}
"""What is wrong, and the spans that it gives."""


@exercise
def patch_span(answer: Answer) -> str:
    """Check ``patch_span(index, layers)``: first and last input pixel that a score sees along a side."""
    cases = [(index, stack) for index, stack in product((0, 3, 7), STACKS)]
    found = [answer(*case) for case in cases]
    good = all(isinstance(one, tuple | list) and len(one) == 2 for one in found)
    require(good, "patch_span: it returns nothing yet, or not two numbers; expected (first, last).")
    told = [tuple(one) for one in found]
    for sentence, mistaken in MISTAKES.items():
        require(told != [mistaken(*case) for case in cases], f"patch_span: {sentence}")
    for (index, stack), one in zip(cases, told, strict=True):
        expected = _span(index, stack)
        require(one == expected, f"patch_span: score {index} of {list(stack)} gives {one}; expected {expected}.")
    first, last = _span(0, STACKS[0])
    return f"a score of pix2pix's critic sees {last - first + 1} pixels; the first begins at {first}, in the padding."


@exercise
def stage(answer: Answer) -> str:
    """Check ``stage(in_channels, out_channels, stride=2, norm=True)``: 4×4 convolution, batch norm, LeakyReLU 0.2."""
    for stride, norm in product((2, 1), (True, False)):
        block = require_network("stage", answer(6, 10, stride=stride, norm=norm))
        after = (2, 10, 8, 6) if stride == 2 else (2, 10, 15, 11)
        need = f"a 4×4 convolution of stride {stride} and padding 1"
        require_shape("stage", block, (2, 6, 16, 12), after, need)
        found = convolutions(block)
        require(len(found) == 1, f"stage: it has {len(found)} convolutions; expected one.")
        require(found[0].kernel_size == (4, 4), f"stage: the kernel is {found[0].kernel_size}; expected (4, 4).")
        require(found[0].padding in ((1, 1), 1), f"stage: the padding is {found[0].padding}; expected 1.")
        biased, normed = found[0].bias is not None, bool(layers(block, nn.BatchNorm2d))
        require(normed or not norm, "stage: there is no batch norm, though it was asked for.")
        require(norm or not normed, "stage: there is batch norm, though norm=False asked for none.")
        require(not (norm and biased), "stage: a bias before batch norm does nothing: bias=not norm.")
        require(norm or biased, "stage: without a norm the convolution needs its bias: bias=not norm.")
        slopes = [part.negative_slope for part in layers(block, nn.LeakyReLU)]
        require(bool(slopes), "stage: there is no LeakyReLU. Plain ReLU stops gradients, which the generator needs.")
        require(slopes == [0.2], f"stage: LeakyReLU has the slope {slopes[0]}; pix2pix takes 0.2.")
        last = [part for part in block.modules() if not list(part.children())][-1]
        require(
            isinstance(last, nn.LeakyReLU),
            f"stage: {type(last).__name__} comes last; expected LeakyReLU, after the norm.",
        )
    return "convolution, norm, LeakyReLU 0.2; a bias only where no norm follows."


@exercise
def patchgan(answer: Answer) -> str:
    """Check ``PatchGAN(in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True)``."""
    torch.manual_seed(0)
    image, condition = torch.randn(2, 1, 48, 64), torch.randn(2, 2, 48, 64)
    network = require_network("patchgan", answer(1, 2, width=8))
    first = convolutions(network)[0].in_channels
    require(
        first == 3,
        f"patchgan: its first convolution takes {first} channels and is given 3: condition and image are concatenated, "
        "so it takes in_channels + condition_channels.",
    )
    scores = _judge(network, image, condition)
    for norm, depth, flat in ((True, 3, 1), (False, 2, 0), (True, 1, 2)):
        mine = require_network("patchgan", answer(1, 2, width=8, depth=depth, flat=flat, norm=norm))
        library = PatchGAN(1, condition_channels=2, width=8, depth=depth, flat=flat, norm="batch" if norm else "none")
        _require_equal(mine, library, image, condition)
    alone = require_network("patchgan", answer(3, width=8))
    require_shape("patchgan", alone, (2, 3, 48, 64), (2, 1, 4, 6), "an unconditional critic, of the image alone")
    count = sum(weights.numel() for weights in network.parameters())
    return f"{count:,} weights at width 8; {tuple(scores.shape[2:])} scores of 48×64 pixels, each of its own patch."


def _judge(network: nn.Module, image: Tensor, condition: Tensor) -> Tensor:
    """Return the scores, after a look at their shape, their range, and whether the condition counts."""
    with torch.no_grad():
        scores, others = network(image, condition), network(image, condition.flip(-1))
        extreme = network(image * 1000, condition * 1000)
    found = tuple(getattr(scores, "shape", ()))
    array_of("patchgan", scores, found)
    require(
        found[2:] not in ((), (1, 1)),
        f"patchgan: it gives {found}, one score an image. A PatchGAN ends in a convolution: a score for each patch.",
    )
    bounded = float(extreme.min()) >= 0 and float(extreme.max()) <= 1
    require(not bounded, "patchgan: its scores lie between 0 and 1: leave the sigmoid out, the loss has one.")
    require(found == (2, 1, 4, 6), f"patchgan: (2, 1, 48, 64) becomes {found}; expected (2, 1, 4, 6).")
    require(not torch.equal(scores, others), "patchgan: the condition is never looked at: torch.cat, axis 1.")
    return scores


def _require_equal(mine: nn.Module, library: nn.Module, image: Tensor, condition: Tensor) -> None:
    """Give the library's critic the learner's weights, and compare scores, also with condition and image exchanged."""
    copy_weights(
        "patchgan",
        mine,
        library,
        "The first stage has no norm; stages are built from the image to the score, which has a bias.",
        "Channels are width, 2·width, 4·width, at most 8·width.",
    )
    with torch.no_grad():
        found, expected = mine(image, condition), library(image, condition)
        array_of("patchgan", found, tuple(expected.shape))
        first = convolutions(library)[0]
        first.weight.copy_(first.weight.roll(-image.shape[1], 1))  # as if the image came first
        exchanged = library(image, condition)
    worst, swapped = (float((found - other).abs().max()) for other in (expected, exchanged))
    require(
        worst < 1e-5 or swapped > 1e-5,
        "patchgan: the image comes first; pix2pix has the condition in front: torch.cat([condition, image], 1).",
    )
    require(worst < 1e-5, f"patchgan: with the same weights the library's gives other scores, {worst:.2g} apart.")
