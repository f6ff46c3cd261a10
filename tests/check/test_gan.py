"""Right answers of another make pass, from torch's own losses and the library's; what no answer is, is told so."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons import check
from gan_lessons.losses.adversarial import BCE


def _generator_loss(fake: Tensor, restored: Tensor, sharp: Tensor, weight: float = 100) -> Tensor:
    return BCE().generator_loss(None, fake) + weight * F.l1_loss(restored, sharp)


def _critic_step(critic: Any, optimizer: Any, degraded: Tensor, sharp: Tensor, restored: Tensor) -> Tensor:
    """Detach by computing the image anew, without a graph."""
    optimizer.zero_grad(set_to_none=False)
    with torch.no_grad():
        image = restored.clone()
    scores = critic(torch.cat([sharp, image]), torch.cat([degraded, degraded]))
    loss = BCE().critic_loss(*scores.chunk(2))
    loss.backward()
    optimizer.step()
    return loss.detach()


def _generator_step(
    critic: Any, optimizer: Any, degraded: Tensor, sharp: Tensor, restored: Tensor, weight: float = 100
) -> Tensor:
    """Leave the critic's weights out of the graph, as the library does."""
    loss = weight * F.l1_loss(restored, sharp)
    if critic is not None:
        critic.requires_grad_(False)
        loss = loss + BCE().generator_loss(None, critic(restored, degraded))
        critic.requires_grad_(True)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def _gan_step(
    generator: nn.Module, critic: Any, first: Any, second: Any, degraded: Tensor, sharp: Tensor, joint: bool = True
) -> None:
    restored = generator(degraded)
    if joint:
        _critic_step(critic, second, degraded, sharp, restored)
    _generator_step(critic if joint else None, first, degraded, sharp, restored)


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.critic_loss, BCE().critic_loss),
        (check.generator_loss, _generator_loss),
        (check.critic_step, _critic_step),
        (check.generator_step, _generator_step),
        (check.gan_step, _gan_step),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_from_elsewhere_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


@pytest.mark.parametrize("judge", [check.critic_loss, check.generator_loss, check.critic_step, check.generator_step])
def test_an_empty_answer_is_no_loss(judge):
    with pytest.raises(check.NotYet):
        judge(lambda *all_of_it, **named: ...)


def test_two_critic_steps_are_seen():
    def eager(generator: nn.Module, critic: Any, first: Any, second: Any, degraded: Tensor, sharp: Tensor, joint: bool):
        if joint:
            _critic_step(critic, second, degraded, sharp, generator(degraded))
        _gan_step(generator, critic, first, second, degraded, sharp, joint)

    with pytest.raises(check.NotYet, match="steps twice"):
        check.gan_step(lambda *given, joint=True: eager(*given, joint))
