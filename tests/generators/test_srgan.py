"""SRGAN's generator: counts and what it sees."""

import pytest
import torch

from gan_lessons.errors import InputError
from gan_lessons.generators.srgan import SRGAN


def test_counts_add_up():
    """By hand: convolutions with bias, gain and offset of batch norm, one slope a PReLU."""
    nine, three = 3 * 64 * 81 + 64, 64 * 64 * 9 + 64
    block = 2 * (three + 2 * 64) + 1
    enlarge = 64 * 256 * 9 + 256 + 1
    paper = nine + 1 + 16 * block + three + 2 * 64 + 2 * enlarge + 64 * 3 * 81 + 3
    assert sum(p.numel() for p in SRGAN().parameters()) == paper == 1_549_462
    simple = SRGAN(scale=1, depth=1, long_skip=False, activation="relu")
    assert sum(p.numel() for p in simple.parameters()) == nine + block - 1 + 64 * 3 * 81 + 3


@pytest.mark.parametrize("upsampling", ["resize", "transposed", "pixel_shuffle"])
@pytest.mark.parametrize(("scale", "long_skip"), [(4, True), (2, False), (1, True)])
def test_receptive_field(seen_by, scale, long_skip, upsampling):
    network = SRGAN(1, 1, scale=scale, width=2, depth=1, long_skip=long_skip, upsampling=upsampling)
    assert seen_by(network, network.receptive_field + 8) == network.receptive_field


def test_instance_norm_sees_the_whole_image():
    assert SRGAN(width=4, depth=1, norm="instance").receptive_field is None


def test_pixel_shuffle_starts_without_a_checkerboard():
    torch.manual_seed(0)
    enlarge = SRGAN(width=4, depth=1, scale=2, activation="relu").enlarge
    x = enlarge(torch.rand(1, 4, 5, 5))
    torch.testing.assert_close(x[..., ::2, ::2], x[..., 1::2, 1::2])


def test_other_scales_are_refused():
    with pytest.raises(InputError, match="scale 8: expected 1, 2 or 4"):
        SRGAN(scale=8)
