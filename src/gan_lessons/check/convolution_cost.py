"""Lesson 6: what convolutions cost, and the depthwise-separable one that costs less."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import nn

from gan_lessons.blocks import measure_cost
from gan_lessons.check.exercise import exercise, require
from gan_lessons.check.networks import convolutions, require_network, require_shape

Answer = Callable[..., Any]
Cost = Callable[[int, int, int, int, int], tuple[float, float]]

COSTS: dict[str, Cost] = {
    "groups aren't counted: each output channel sees inputs // groups channels": lambda i, o, k, s, g: (
        o * i * k**2,
        o * i * k**2 * s**2,
    ),
    "a kernel has kernel² weights for each channel that it sees": lambda i, o, k, s, g: (
        o * (i // g) * k,
        o * (i // g) * k * s**2,
    ),
    "each weight is multiplied once for every pixel: side² times": lambda i, o, k, s, g: (
        o * (i // g) * k**2,
        o * (i // g) * k**2 * s,
    ),
    "a bias is counted; there is none": lambda i, o, k, s, g: (
        o * (i // g) * k**2 + o,
        (o * (i // g) * k**2 + o) * s**2,
    ),
    "these are operations; a MAC is a multiplication with its addition, one of both": lambda i, o, k, s, g: (
        o * (i // g) * k**2,
        2 * o * (i // g) * k**2 * s**2,
    ),
}
"""What is wrong with each of the usual wrong formulas."""


@exercise
def conv_cost(answer: Answer) -> str:
    """Check ``conv_cost(inputs, outputs, kernel, side, groups=1)``: weights and MACs, against what torch counts."""
    name = "conv_cost"
    cases = [(8, 24, k, side, groups) for k, side, groups in product((1, 3, 5), (4, 7), (1, 2, 8))]
    found = [answer(*case) for case in cases]
    two = all(isinstance(one, (tuple, list)) and len(one) == 2 for one in found)
    require(two, f"{name}: it returns {found[0]!r}; expected two numbers, (weights, MACs).")
    why = next((text for text, cost in COSTS.items() if found == [cost(*case) for case in cases]), "")
    for case, told in zip(cases, found, strict=True):
        inputs, outputs, kernel, side, groups = case
        layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)
        cost = measure_cost(layer, (1, inputs, side, side))
        about = f"{inputs} to {outputs} channels, kernel {kernel}, side {side}, groups {groups}"
        reason = why or "count weights first, then how often each is used"
        require(
            tuple(told) == (cost.parameters, cost.macs),
            f"{name}: {tuple(told)} for {about}; torch counts {(cost.parameters, cost.macs)}: {reason}.",
        )
    return f"as torch counts, in {len(cases)} cases."


@exercise
def separable(answer: Answer) -> str:
    """Check ``separable(inputs, outputs, bias=False)``: depthwise 3×3, then pointwise."""
    name = "separable"
    for bias in (False, True):
        block = require_network(name, answer(6, 10, bias=bias))
        require_shape(name, block, (2, 6, 9, 7), (2, 10, 9, 7), "a 3×3 of padding 1 and a 1×1")
        found = convolutions(block)
        require(len(found) == 2, f"{name}: it has {len(found)} convolutions; expected two, depthwise and pointwise.")
        kernels = [conv.kernel_size[0] for conv in found]
        require(kernels == [3, 1], f"{name}: the kernels are {kernels}; expected [3, 1], neighbors first.")
        depthwise, pointwise = found
        require(
            depthwise.groups == 6,
            f"{name}: the 3×3 has groups={depthwise.groups}, so that it mixes channels; depthwise is groups=inputs.",
        )
        require(depthwise.out_channels == 6, f"{name}: the 3×3 gives {depthwise.out_channels} channels; expected 6.")
        require(depthwise.bias is None, f"{name}: the depthwise convolution has a bias; only the pointwise may.")
        require(
            (pointwise.bias is not None) == bias,
            f"{name}: bias={bias} was asked for, and the pointwise convolution does otherwise.",
        )
        image = torch.randn(1, 6, 9, 7)
        with torch.no_grad():
            plain = pointwise(depthwise(image))
            same = torch.allclose(block(image), plain, atol=1e-5)
        require(same, f"{name}: something stands between or behind the two; here they follow each other directly.")
    return "groups=inputs, then 1×1; nothing between."
