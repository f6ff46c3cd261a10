"""Other right ways to build DeblurGAN's generator pass."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gan_lessons import check
from gan_lessons.generators import ResNetGenerator


class Block(nn.Module):
    """Padding as layers of its own, the shortcut added in place."""

    def __init__(self, channels: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 3) for _ in range(2))
        self.pad, self.even, self.silence = nn.ReflectionPad2d(1), nn.InstanceNorm2d(channels), nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.silence(torch.relu(self.even(self.first(self.pad(x)))))
        return self.even(self.second(self.pad(y))) + x


def _resnet(channels: int, width: int = 64, blocks: int = 9, dropout: float = 0.5) -> ResNetGenerator:
    return ResNetGenerator(channels, width=width, blocks=blocks, dropout=dropout)


def test_blocks_and_networks_of_other_make_pass(capsys):
    check.residual_block(Block)
    check.resnet(_resnet)
    assert capsys.readouterr().out.count("✓") == 2


def test_checking_leaves_weights_alone():
    made = []

    def keep(*args: int, **kwargs: int) -> ResNetGenerator:
        made.append(_resnet(*args, **kwargs))
        return made[-1]

    check.resnet(keep)
    torch.manual_seed(0)
    fresh = _resnet(2, width=4, blocks=2).state_dict()
    assert all(torch.equal(value, fresh[name]) for name, value in made[0].state_dict().items())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"residual": "none"}, "the image isn't added"),
        ({"residual": "halved"}, "half the image's contrast"),
        ({"norm": "batch"}, "DeblurGAN takes instance norm"),
        ({"norm": "none"}, "no instance norm"),
        ({"upsampling": "resize"}, "is right|expected"),
    ],
)
def test_other_forms_are_told_apart(arguments, words):
    with pytest.raises(check.NotYet, match=words):
        check.resnet(lambda channels, **kwargs: ResNetGenerator(channels, **{**kwargs, **arguments}))
