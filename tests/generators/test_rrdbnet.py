"""ESRGAN's generator: counts, what it sees, and what its blocks compute."""

import pytest
import torch
from torch.nn import functional as F

from gan_lessons.errors import InputError
from gan_lessons.generators.rrdbnet import DenseBlock, RRDBNet


@pytest.mark.parametrize(
    ("arguments", "count"),
    [({}, 16_697_987), ({"scale": 2}, 16_703_171), ({"scale": 1}, 16_723_907), ({"depth": 6}, 4_467_779)],
    ids=["x4", "x2", "x1", "drawings"],
)
def test_counts_are_those_of_the_published_weights(arguments, count):
    assert sum(p.numel() for p in RRDBNet(**arguments).parameters()) == count


@pytest.mark.parametrize("upsampling", ["resize", "transposed", "pixel_shuffle"])
@pytest.mark.parametrize("scale", [4, 2, 1])
def test_receptive_field(seen_by, scale, upsampling):
    network = RRDBNet(1, 1, scale=scale, width=4, growth=2, depth=1, upsampling=upsampling)
    assert seen_by(network, network.receptive_field + 8 * network.stride) == network.receptive_field


def test_a_dense_block_by_hand():
    torch.manual_seed(0)
    block = DenseBlock(4, 2, "none")
    x = torch.rand(1, 4, 6, 6)
    maps = [x]
    for layer in block.grow:
        conv = layer[0]
        maps.append(F.leaky_relu(F.conv2d(torch.cat(maps, 1), conv.weight, conv.bias, padding=1), 0.2))
    by_hand = x + 0.2 * F.conv2d(torch.cat(maps, 1), block.fuse.weight, block.fuse.bias, padding=1)
    torch.testing.assert_close(block(x), by_hand)


def test_weights_start_as_in_the_paper():
    torch.manual_seed(0)
    conv = DenseBlock(64, 32, "none").fuse
    assert conv.weight.std().item() == pytest.approx(0.1 * (2 / (192 * 9)) ** 0.5, rel=0.02)
    assert not conv.bias.any()


def test_other_scales_are_refused():
    with pytest.raises(InputError, match="scale 3: expected 1, 2 or 4"):
        RRDBNet(scale=3)
