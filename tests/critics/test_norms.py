"""Spectral norm, virtual batch norm, minibatch deviation."""

import numpy as np
import pytest
import torch
from torch.nn.utils.parametrize import is_parametrized

from gan_lessons.critics import PatchGAN, build_critic
from gan_lessons.critics.minibatch import MinibatchDeviation
from gan_lessons.critics.virtual_norm import VirtualBatchNorm
from gan_lessons.errors import InputError


def largest_singular_value(layer):
    return np.linalg.svd(layer.weight.detach().flatten(1).numpy(), compute_uv=False)[0]


@pytest.mark.parametrize(
    ("name", "arguments", "layers"), [("patchgan", {"norm": "none", "spectral": True}, 5), ("unet", {}, 8)]
)
def test_spectral_norm_is_at_most_one(name, arguments, layers):
    """One power iteration a step: close while the weights move, exact once they rest."""
    torch.manual_seed(0)
    critic = build_critic(name, width=8, **arguments)
    optimizer = torch.optim.SGD(critic.parameters(), lr=1e-3)
    for _ in range(10):
        optimizer.zero_grad()
        critic(torch.randn(1, 3, 32, 32)).mean().backward()
        optimizer.step()
    normalized = [layer for layer in critic.modules() if is_parametrized(layer)]
    assert len(normalized) == layers
    for layer in normalized:
        assert largest_singular_value(layer) < 1.15
        for _ in range(1000):
            _ = layer.weight  # reading it is a step
        assert largest_singular_value(layer) == pytest.approx(1, abs=1e-4)


def test_virtual_batch_norm_by_hand():
    norm = VirtualBatchNorm(2)
    torch.nn.init.constant_(norm.weight, 3)
    torch.nn.init.constant_(norm.bias, -1)
    torch.manual_seed(0)
    x = 5 + 2 * torch.randn(7, 2, 4, 3, dtype=torch.float64)
    norm.references = 3
    result = norm(x).detach().numpy()
    reference = x[:3].numpy()
    for i in range(3, 7):  # an item's pool: the reference batch and itself
        pool = np.concatenate([reference, x[i : i + 1].numpy()])
        mean, variance = pool.mean((0, 2, 3)), pool.var((0, 2, 3))
        expected = 3 * (x[i].numpy() - mean[:, None, None]) / np.sqrt(variance[:, None, None] + 1e-5) - 1
        np.testing.assert_allclose(result[i], expected, atol=1e-12)
    plain = torch.nn.functional.batch_norm(x[:3], None, None, training=True)
    np.testing.assert_allclose(result[:3], 3 * plain.numpy() - 1, atol=1e-12)


@pytest.fixture
def virtual():
    torch.manual_seed(0)
    critic = PatchGAN(1, width=4, norm="virtual", condition_channels=1)
    critic.set_reference(torch.randn(5, 1, 32, 32), torch.randn(5, 1, 32, 32))
    return critic


def test_virtual_batch_norm_does_not_see_the_other_items(virtual):
    image, condition = torch.randn(4, 1, 32, 32), torch.randn(4, 1, 32, 32)
    together = virtual.train()(image, condition)
    for i in range(4):
        torch.testing.assert_close(virtual(image[i : i + 1], condition[i : i + 1])[0], together[i])
    before = together
    virtual.set_reference(torch.randn(5, 1, 32, 32), torch.randn(5, 1, 32, 32))
    assert not torch.allclose(virtual(image, condition), before, atol=1e-3)


def test_the_reference_batch_is_saved(virtual):
    image, condition = torch.randn(2, 1, 32, 32), torch.randn(2, 1, 32, 32)
    other = PatchGAN(1, width=4, norm="virtual", condition_channels=1)
    with pytest.raises(InputError, match="no reference batch"):
        other(image, condition)
    other.load_state_dict(virtual.state_dict())
    assert torch.equal(other(image, condition), virtual(image, condition))


def test_a_reference_batch_has_to_fit(virtual):
    with pytest.raises(InputError, match=r"images of \(40, 32\), the reference batch has \(32, 32\)"):
        virtual(torch.zeros(1, 1, 40, 32), torch.zeros(1, 1, 40, 32))
    with pytest.raises(InputError, match="norm='virtual'"):
        PatchGAN(1, width=4).set_reference(torch.zeros(1, 1, 32, 32))


@pytest.mark.parametrize("name", ["multiscale", "dual"])
def test_several_outputs_have_a_reference_each(name):
    critic = build_critic(name, in_channels=1, width=4, norm="virtual")
    critic.set_reference(torch.randn(3, 1, 32, 32))
    image = torch.randn(2, 1, 32, 32)
    for together, alone in zip(critic(image), critic(image[:1]), strict=True):
        torch.testing.assert_close(together[:1], alone)


def test_minibatch_deviation_by_hand():
    x = torch.tensor([[[[1.0, 2.0]], [[0.0, 0.0]]], [[[3.0, 2.0]], [[4.0, 0.0]]]])  # deviations 1, 0, 2, 0
    result = MinibatchDeviation()(x)
    assert torch.equal(result[:, :2], x)
    torch.testing.assert_close(result[:, 2], torch.full((2, 1, 2), 0.75), atol=1e-4, rtol=0)


def test_minibatch_deviation_tells_collapse():
    torch.manual_seed(0)
    critic = PatchGAN(1, width=4, norm="none", minibatch_deviation=True)
    one = torch.randn(1, 1, 32, 32)
    alike = one.repeat(4, 1, 1, 1).requires_grad_()
    torch.testing.assert_close(critic(alike), critic(one).expand(4, -1, -1, -1))
    critic(alike).sum().backward()
    assert alike.grad.isfinite().all()
    plain = PatchGAN(1, width=4, norm="none")
    assert sum(p.numel() for p in critic.parameters()) == sum(p.numel() for p in plain.parameters()) + 16
