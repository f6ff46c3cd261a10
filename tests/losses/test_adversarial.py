"""Objectives against hand-computed values, published formulas in float64, and the optima that their papers prove."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import root
from scipy.special import expit
from scipy.stats import norm

from gan_lessons.errors import InputError
from gan_lessons.losses.adversarial import OBJECTIVES, build_objective, list_objectives

REAL = torch.tensor([[2.0], [0.0]], dtype=torch.float64)
FAKE = torch.tensor([[-1.0], [1.0], [3.0]], dtype=torch.float64)


def log_sigmoid(x: float) -> float:
    return -math.log1p(math.exp(-x))


L = log_sigmoid
BY_HAND = {  # E r = 1, E f = 1; critic, generator
    "minimax": (-(L(2) + L(0)) / 2 - (L(1) + L(-1) + L(-3)) / 3, (L(1) + L(-1) + L(-3)) / 3),
    "bce": (-(L(2) + L(0)) / 2 - (L(1) + L(-1) + L(-3)) / 3, -(L(-1) + L(1) + L(3)) / 3),
    "lsgan": ((1 + 1) / 2 / 2 + (1 + 1 + 9) / 3 / 2, (4 + 0 + 4) / 3 / 2),
    "wgan": (0.0, -1.0),
    "wgan-gp": (0.0, -1.0),
    "hinge": ((0 + 1) / 2 + (0 + 2 + 4) / 3, -1.0),
    "ragan": (-(L(1) + L(-1)) / 2 - (L(2) + L(0) + L(-2)) / 3, -(L(-2) + L(0) + L(2)) / 3 - (L(-1) + L(1)) / 2),
    "ragan-ls": (((0 + 4) / 2 + (1 + 1 + 9) / 3) / 2, ((9 + 1 + 1) / 3 + (4 + 0) / 2) / 2),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_values_by_hand(name):
    critic, generator = BY_HAND[name]
    objective = build_objective(name)
    assert objective.critic_loss(REAL, FAKE).item() == pytest.approx(critic, abs=1e-12)
    assert objective.generator_loss(REAL, FAKE).item() == pytest.approx(generator, abs=1e-12)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradients_are_those_of_finite_differences(name):
    torch.manual_seed(0)
    real, fake = (torch.randn(3, 1, 2, 2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    objective = build_objective(name)
    assert torch.autograd.gradcheck(objective.critic_loss, (real, fake))
    assert torch.autograd.gradcheck(objective.generator_loss, (real, fake))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_generator_gains_when_its_scores_rise_and_the_critic_loses(name):
    """Public code has given the generator the critic's sign."""
    real, fake = torch.tensor([0.3, 0.1]), torch.tensor([0.2, 0.4], requires_grad=True)
    objective = build_objective(name)
    (generators,) = torch.autograd.grad(objective.generator_loss(real, fake).sum(), fake)
    (critics,) = torch.autograd.grad(objective.critic_loss(real, fake).sum(), fake)
    assert (generators < 0).all()
    assert (critics > 0).all()


@pytest.mark.parametrize("name", ["bce", "minimax", "hinge", "lsgan", "ragan", "ragan-ls"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_huge_scores_stay_finite(name, dtype):
    real, fake = torch.full((2, 1), -200.0, dtype=dtype), torch.full((2, 1), 200.0, dtype=dtype)
    objective = build_objective(name)
    assert objective.critic_loss(real, fake).isfinite()
    assert objective.generator_loss(real, fake).isfinite()


def test_least_squares_takes_the_scores_as_they_are():
    """Public code has an `lsgan` that is L1, and a sigmoid before the square."""
    lsgan = build_objective("lsgan")
    far = torch.tensor([11.0])
    assert lsgan.generator_loss(None, far).item() == pytest.approx(50)
    assert lsgan.critic_loss(far, 2 * far).item() == pytest.approx((10**2 + 22**2) / 2)


def test_smoothing_moves_the_real_label_only():
    bce, lsgan = build_objective("bce", smoothing=0.1), build_objective("lsgan", smoothing=0.1)
    score = torch.tensor([math.log(9)], dtype=torch.float64)  # sigmoid 0.9
    entropy = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))
    assert bce.critic_loss(score, score).item() == pytest.approx(entropy - math.log(0.1))
    assert bce.generator_loss(None, score).item() == pytest.approx(-math.log(0.9))
    assert lsgan.critic_loss(torch.tensor([0.9]), torch.zeros(1)).item() == pytest.approx(0)
    assert lsgan.generator_loss(None, torch.ones(1)).item() == 0


