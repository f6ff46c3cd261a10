"""Other right ways to build lesson 6's parts pass."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from gan_lessons import check
from gan_lessons.generators import FPN


def _cost(inputs: int, outputs: int, kernel: int, side: int, groups: int = 1) -> tuple[int, int]:
    """Counted by torch, on a network with a bias that costs nothing."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding="same", groups=groups, bias=False)
    with FlopCounterMode(display=False) as counter:
        layer(torch.zeros(1, inputs, side, side))
    return layer.weight.numel(), counter.get_total_flops() // 2


def _top_down(maps: Sequence[Tensor], smooth: Sequence[nn.Module]) -> list[Tensor]:
    """From the coarsest on, by repeating pixels."""
    if len(maps) == 1:
        return [maps[0]]
    above = _top_down(maps[1:], smooth[:-1])
    enlarged = above[-1].repeat_interleave(2, 2).repeat_interleave(2, 3)
    return [*above, smooth[-1](maps[0] + enlarged)]


def _join(pyramid: Sequence[Tensor], heads: Sequence[nn.Module]) -> Tensor:
    size = pyramid[-1].shape[2:]
    return torch.cat([F.interpolate(head(x), size) for head, x in zip(heads, pyramid, strict=True)], 1)


class Separable(nn.Module):
    """The two as attributes."""

    def __init__(self, inputs: int, outputs: int, bias: bool = False) -> None:
        super().__init__()
        self.look = nn.Conv2d(inputs, inputs, 3, padding="same", groups=inputs, bias=False)
        self.mix = nn.Conv2d(inputs, outputs, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.mix(self.look(x))


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.conv_cost, _cost),
        (check.separable, Separable),
        (check.top_down, _top_down),
        (check.join_heads, _join),
        (check.fpn, lambda channels, width: FPN(channels, width=width, separable=True)),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_of_other_make_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


def test_the_form_with_full_convolutions_is_told_apart():
    with pytest.raises(check.NotYet, match=r"each convolution behind|a norm or a bias"):
        check.fpn(lambda channels, width: FPN(channels, width=width, separable=False))
