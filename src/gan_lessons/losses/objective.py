"""What every adversarial objective is: two losses from a critic's scores, of one output or of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import torch
from torch import Tensor

from gan_lessons.errors import InputError

Scores: TypeAlias = Tensor | Sequence[Tensor]


@dataclass(frozen=True)
class Objective:
    """A pair of losses.

    Attributes
    ----------
    relativistic : bool
        The generator's loss needs the scores of real images too.
    penalty : float
        Weight at which the paper adds `gradient_penalty` to the critic's loss; 0 where it has none.
    """

    relativistic: ClassVar[bool] = False
    penalty: ClassVar[float] = 0.0

    def critic_loss(self, real: Scores, fake: Scores, weights: Sequence[float] | None = None) -> Tensor:
        """Return what the critic minimizes, a scalar.

        Parameters
        ----------
        real, fake : tensor or sequence of tensors
            Scores of any shape, those of one output each in the same order. Detach the fake images before.
        weights : sequence of float, optional
            One an output, a critic's ``weights``; the outputs' mean by default.

        Raises
        ------
        InputError
            If the numbers of outputs and weights differ.
        """
        pairs = _pairs(_outputs(real), _outputs(fake))
        return _total([self.critic_term(*pair) for pair in pairs], weights)

    def generator_loss(self, real: Scores | None, fake: Scores, weights: Sequence[float] | None = None) -> Tensor:
        """Return what the generator minimizes, a scalar; ``real`` may be None unless ``relativistic``.

        Raises
        ------
        InputError
            As `critic_loss`, and if the scores of real images are missing.
        """
        if real is None and self.relativistic:
            raise InputError(f"{type(self).__name__}: no scores of real images, which the generator's loss needs")
        pairs = _pairs(_outputs(fake if real is None else real), _outputs(fake))  # a stand-in, never looked at
        return _total([self.generator_term(*pair) for pair in pairs], weights)

    def critic_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the critic's loss of one output."""
        raise NotImplementedError

    def generator_term(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the generator's loss of one output."""
        raise NotImplementedError


def _outputs(scores: Scores) -> list[Tensor]:
    """Return a list of scores; those in half precision are widened, since squares of them overflow."""
    outputs = [scores] if isinstance(scores, Tensor) else scores
    return [output.float() if output.dtype in (torch.float16, torch.bfloat16) else output for output in outputs]


def _pairs(real: list[Tensor], fake: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
    if len(real) != len(fake):
        raise InputError(f"{len(real)} outputs of a critic for real images, {len(fake)} for fakes; give as many")
    return list(zip(real, fake, strict=True))


def _total(losses: list[Tensor], weights: Sequence[float] | None) -> Tensor:
    weights = [1 / len(losses)] * len(losses) if weights is None else weights
    if len(weights) != len(losses):
        raise InputError(f"{len(weights)} weights for {len(losses)} outputs of a critic; give one an output")
    return torch.stack([weight * loss for weight, loss in zip(weights, losses, strict=True)]).sum()