@pytest.mark.parametrize("name", OBJECTIVES)
def test_outputs_are_weighed(name):
    objective = build_objective(name)
    fine, coarse = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 2, 2)
    fine_fake, coarse_fake = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 2, 2)
    for loss in (objective.critic_loss, objective.generator_loss):
        one, two = loss(fine, fine_fake), loss(coarse, coarse_fake)
        both = [fine, coarse], [fine_fake, coarse_fake]
        torch.testing.assert_close(loss(*both, weights=(0.6, 0.4)), 0.6 * one + 0.4 * two)
        torch.testing.assert_close(loss(*both), (one + two) / 2)
    with pytest.raises(InputError, match="3 weights for 2 outputs"):
        objective.critic_loss(*both, weights=(1, 1, 1))
    with pytest.raises(InputError, match="1 outputs of a critic for real images, 2 for fakes"):
        objective.critic_loss(fine, [fine, coarse])


@given(seed=st.integers(0, 1000), shift=st.floats(-5, 5), name=st.sampled_from(["wgan", "ragan", "ragan-ls"]))
def test_only_differences_of_scores_count(seed, shift, name):
    random = torch.Generator().manual_seed(seed)
    real, fake = (torch.randn(5, generator=random, dtype=torch.float64) for _ in range(2))
    objective = build_objective(name)
    torch.testing.assert_close(objective.critic_loss(real, fake), objective.critic_loss(real + shift, fake + shift))


@given(seed=st.integers(0, 1000), name=st.sampled_from(["minimax", "bce", "lsgan", "wgan", "hinge"]))
def test_a_batch_is_the_mean_of_its_items(seed, name):
    random = torch.Generator().manual_seed(seed)
    real, fake = (torch.randn(4, 1, 3, 3, generator=random, dtype=torch.float64) for _ in range(2))
    objective = build_objective(name)
    for loss in (objective.critic_loss, objective.generator_loss):
        items = torch.stack([loss(real[i : i + 1], fake[i : i + 1]) for i in range(4)])
        torch.testing.assert_close(loss(real, fake), items.mean())


def test_a_relativistic_generator_needs_real_scores_and_learns_from_them():
    objective = build_objective("ragan")
    assert objective.relativistic
    with pytest.raises(InputError, match="no scores of real images"):
        objective.generator_loss(None, torch.zeros(2))
    real = torch.zeros(2, requires_grad=True)
    objective.generator_loss(real, torch.zeros(2)).backward()
    assert (real.grad > 0).all()


def test_the_mean_can_be_another():
    """Over several processes, or over a pool of past scores."""
    objective = build_objective("ragan-ls", mean=lambda scores: scores.new_tensor(0.5))
    loss = objective.critic_loss(torch.tensor([1.0]), torch.tensor([0.0]))
    assert loss.item() == pytest.approx((0.25 + 0.25) / 2)


def test_names():
    assert list_objectives() == list(BY_HAND)
    assert build_objective("wgan-gp").penalty == 10
    with pytest.raises(InputError, match="did you mean 'hinge'"):
        build_objective("hings")


# Two Gaussians of width 1, real at +m and fake at -m, on a grid of 64 places: a critic is a table of 64 scores, a batch
# has each place as often as its density says, so that a mean over the batch is an expectation, exactly.

PLACES = np.linspace(-3, 3, 64)


class Game:
    def __init__(self, mean):
        real_counts = np.round(20000 * norm.pdf(PLACES, mean)).astype(int)
        fake_counts = real_counts[::-1].copy()
        self.p, self.q = real_counts / real_counts.sum(), fake_counts / fake_counts.sum()
        self.real, self.fake = (torch.arange(64).repeat_interleave(torch.tensor(n)) for n in (real_counts, fake_counts))

    def critic_loss(self, name, table):
        return build_objective(name).critic_loss(table[self.real], table[self.fake])


