"""Lesson 7: two critics, the relativistic loss of both, and the step that trains with them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_lessons.check.exercise import array_of, compare, exercise, require
from gan_lessons.check.networks import copy_weights, require_network
from gan_lessons.critics import DualCritic
from gan_lessons.losses.relativistic import RaGANLS

Answer = Callable[..., Any]
OBJECTIVE = RaGANLS()
RATE, JUNK = 0.1, 0.5  # of gradient descent; every gradient that an earlier step has left


@exercise
def dual_critic(answer: Answer) -> str:
    """Check ``DualCritic(in_channels, width=64, depths=(3, 5))``: two score maps, the shallow critic's first."""
    name = "dual_critic"
    torch.manual_seed(0)
    critic = require_network(name, answer(2, width=4, depths=(1, 3)))
    library = DualCritic(2, width=4, depths=(1, 3))
    image = torch.randn(2, 2, 64, 48)
    with torch.no_grad():
        maps = critic(image)
        require(isinstance(maps, (list, tuple)), f"{name}: it returns {type(maps).__name__}; expected a list of two.")
        shapes, expected = [tuple(x.shape) for x in maps], [tuple(x.shape) for x in library(image)]
        require(shapes != expected[::-1], f"{name}: the deep critic's map comes first; expected the shallow one's.")
        require(
            shapes == expected,
            f"{name}: the maps are {shapes}; expected {expected}. Both look at the whole image, at its full size.",
        )
        copy_weights(name, critic, library, "Two critics, each with weights of its own.", "The shallow one is first.")
        for found, right in zip(maps, library(image), strict=True):
            compare(name, array_of(name, found, tuple(right.shape)), right.double().numpy(), {})
    return "two critics on one image, each with weights of its own."


@exercise
def relativistic_losses(answer: Answer) -> str:
    """Check ``relativistic_losses(real, fake)``: RaGAN-LS's (critic's, generator's)."""
    name = "relativistic_losses"
    torch.manual_seed(0)
    real, fake = torch.randn(2, 1, 5, 4) + 0.7, torch.randn(2, 1, 5, 4)
    found = _pair(name, answer(real, fake))

    def half(score: Tensor, against: Tensor, mark: float) -> Tensor:
        return (score - against - mark).square().mean()

    critic, generator = OBJECTIVE.critic_term(real, fake), OBJECTIVE.generator_term(real, fake)
    apart = {
        "the scores aren't compared with the other kind's mean: this is plain least squares.": (
            half(real, torch.zeros(()), 1) + half(fake, torch.zeros(()), -1)
        )
        / 2,
        "each score is compared with its partner; compare with the other kind's mean.": (
            half(real, fake, 1) + half(fake, real, -1)
        )
        / 2,
        "each score is compared with its own kind's mean; take the other's.": (
            half(real, real.mean(), 1) + half(fake, fake.mean(), -1)
        )
        / 2,
        "the critic's is twice as large: the ½ is missing.": 2 * critic,
        "the critic's is the generator's: it wants sharp images high.": generator,
    }
    turned = {
        "the generator is given the critic's loss, so it learns to be found out: exchange the kinds.": critic,
        "the generator's is minus the critic's, which has no floor: exchange the kinds instead.": -critic,
        "the generator's is twice as large: the ½ is missing.": 2 * generator,
        "the generator's lacks the sharp images: their scores should fall, too.": half(fake, real.mean(), 1) / 2,
    }
    for one, right, mistakes in zip(found, (critic, generator), (apart, turned), strict=True):
        compare(name, one, _array(right), {sentence: _array(value) for sentence, value in mistakes.items()})
    return "against the other kind's mean; the generator's with the kinds exchanged."


