"""Lesson 3: the steps of a GAN, compared with plain gradient descent on the smallest networks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.check.exercise import array_of, compare, exercise, require
from gan_lessons.check.gan_losses import WEIGHT, cross_entropy, number

Answer = Callable[..., Any]
RATE, STALE = 0.05, 0.5
"""Of the optimizers; the gradient that a step before has left."""


class _Judge(nn.Module):
    """The smallest conditional critic."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Conv2d(2, 1, 3)

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        """Score every place."""
        scores: Tensor = self.score(torch.cat([condition, image], 1))
        return scores


class _Game:
    """Two small networks, their optimizers, and a batch; gradients of a step before are still there."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.generator, self.critic = nn.Conv2d(1, 1, 3, padding=1).double(), _Judge().double()
        self.degraded, self.sharp = torch.rand(2, 3, 1, 8, 8, dtype=torch.float64)
        self.optimizers = [torch.optim.SGD(one.parameters(), RATE) for one in (self.generator, self.critic)]
        for network in (self.generator, self.critic):
            for weights in network.parameters():
                weights.grad = torch.full_like(weights, STALE)

    def content(self, restored: Tensor) -> Tensor:
        """Return the weighted L1."""
        return WEIGHT * (restored - self.sharp).abs().mean()


def _descend(network: nn.Module, loss: Tensor, stale: float = 0.0) -> None:
    """Take the step that is expected, or one with a gradient left over."""
    weights = list(network.parameters())
    with torch.no_grad():
        for one, slope in zip(weights, torch.autograd.grad(loss, weights, retain_graph=True), strict=True):
            one.sub_(RATE * (slope + stale))


def _weights(network: nn.Module) -> np.ndarray:
    return nn.utils.parameters_to_vector(network.parameters()).detach().numpy().copy()


@exercise
def critic_step(answer: Answer) -> str:
    """Check ``critic_step(critic, optimizer, degraded, sharp, restored)``, which returns its loss."""
    game = _Game()
    restored = game.generator(game.degraded)

    def after(real: Tensor, fake: Tensor, beside: tuple[Tensor, Tensor], stale: float = 0.0) -> np.ndarray:
        critic = copy.deepcopy(game.critic)
        _descend(critic, cross_entropy(critic(real, beside[0]), critic(fake, beside[1])), stale)
        return _weights(critic)

    both = (game.degraded, game.degraded)
    right = after(game.sharp, restored, both)
    mistakes = {
        "gradients of the step before are still there and are added: optimizer.zero_grad() before backward.": (
            after(game.sharp, restored, both, STALE)
        ),
        "the critic doesn't move: optimizer.step() is missing, or zero_grad comes after backward.": (
            _weights(game.critic)
        ),
        "real and restored are exchanged.": after(restored, game.sharp, both),
        "the restored image is judged beside the sharp one, which no critic has when it is used: give it degraded.": (
            after(game.sharp, restored, (game.degraded, game.sharp))
        ),
        "image and condition are exchanged: critic(image, condition).": (
            after(game.degraded, game.degraded, (game.sharp, restored))
        ),
    }
    critic = copy.deepcopy(game.critic)
    for mine, theirs in zip(critic.parameters(), game.critic.parameters(), strict=True):
        mine.grad = theirs.grad.clone() if theirs.grad is not None else None
    loss = answer(critic, torch.optim.SGD(critic.parameters(), RATE), game.degraded, game.sharp, restored)
    leaked = any(
        float((weights.grad - STALE).abs().max()) > 0
        for weights in game.generator.parameters()
        if weights.grad is not None
    )
    require(
        not leaked,
        "critic_step: gradients reach the generator, to make its images worse. restored.detach() keeps them from it.",
    )
    compare("critic_step", _weights(critic), right, mistakes)
    expected = cross_entropy(game.critic(game.sharp, game.degraded), game.critic(restored, game.degraded))
    compare("critic_step", number("critic_step", loss), expected.detach().numpy().reshape(1), {})
    return "the critic moves, the generator hears nothing of it."


def _generator_after(
    game: _Game, *, judged: bool = True, content: bool = True, beside: Tensor | None = None, stale: float = 0.0
) -> np.ndarray:
    generator = copy.deepcopy(game.generator)
    restored = generator(game.degraded)
    said = F.softplus(-game.critic(restored, game.degraded if beside is None else beside)).mean()
    loss = (said if judged else 0 * said) + (game.content(restored) if content else 0)
    _descend(generator, loss, stale)
    return _weights(generator)


@exercise
def generator_step(answer: Answer) -> str:
    """Check ``generator_step(critic, optimizer, degraded, sharp, restored)``; no critic (None): L1 alone."""
    start = _Game()
    zeroing = "gradients of the step before are still there and are added: optimizer.zero_grad() before backward."
    mistakes = {
        zeroing: _generator_after(start, stale=STALE),
        "the generator doesn't move: optimizer.step() is missing, or comes after zero_grad.": _weights(start.generator),
        "what the critic says doesn't reach it: restored is detached here, too. Only the critic's step does that.": (
            _generator_after(start, judged=False)
        ),
        "L1 doesn't reach it.": _generator_after(start, content=False),
        "the restored image is judged beside the sharp one: give the critic degraded.": (
            _generator_after(start, beside=start.sharp)
        ),
    }
    for judged in (True, False):
        game = _Game()
        critic, restored = (game.critic if judged else None), game.generator(game.degraded)
        loss = answer(critic, game.optimizers[0], game.degraded, game.sharp, restored)
        still = np.array_equal(_weights(game.critic), _weights(start.critic))
        require(still, "generator_step: the critic moves. Its optimizer has no business here.")
        right = _generator_after(start, judged=judged)
        told = mistakes if judged else {zeroing: _generator_after(start, judged=False, stale=STALE)}
        compare("generator_step", _weights(game.generator), right, told)
        array_of("generator_step", loss, ())
    return "the generator moves along the critic's gradient and L1's, the critic rests."


@exercise
def gan_step(answer: Answer) -> str:
    """Check ``gan_step(generator, critic, generator_optimizer, critic_optimizer, degraded, sharp, joint=True)``."""

    def played(*, joint: bool = True, first: str = "critic", again: bool = False, resting: bool = False) -> np.ndarray:
        game = _Game()
        for who in ("critic", "generator") if first == "critic" else ("generator", "critic"):
            restored = game.generator(game.degraded)
            if who == "generator":
                said = F.softplus(-game.critic(restored, game.degraded)).mean()
                _descend(game.generator, game.content(restored) + (said if joint else 0 * said))
            elif joint and not resting:
                for _ in range(2 if again else 1):
                    scores = game.critic(game.sharp, game.degraded), game.critic(restored, game.degraded)
                    _descend(game.critic, cross_entropy(*scores))
        return np.concatenate([_weights(game.generator), _weights(game.critic)])

    start = _Game()
    still = np.concatenate([_weights(start.generator), _weights(start.critic)])
    for joint in (True, False):
        game = _Game()
        answer(game.generator, game.critic, *game.optimizers, game.degraded, game.sharp, joint=joint)
        found = np.concatenate([_weights(game.generator), _weights(game.critic)])
        mistakes = {
            "nothing moves.": still,
            "the critic rests although joint is True.": played(joint=False),
            "the generator moves first, along the advice of a critic that hasn't looked yet: critic first.": (
                played(first="generator")
            ),
            "the critic steps twice.": played(again=True),
        }
        if not joint:
            moved = not np.array_equal(_weights(game.critic), _weights(start.critic))
            require(not moved, "gan_step: the critic plays although joint is False: then the generator learns alone.")
            mistakes = {
                "nothing moves; with joint=False the generator learns from L1 alone.": still,
                "the generator hears the critic although joint is False: hand on None.": played(resting=True),
            }
        compare("gan_step", found, played(joint=joint), mistakes)
    return "the critic first, then the generator, which hears the critic as it is now."
