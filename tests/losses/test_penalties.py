"""Penalties: exact on linear and quadratic critics, and differentiable."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gan_lessons.losses.penalties import clip_weights, gradient_penalty, r1_penalty


@given(seed=st.integers(0, 1000), items=st.integers(1, 4), channels=st.integers(1, 5))
def test_exact_on_a_linear_critic(seed, items, channels):
    """Its gradient is the weight, everywhere: the norm over all of an item, not over its channels."""
    random = torch.Generator().manual_seed(seed)
    weight = torch.randn(channels, 4, 3, generator=random, dtype=torch.float64)
    real, fake = (torch.randn(items, channels, 4, 3, generator=random, dtype=torch.float64) for _ in range(2))

    def critic(x):
        return (x * weight).sum((1, 2, 3))

    expected = (weight.norm() - 1) ** 2
    torch.testing.assert_close(gradient_penalty(critic, real, fake), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(r1_penalty(critic, real), weight.norm() ** 2 / 2, rtol=1e-12, atol=1e-12)


def test_every_item_has_its_own_point():
    """On ½x² the gradient is x: with real 0 and fake 1 it is alpha, and public code draws one for the whole batch."""
    real, fake = torch.zeros(4, 1, 1, 1), torch.ones(4, 1, 1, 1)
    seen = []

    def critic(x):
        seen.append(x.detach().flatten())
        return x.square().flatten(1).sum(1) / 2

    alpha = torch.tensor([0.0, 0.25, 0.5, 1.0])
    expected = (alpha - 1).square().mean()
    torch.testing.assert_close(gradient_penalty(critic, real, fake, alpha=alpha), expected)
    gradient_penalty(critic, real, fake, generator=torch.Generator().manual_seed(0))
    assert seen[1].unique().numel() == 4
    assert ((seen[1] >= 0) & (seen[1] <= 1)).all()


def test_the_score_of_a_map_is_its_mean():
    real, fake = torch.rand(2, 1, 8, 8, dtype=torch.float64), torch.rand(2, 1, 8, 8, dtype=torch.float64)
    one = gradient_penalty(lambda x: 5 * x.mean((1, 2, 3)), real, fake)
    torch.testing.assert_close(gradient_penalty(lambda x: 5 * x, real, fake), one)
    both = gradient_penalty(lambda x: [5 * x, 10 * x[..., ::2, ::2]], real, fake, weights=(1.0, 0.0))
    torch.testing.assert_close(both, one)


def test_images_get_no_gradient_and_the_critic_does():
    critic = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Conv2d(2, 1, 3))
    real, fake = torch.rand(2, 1, 6, 6, requires_grad=True), torch.rand(2, 1, 6, 6, requires_grad=True)
    (gradient_penalty(critic, real, fake) + r1_penalty(critic, real)).backward()
    assert real.grad is None
    assert fake.grad is None
    assert all(p.grad is not None and p.grad.any() for n, p in critic.named_parameters() if n != "2.bias")


def test_differentiable_twice():
    torch.manual_seed(0)
    real, fake = torch.rand(2, 1, 3, 3, dtype=torch.float64), torch.rand(2, 1, 3, 3, dtype=torch.float64)
    alpha = torch.tensor([0.3, 0.6], dtype=torch.float64)
    weight = torch.randn(2, 1, 2, 2, dtype=torch.float64, requires_grad=True)

    def penalty(weight):
        def critic(x):
            return torch.tanh(nn.functional.conv2d(x, weight))

        return gradient_penalty(critic, real, fake, alpha=alpha) + r1_penalty(critic, real)

    assert torch.autograd.gradcheck(penalty, weight)


def test_a_flat_critic_gives_one_and_a_finite_slope():
    critic = nn.Conv2d(1, 1, 3)
    nn.init.zeros_(critic.weight)
    penalty = gradient_penalty(critic, torch.rand(2, 1, 5, 5), torch.rand(2, 1, 5, 5))
    penalty.backward()
    assert penalty.item() == 1
    assert critic.weight.grad.isfinite().all()


def test_clip():
    critic = nn.Linear(3, 2)
    clip_weights(critic, 0.05)
    assert max(p.abs().max().item() for p in critic.parameters()) == pytest.approx(0.05)
