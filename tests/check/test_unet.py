"""Other right ways to build the blocks pass: what counts is what a network does, not what its attributes are called."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gan_lessons import check
from gan_lessons.generators import UNet


class Down(nn.Module):
    """The layers as attributes, with other names."""

    def __init__(self, in_channels: int, out_channels: int, norm: bool = True) -> None:
        super().__init__()
        self.bend = nn.LeakyReLU(0.2, inplace=True)
        self.halve = nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False)
        self.even = nn.BatchNorm2d(out_channels) if norm else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.even(self.halve(self.bend(x)))


def _unet(in_channels: int, out_channels: int, width: int = 64, depth: int = 2) -> UNet:
    return UNet(in_channels, out_channels, width=width, depth=depth, dropout=0.0, bottom_norm=True)


def test_blocks_and_networks_of_other_make_pass():
    check.down(Down)
    check.unet(_unet)


def test_checking_leaves_weights_alone():
    made = []

    def keep(*args: int, **kwargs: int) -> UNet:
        made.append(_unet(*args, **kwargs))
        torch.manual_seed(7)
        return made[-1]

    torch.manual_seed(0)
    expected = {name: value.clone() for name, value in _unet(2, 1, width=8, depth=4).state_dict().items()}
    torch.manual_seed(0)
    check.unet(keep)
    found = made[0].state_dict()
    assert all(torch.equal(found[name], value) for name, value in expected.items())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *a, **k: nn.Identity(), "no layers yet"),
        (lambda *a, **k: "UNet", "expected an nn.Module"),
        (lambda i, o, width, depth: UNet(i, o, width=width, depth=depth, dropout=0.0), "a norm or a bias"),
        (lambda i, o, width, depth: _unet(i, o, width=width, depth=3), "doubles 3 times at depth 4"),
    ],
)
def test_other_networks_are_told_apart(answer, words):
    with pytest.raises(check.NotYet, match=words):
        check.unet(answer)
