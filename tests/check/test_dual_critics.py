"""The library's critics and losses pass, and so does a step that restores twice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons import check
from gan_lessons.critics import DualCritic
from gan_lessons.losses import build_objective

OBJECTIVE = build_objective("ragan-ls")


def _losses(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Written with torch's loss, each difference against its mark."""
    apart, back = real - fake.mean(), fake - real.mean()
    critic = F.mse_loss(apart, torch.ones_like(apart)) + F.mse_loss(back, -torch.ones_like(back))
    generator = F.mse_loss(apart, -torch.ones_like(apart)) + F.mse_loss(back, torch.ones_like(back))
    return critic / 2, generator / 2


def _step(
    generator: nn.Module,
    critic: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    degraded: Tensor,
    sharp: Tensor,
    weight: float,
) -> tuple[float, float]:
    with torch.no_grad():
        fixed = generator(degraded)
    critic.zero_grad()
    OBJECTIVE.critic_loss(critic(sharp), critic(fixed)).backward()
    optimizers[1].step()
    generator.zero_grad()
    restored = generator(degraded)
    loss = F.l1_loss(restored, sharp) + weight * OBJECTIVE.generator_loss(critic(sharp), critic(restored))
    loss.backward()
    optimizers[0].step()
    return 0.0, loss.item()


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (check.dual_critic, DualCritic),
        (check.relativistic_losses, _losses),
        (
            check.dual_losses,
            lambda real, fake: (OBJECTIVE.critic_loss(real, fake), OBJECTIVE.generator_loss(real, fake)),
        ),
        (check.dual_step, _step),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_right_answers_of_other_make_pass(judge, answer, capsys):
    judge(answer)
    assert capsys.readouterr().out.startswith(f"✓ {judge.__name__}:")


def test_a_loss_for_what_is_no_pair_is_refused():
    with pytest.raises(check.NotYet, match="expected two losses"):
        check.relativistic_losses(lambda real, fake: _losses(real, fake)[0])
