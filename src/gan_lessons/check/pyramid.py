"""Lesson 6: DeblurGAN-v2's generator, from its pyramid to the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.check.exercise import NotYet, array_of, compare, exercise, require
from gan_lessons.check.networks import copy_weights, require_network, require_shape
from gan_lessons.generators import FPN

Answer = Callable[..., Any]


@exercise
def top_down(answer: Answer) -> str:
    """Check ``top_down(maps, smooth)``: fine-to-coarse maps to a coarse-to-fine pyramid."""
    name = "top_down"
    torch.manual_seed(0)
    maps = [torch.randn(1, 4, side, 3 * side // 2) for side in (32, 16, 8)]
    smooth = [nn.Conv2d(4, 4, 3, padding=1) for _ in range(2)]
    with torch.no_grad():
        levels = answer(list(maps), smooth)
        require(isinstance(levels, (list, tuple)), f"{name}: it returns {type(levels).__name__}; expected a list.")
        shapes = [tuple(level.shape[2:]) for level in levels]
        expected = [tuple(level.shape[2:]) for level in reversed(maps)]
        require(
            shapes != expected[::-1],
            f"{name}: the pyramid goes from fine to coarse; the coarsest level comes first.",
        )
        require(shapes == expected, f"{name}: the levels are {shapes}; expected {expected}.")
        mistakes: list[dict[str, Tensor]] = [
            {"the coarsest level goes through a convolution; it is the lateral as it is.": smooth[0](maps[2])}
        ]
        right = [maps[2]]
        for lateral, layers in zip(reversed(maps[:-1]), smooth, strict=True):
            height, width = lateral.shape[2:]
            above = F.interpolate(right[-1], scale_factor=2)
            stretched = F.interpolate(right[-1], scale_factor=4)[..., :height, :width]
            mistakes.append(
                {
                    "a level is enlarged twice and cut: its content lies at double its place. Enlarge once, "
                    "by 2.": layers(lateral + stretched),
                    "the sum isn't smoothed: layers(lateral + enlarged).": lateral + above,
                    "only the lateral is smoothed; smooth the sum.": layers(lateral) + above,
                    "only what comes from above is smoothed; smooth the sum.": lateral + layers(above),
                    "what comes from above is missing: add the coarser level, enlarged.": layers(lateral),
                    "the level above is enlarged smoothly; the original takes nearest neighbors.": layers(
                        lateral + F.interpolate(right[-1], scale_factor=2, mode="bilinear")
                    ),
                }
            )
            right.append(layers(lateral + above))
        for level, one, wrong in zip(levels, right, mistakes, strict=True):
            arrays = {sentence: value.double().numpy() for sentence, value in wrong.items()}
            compare(name, array_of(name, level, tuple(one.shape)), one.double().numpy(), arrays)
    return "each level is its lateral and all coarser ones, each enlarged once."


@exercise
def join_heads(answer: Answer) -> str:
    """Check ``join_heads(pyramid, heads)``: every head's result at the finest size, the coarsest in front."""
    name = "join_heads"
    torch.manual_seed(0)
    pyramid = [torch.randn(1, 3, side, 2 * side) for side in (4, 8, 16)]
    heads = [nn.Conv2d(3, 2, 3, padding=1) for _ in pyramid]
    with torch.no_grad():

        def joined(order: int = 1) -> Tensor:
            found = [F.interpolate(h(x), size=(16, 32)) for h, x in zip(heads, pyramid, strict=True)]
            return torch.cat(found[::order], 1)

        early = [h(F.interpolate(x, size=(16, 32))) for h, x in zip(heads, pyramid, strict=True)]
        answered = answer(list(pyramid), heads)
        if isinstance(answered, Tensor) and answered.shape[1] == 2:
            raise NotYet(f"{name}: the heads' results are added; concatenate them: torch.cat along axis 1.")
        mistakes = {
            "the finest is in front; the pyramid's order is coarse to fine.": joined(-1),
            "levels are enlarged before their heads look at them; heads look at small ones.": torch.cat(early, 1),
        }
        arrays = {sentence: value.double().numpy() for sentence, value in mistakes.items()}
        found = array_of(name, answered, (1, 6, 16, 32))
        compare(name, found, joined().double().numpy(), arrays)
    return "each is enlarged once, after its head."


@exercise
def fpn(answer: Answer) -> str:
    """Check ``FPN(channels, width=128, conv=separable)``, (N, channels, H, W) in [-1, 1] to the same."""
    name = "fpn"
    torch.manual_seed(0)
    network = require_network(name, answer(2, width=16)).eval()
    image = torch.rand(1, 2, 64, 96) * 2 - 1
    require_shape(name, network, (1, 2, 64, 96), (1, 2, 64, 96), "two doublings behind the merged heads")
    library = FPN(2, width=16, separable=True).eval()
    order = "Parts are built in the table's order; each convolution behind the laterals comes from `conv`."
    copy_weights(name, network, library, "Laterals have no bias.", order)
    with torch.no_grad():
        result = array_of(name, network(image), tuple(image.shape))
        right = library(image).double()
        bare = _before_tanh(library, image)
        change = bare.tanh()
        mistakes = {
            "the image isn't added to the change.": change,
            "the sum isn't clamped to [-1, 1].": image + change,
            "tanh is missing before the image is added.": (image + bare).clamp(-1, 1),
            "the finest lateral, at H/2, isn't added before `refine`.": (
                image + _before_tanh(library, image, finest=0.0).tanh()
            ).clamp(-1, 1),
        }
        compare(name, result, right.numpy(), {k: v.double().numpy() for k, v in mistakes.items()})
    count = sum(weights.numel() for weights in network.parameters())
    return f"{count:,} weights at width 16; equal to the library's."


def _before_tanh(library: Any, image: Tensor, *, finest: float = 1.0) -> Tensor:
    """Return the change that the library's network finds, before tanh; `finest` weights the lateral at H/2."""
    first, *maps = [lateral(x) for lateral, x in zip(library.laterals, library.encoder(image), strict=True)]
    pyramid = [maps.pop()]
    for layers in library.top_down:
        pyramid.append(layers(maps.pop() + F.interpolate(pyramid[-1], scale_factor=2)))
    heads = [F.interpolate(h(x), size=pyramid[-1].shape[2:]) for h, x in zip(library.heads, pyramid, strict=True)]
    x = library.refine(F.interpolate(library.merge(torch.cat(heads, 1)), scale_factor=2) + finest * first)
    return library.last(F.interpolate(x, scale_factor=2))
