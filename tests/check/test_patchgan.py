"""Other right ways to build the critic pass; what other networks are told."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gan_lessons import check
from gan_lessons.blocks import Norm
from gan_lessons.critics import PatchGAN
from gan_lessons.critics.stage import make_stage


def _critic(
    in_channels: int, condition_channels: int = 0, width: int = 64, depth: int = 3, flat: int = 1, norm: bool = True
) -> PatchGAN:
    kind = "batch" if norm else "none"
    return PatchGAN(in_channels, condition_channels=condition_channels, width=width, depth=depth, flat=flat, norm=kind)


def _stage(in_channels: int, out_channels: int, stride: int = 2, norm: bool = True) -> nn.Module:
    kind: Norm = "batch" if norm else "none"
    return make_stage(in_channels, out_channels, norm=kind, stride=stride, bias=not norm)


def _measured(index: int, layers: list[tuple[int, int, int]]) -> tuple[int, int]:
    """Return the span that autograd finds, far from the border, moved back by whole strides."""
    shift = 40
    stack = [nn.Conv1d(1, 1, *layer) for layer in layers]
    step = 1
    for layer in stack:
        nn.init.ones_(layer.weight)
        step *= layer.stride[0]
    line = torch.zeros(1, 1, 100 * step, requires_grad=True)
    nn.Sequential(*stack)(line)[0, 0, index + shift].backward()
    assert line.grad is not None
    seen = line.grad[0, 0].nonzero()
    return int(seen.min()) - shift * step, int(seen.max()) - shift * step


def test_what_autograd_finds_passes(capsys):
    check.patch_span(_measured)
    assert "sees 70 pixels" in capsys.readouterr().out


def test_the_librarys_own_parts_pass():
    check.patchgan(_critic)
    check.stage(_stage)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *a, **k: nn.Identity(), "no layers yet"),
        (lambda *a, **k: PatchGAN, "expected an nn.Module"),
        (lambda i, c=0, width=64, **k: PatchGAN(i, condition_channels=c, width=width, norm="instance"), "expected"),
        (lambda i, c=0, width=64, **k: PatchGAN(i, condition_channels=c, width=width, padding=2), "expected (2, 1, 4"),
    ],
)
def test_other_critics_are_told_apart(answer, words):
    with pytest.raises(check.NotYet) as refusal:
        check.patchgan(answer)
    assert words in str(refusal.value)