@exercise
def dual_losses(answer: Answer) -> str:
    """Check ``dual_losses(real, fake)``, of lists of score maps: the critics' mean of (critic's, generator's)."""
    name = "dual_losses"
    torch.manual_seed(0)
    real, fake = ([torch.randn(2, 1, side, side) + shift for side in (6, 3)] for shift in (0.7, 0.0))
    found = _pair(name, answer(real, fake))
    joined = [torch.cat([x.flatten() for x in maps]) for maps in (real, fake)]
    for one, loss in zip(found, (OBJECTIVE.critic_loss, OBJECTIVE.generator_loss), strict=True):
        right, pooled = loss(real, fake), loss(joined[0], joined[1])
        mistakes = {
            "all scores are put into one mean, so that the critic with more of them drowns the other.": pooled,
            "the critics' losses are added; average them.": 2 * right,
            "only the first critic counts.": loss(real[0], fake[0]),
            "only the last critic counts.": loss(real[1], fake[1]),
        }
        compare(name, one, _array(right), {sentence: _array(value) for sentence, value in mistakes.items()})
    alone = _pair(name, answer(real[:1], fake[:1]))
    compare(name, alone[0], _array(OBJECTIVE.critic_loss(real[0], fake[0])), {})
    return "each critic's own mean first, then the mean of the critics."


@exercise
def dual_step(answer: Answer) -> str:
    """Check ``dual_step(generator, critic, optimizers, degraded, sharp, weight)``: first the critic's."""
    name, weight = "dual_step", 0.3
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Tanh(), nn.Conv2d(2, 1, 3, padding=1))
    critic = DualCritic(1, width=2, depths=(1, 2), norm="none")
    for weights in critic.parameters():
        weights.data *= 20  # so that it pulls as much as the content does
    degraded, sharp = torch.randn(2, 3, 1, 16, 12)
    learned = copy.deepcopy(critic)
    restored = generator(degraded).detach()
    _descend(learned, OBJECTIVE.critic_loss(learned(sharp), learned(restored)))
    begun, earlier, crossed = (copy.deepcopy(network) for network in (generator, critic, critic))
    _descend(crossed, OBJECTIVE.generator_loss(crossed(sharp), crossed(restored)))

    def moved(
        judge: nn.Module, *, sign: Callable[..., Tensor] = OBJECTIVE.generator_loss, share: float = weight
    ) -> Any:
        twin = copy.deepcopy(begun)
        image = twin(degraded)
        _descend(twin, (image - sharp).abs().mean() + share * sign(judge(sharp), judge(image)))
        return _weights(twin)

    before = _weights(generator), _weights(critic)
    optimizers = [_optimizer_with_junk(network) for network in (generator, critic)]
    answer(generator, critic, optimizers, degraded, sharp, weight)
    right = _weights(learned)
    compare(
        name,
        _weights(critic),
        right,
        {
            "the critic hasn't moved: backward, then its optimizer's step.": before[1],
            "the critic still has gradients of an earlier step: zero_grad() before backward.": right - RATE * JUNK,
            "the critic goes down the generator's loss.": _weights(crossed),
        },
    )
    mistakes = {
        "the generator hasn't moved: backward, then its optimizer's step.": before[0],
        "the generator has gradients of an earlier step, or the critic's: detach for the critic's half, zero_grad() "
        "before backward.": moved(learned) - RATE * JUNK,
        "the generator is given the critic's loss, so it learns to be found out.": moved(
            learned, sign=OBJECTIVE.critic_loss
        ),
        "nothing of the critic reaches the generator: here the restored image isn't detached.": moved(learned, share=0),
        "`weight` isn't used.": moved(learned, share=1.0),
        "the generator is judged by the critic as it was before its step.": moved(earlier),
    }
    compare(name, _weights(generator), moved(learned), mistakes)
    return "the critic by its own loss, then the generator by what the critic has learned."


def _pair(name: str, answer: Any) -> list[np.ndarray]:
    two = isinstance(answer, (tuple, list)) and len(answer) == 2
    require(two, f"{name}: it returns {type(answer).__name__}; expected two losses, the critic's and the generator's.")
    return [array_of(name, one, ()) for one in answer]


def _array(tensor: Tensor) -> np.ndarray:
    return np.asarray(tensor.detach().double())


def _weights(network: nn.Module) -> np.ndarray:
    return nn.utils.parameters_to_vector(network.parameters()).detach().double().numpy().copy()


def _descend(network: nn.Module, loss: Tensor) -> None:
    """Take one step down the loss."""
    weights = list(network.parameters())
    with torch.no_grad():
        for one, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            one.sub_(RATE * slope)


def _optimizer_with_junk(network: nn.Module) -> torch.optim.Optimizer:
    for weights in network.parameters():
        weights.grad = torch.full_like(weights, JUNK)
    return torch.optim.SGD(network.parameters(), RATE)