FAR, NEAR = Game(1), Game(0.15)


def jensen_shannon(p, q):
    return (p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))).sum() / 2


def relativistic(p, q):
    """Solve p (σ(-(D + a)) + c) = q (σ(D - a) + c), a = E_p D = -E_q D, c = E_p σ(-(D + a)) = E_q σ(D - a), D odd.

    The slope of the loss in D(x), by hand; there is no closed form. It needs p / q < (1 + c) / c, or the best score is
    infinite: hence the Gaussians near each other.
    """

    def slope(half):
        d = np.concatenate([-half[::-1], half])
        misses, alarms = expit(-(d + p @ d)), expit(d - p @ d)
        return (q * (alarms + p @ misses) - p * (misses + q @ alarms))[32:]

    solution = root(slope, np.log(p / q)[32:], tol=1e-15)
    return np.concatenate([-solution.x[::-1], solution.x])


def relativistic_least_squares(p, q):
    """D = (2 - 3δ/2) (p - q) / (p + q), δ = E_p D - E_q D = 2T / (1 + 3T/2), T = Σ (p - q)² / (p + q)."""
    t = ((p - q) ** 2 / (p + q)).sum()
    return (2 - 1.5 * 2 * t / (1 + 1.5 * t)) * (p - q) / (p + q)


OPTIMA = {  # the critic, and its loss where a paper has it: Goodfellow theorem 1, Mao section 3.2.2, total variation
    "minimax": (FAR, lambda p, q: np.log(p / q), lambda p, q: 2 * math.log(2) - 2 * jensen_shannon(p, q)),
    "bce": (FAR, lambda p, q: np.log(p / q), lambda p, q: 2 * math.log(2) - 2 * jensen_shannon(p, q)),
    "lsgan": (FAR, lambda p, q: p / (p + q), lambda p, q: (p * q / (p + q)).sum() / 2),
    "hinge": (FAR, lambda p, q: np.sign(p - q), lambda p, q: 2 * np.minimum(p, q).sum()),
    "ragan": (NEAR, relativistic, None),
    "ragan-ls": (FAR, relativistic_least_squares, None),
}


@pytest.mark.parametrize("name", OPTIMA)
def test_the_critic_that_theory_calls_optimal_is(name):
    """All these losses are convex in the scores: a slope of zero is the minimum."""
    game, critic, value = OPTIMA[name]
    table = torch.tensor(critic(game.p, game.q), requires_grad=True)
    loss = game.critic_loss(name, table)
    if value:
        assert loss.item() == pytest.approx(value(game.p, game.q), abs=1e-12)
    if name != "hinge":  # which has a kink there
        (slope,) = torch.autograd.grad(loss, table)
        assert slope.abs().max() < 1e-12
    random = torch.Generator().manual_seed(0)
    for scale in (1e-3, 0.1, 1.0):
        other = table.detach() + scale * torch.randn(64, generator=random, dtype=torch.float64)
        assert game.critic_loss(name, other) > loss


def test_the_wasserstein_critic_measures_the_distance():
    """Among the functions of slope 1 the straight line is best, and its loss is minus the distance of the means."""
    line = torch.from_numpy(PLACES)
    best = FAR.critic_loss("wgan", line)
    assert -best.item() == pytest.approx(FAR.p @ PLACES - FAR.q @ PLACES)
    for other in (line.abs(), -line, line.sin(), line.clamp(-1, 1)):
        assert FAR.critic_loss("wgan", other) > best


@pytest.mark.parametrize("name", OBJECTIVES)
def test_fakes_walk_toward_the_real_images(name):
    """With a critic that rises from fake to real, a step down the generator's loss moves every fake that way."""
    fake = torch.linspace(-3, 1, 9, dtype=torch.float64, requires_grad=True)
    real = torch.linspace(-1, 3, 9, dtype=torch.float64)

    def critic(x):
        return torch.tanh(x / 4)

    build_objective(name).generator_loss(critic(real), critic(fake)).backward()
    assert (fake.grad < 0).all()
