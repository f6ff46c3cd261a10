"""Lesson 5: the two training steps, judged by what one step of plain gradient descent does to the weights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_lessons.check.exercise import compare, exercise, require
from gan_lessons.losses.adversarial import WGANGP
from gan_lessons.losses.penalties import gradient_penalty

Answer = Callable[..., Any]
RATE = 0.1
RIGHT = "right"
JUNK = 0.5  # every gradient that an earlier step has left


@exercise
def wasserstein_step(answer: Answer) -> str:
    """Check ``wasserstein_step(generator, critic, optimizer, blurred, sharp, alpha)``, which moves the critic."""
    name, (generator, critic, blurred, sharp) = "wasserstein_step", _scene()
    alpha = torch.tensor([0.2, 0.7, 0.4])
    restored, objective = generator(blurred).detach(), WGANGP()

    def loss(judge: nn.Module, *, swapped: bool = False) -> Tensor:
        real, fake = (restored, sharp) if swapped else (sharp, restored)
        penalty = gradient_penalty(judge, sharp, restored, alpha=alpha)
        return objective.critic_loss(judge(real), judge(fake)) + objective.penalty * penalty

    moves = _moves(critic, loss)
    mistakes = {**moves, "the sign of the loss is turned.": _moved(critic, lambda judge: loss(judge, swapped=True))}
    before = _weights(generator)
    optimizer = _optimizer_with_junk(critic)
    told = answer(generator, critic, optimizer, blurred, sharp, alpha)
    require(
        all(weights.grad is None for weights in generator.parameters()),
        f"{name}: the generator has collected gradients that would help the critic: detach the restored images.",
    )
    require(np.array_equal(before, _weights(generator)), f"{name}: it moves the generator; the critic learns here.")
    compare(name, _weights(critic), moves[RIGHT], {k: v for k, v in mistakes.items() if k != RIGHT})
    require(isinstance(told, float), f"{name}: it returns {type(told).__name__}; expected a float: loss.item().")
    return "the critic moves by its own gradient; the generator neither moves nor collects any."


@exercise
def deblurgan_step(answer: Answer) -> str:
    """Check ``deblurgan_step(generator, critic, optimizer, blurred, sharp, content, weight)``."""
    name, (generator, critic, blurred, sharp) = "deblurgan_step", _scene()
    weight = 0.3

    def content(image: Tensor, truth: Tensor) -> Tensor:
        return (image - truth).square().mean()

    def loss(maker: nn.Module, share: float = weight) -> Tensor:
        restored = maker(blurred)
        return content(restored, sharp) + share * WGANGP().generator_loss(None, critic(restored))

    moves = _moves(generator, loss)
    mistakes = {
        **moves,
        "the sign of the critic's part is turned: the generator wants high scores, so it minimizes minus the "
        "score.": _moved(generator, lambda maker: loss(maker, -weight)),
        "the critic's part doesn't reach the generator: nothing here may be detached, nor stand under no_grad.": _moved(
            generator, lambda maker: loss(maker, 0.0)
        ),
        "`weight` isn't used.": _moved(generator, lambda maker: loss(maker, 1.0)),
        "`weight` multiplies the content loss too.": _moved(generator, lambda maker: weight * loss(maker, 1.0)),
    }
    before = _weights(critic)
    told = answer(generator, critic, _optimizer_with_junk(generator), blurred, sharp, content, weight)
    require(np.array_equal(before, _weights(critic)), f"{name}: it moves the critic; only the generator learns here.")
    compare(name, _weights(generator), moves[RIGHT], {k: v for k, v in mistakes.items() if k != RIGHT})
    require(isinstance(told, float), f"{name}: it returns {type(told).__name__}; expected a float: loss.item().")
    return "content plus the critic's displeasure; the critic stays as it is."


def _scene() -> tuple[nn.Module, nn.Module, Tensor, Tensor]:
    """Return a small generator and critic, blurred and sharp images."""
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Tanh(), nn.Conv2d(2, 1, 3, padding=1))
    critic = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Softplus(), nn.Conv2d(4, 1, 3))
    blurred, sharp = torch.randn(2, 3, 1, 9, 8)
    return generator, critic, blurred, sharp


def _weights(network: nn.Module) -> np.ndarray:
    return nn.utils.parameters_to_vector(network.parameters()).detach().double().numpy().copy()


def _optimizer_with_junk(network: nn.Module) -> torch.optim.Optimizer:
    """Return gradient descent, with gradients that another step has left in the network."""
    for weights in network.parameters():
        weights.grad = torch.full_like(weights, JUNK)
    return torch.optim.SGD(network.parameters(), RATE)


def _moved(network: nn.Module, loss: Callable[[nn.Module], Tensor]) -> np.ndarray:
    """Return the weights after one step down the loss."""
    twin = copy.deepcopy(network)
    slopes = torch.autograd.grad(loss(twin), list(twin.parameters()))
    return _weights(network) - RATE * torch.cat([slope.flatten() for slope in slopes]).double().numpy()


def _moves(network: nn.Module, loss: Callable[[nn.Module], Tensor]) -> Mapping[str, np.ndarray]:
    """Return the weights after a right step, and after steps that are wrong whatever the loss is."""
    right, before = _moved(network, loss), _weights(network)
    return {
        RIGHT: right,
        "nothing has moved: backward, then optimizer.step().": before,
        "gradients of an earlier step are still in it: optimizer.zero_grad() before backward.": right - RATE * JUNK,
        "it moves by what an earlier step has left: backward is missing.": before - RATE * JUNK,
        "it goes up where it should go down.": 2 * before - right,
    }
