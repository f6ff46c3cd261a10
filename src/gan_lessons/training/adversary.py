"""A critic at work: what it learns in a step, and what it tells the generator."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from gan_lessons.critics import Critic
from gan_lessons.losses.objective import Scores
from gan_lessons.losses.penalties import clip_weights, gradient_penalty, r1_penalty
from gan_lessons.training import sections
from gan_lessons.training.batch import Batch
from gan_lessons.training.descent import Descent
from gan_lessons.training.networks import build_critic_objective


class Adversary:
    """A critic with its objective, its optimizer and its manners, as the recipe has them.

    Attributes
    ----------
    name : str
        Of its loss for the generator, in the log.
    weight : float
        Of that loss.

    Parameters
    ----------
    told, critic :
        The recipe's section, and the network built of it.
    clip : float, optional
        Longest gradient.
    precision : callable
        Makes the context that the network runs in.
    number : int
        Of several critics, from 0.
    """

    def __init__(
        self,
        told: sections.Critic,
        critic: Critic,
        clip: float | None,
        precision: Callable[[], AbstractContextManager[Any]] = nullcontext,
        number: int = 0,
    ) -> None:
        self.told, self.critic, self.weight, self.precision = told, critic, told.weight, precision
        self.suffix = f"-{number + 1}" if number else ""
        self.name = f"adversarial{self.suffix}"
        self.objective = build_critic_objective(told)
        self.descent = Descent(critic, told.optimizer, clip)
        default = sections.Penalty(name="gradient", weight=self.objective.penalty) if self.objective.penalty else None
        self.penalty = told.penalty or default

    @property
    def columns(self) -> list[str]:
        """Names of what is logged."""
        said = ("critic", "score of real", "score of restored", "critic gradient")
        return [self.name, *(f"{name}{self.suffix}" for name in said)]

    @property
    def undecided(self) -> float:
        """The critic's loss where it scores all images alike."""
        return float(self.objective.critic_loss(torch.zeros(1), torch.zeros(1)))

    def learn(
        self, parts: list[Batch], restored: list[Tensor], *, contrast: bool, backward: Callable[[Tensor], None], at: int
    ) -> dict[str, float]:
        """Take the critic's steps on real images against restored ones and, by contrast, against degraded ones."""
        if not self.critic.training:
            self.critic.train()
        for _ in range(self.told.steps):
            losses: dict[str, float] = {}
            self.descent.begin()
            for part, fake in zip(parts, restored, strict=True):
                fakes = [fake.detach(), *([part.image] if contrast else [])]
                loss, said = self._loss(part, fakes)
                backward(loss / len(parts))
                for name, value in said.items():
                    losses[name] = losses.get(name, 0.0) + float(value) / len(parts)
            losses[f"critic gradient{self.suffix}"] = self.descent.step(losses, at)
            if self.penalty and self.penalty.name == "clip":
                clip_weights(self.critic, self.penalty.weight)
        return losses

    def judge(self, batch: Batch, restored: Tensor) -> Tensor:
        """Return the generator's loss, without its weight."""
        with torch.no_grad():
            real = self._score(batch, batch.truth, real=True) if self.objective.relativistic else None
        return self.objective.generator_loss(real, self._score(batch, restored), self.critic.weights)

    def _loss(self, batch: Batch, fakes: list[Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the critic's loss, mean over the kinds of fakes, and what is to be logged."""
        total = batch.truth.new_zeros(())
        values: dict[str, Tensor] = {}
        for fake in fakes:
            real_scores, fake_scores = self._score(batch, batch.truth, real=True), self._score(batch, fake)
            loss = self.objective.critic_loss(real_scores, fake_scores, self.critic.weights)
            total = total + (loss + self._penalty(batch, fake)) / len(fakes)
            values |= {"real": _mean(real_scores), "restored": _mean(fake_scores)}
        said = {"critic": total.detach(), "score of real": values["real"], "score of restored": values["restored"]}
        return total, {f"{name}{self.suffix}": value for name, value in said.items()}

    def _score(self, batch: Batch, image: Tensor, *, real: bool = False) -> Scores:
        noise = self.told.noise
        if noise and (real or noise.of == "all"):
            image = image + noise.deviation * torch.randn_like(image)
        with self.precision():
            return self.critic(image, batch.image) if self.told.conditional else self.critic(image)

    def _penalty(self, batch: Batch, fake: Tensor) -> Tensor | float:
        """Return the weighted penalty on the critic's gradient, in full precision."""

        def score(image: Tensor) -> Scores:
            return self.critic(image, batch.image) if self.told.conditional else self.critic(image)

        if self.penalty is None or self.penalty.name == "clip":
            return 0.0
        if self.penalty.name == "r1":
            return self.penalty.weight * r1_penalty(score, batch.truth, weights=self.critic.weights)
        return self.penalty.weight * gradient_penalty(score, batch.truth, fake, weights=self.critic.weights)


def _mean(scores: Scores) -> Tensor:
    outputs = [scores] if isinstance(scores, Tensor) else scores
    return torch.stack([output.detach().float().mean() for output in outputs]).mean()
