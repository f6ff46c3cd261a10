"""Zero-DCE: counts, curves by hand, the range it keeps."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons.generators.zero_dce import ZeroDCE


def test_counts():
    assert sum(p.numel() for p in ZeroDCE().parameters()) == 79_416
    assert sum(p.numel() for p in ZeroDCE(depth=2).parameters()) == 7_832  # 3→32→24


@pytest.mark.parametrize("depth", [2, 3, 4, 7])
def test_receptive_field(seen_by, depth):
    network = ZeroDCE(1, 1, width=2, depth=depth)
    assert network.receptive_field == 2 * depth + 1 == seen_by(network, 2 * depth + 9)


def test_a_curve_by_hand():
    network = ZeroDCE(1, 1, depth=2, curves=2).double()
    with torch.no_grad():
        network.layers[-1].weight.zero_()
        network.layers[-1].bias.copy_(torch.tensor([0.5, -0.25]).atanh())
    # 0.2 + 0.5·0.2·0.8 = 0.28; 0.28 − 0.25·0.28·0.72 = 0.2296
    assert network(torch.full((1, 1, 1, 1), 0.2, dtype=torch.float64)).item() == pytest.approx(0.2296, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 5), st.sampled_from([2, 5, 7]))
def test_values_stay_between_zero_and_one(seed, channels, depth):
    torch.manual_seed(seed)
    network = ZeroDCE(channels, channels, width=4, depth=depth)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(100)
    image = torch.rand(1, channels, 6, 5)
    image[..., 0, 0], image[..., 0, 1] = 0, 1
    bent = network(image)
    assert bent.min() >= -1e-6
    assert bent.max() <= 1 + 1e-6
    assert not bent[..., 0, 0].any()  # black stays black, white stays white
    torch.testing.assert_close(bent[..., 0, 1], torch.ones(1, channels))


def test_a_new_network_returns_nearly_its_input():
    torch.manual_seed(0)
    image = torch.rand(1, 3, 16, 16)
    assert (ZeroDCE()(image) - image).abs().max() < 0.05


def test_values_outside_stay_what_they_are():
    image = torch.tensor([-3.0, 1.5, 7e8]).reshape(1, 1, 1, 3)
    assert torch.equal(ZeroDCE(1, 1)(image), image)
