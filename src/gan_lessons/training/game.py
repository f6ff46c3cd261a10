"""One training step: the critics' first, then the generator's.

There is one step and there are two that drive it: `fit`, through Lightning, by phases and over processes, and
fine-tuning's loop, by a budget of minutes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import torch
from torch import Tensor, nn

from gan_lessons.critics import Critic
from gan_lessons.generators import Generator
from gan_lessons.training import sections
from gan_lessons.training.adversary import Adversary
from gan_lessons.training.average import follow
from gan_lessons.training.descent import Descent

Content = Callable[[Tensor, Any], tuple[Tensor, dict[str, Tensor]]]
"""(restored, batch) → the generator's loss beside the critics', and its terms to be told of."""


class Game(nn.Module):
    """A generator, its critics, and the step that trains them.

    Parameters
    ----------
    generator : Generator
    critics : sequence of Critic
    told : sequence of sections.Critic
        What each critic plays, and how.
    optimizer : sections.Optimizer
        Of the generator.
    clip : float, optional
        Longest gradient of a network.
    ema : float
        How slowly the average follows the generator's weights; 0 for no average.

    Attributes
    ----------
    done : int
        Steps that were taken.
    in_bfloat16 : bool
        Whether networks work in bfloat16. Losses never do.
    """

    def __init__(
        self,
        generator: Generator,
        critics: Sequence[Critic] = (),
        told: Sequence[sections.Critic] = (),
        *,
        optimizer: sections.Optimizer,
        clip: float | None = 1.0,
        ema: float = 0.999,
    ) -> None:
        super().__init__()
        self.generator, self.critics, self.ema = generator, nn.ModuleList(critics), ema
        self.average = copy.deepcopy(generator).requires_grad_(False) if ema else None
        self.descent = Descent(generator, optimizer, clip)
        self.adversaries = [
            Adversary(one, critic, clip, self._precision, number)
            for number, (one, critic) in enumerate(zip(told, critics, strict=True))
        ]
        self.done, self.in_bfloat16 = 0, False

    @property
    def kept(self) -> Generator:
        """The weights that become the model."""
        return self.generator if self.average is None else self.average

    @property
    def optimizers(self) -> list[torch.optim.Optimizer]:
        """Of all networks."""
        return [one for who in (self.descent, *(a.descent for a in self.adversaries)) for one in who.optimizers]

    def set_rates(self, rate: float, critic_rate: float) -> None:
        """Set the learning rates."""
        self.descent.set_rate(rate)
        for adversary in self.adversaries:
            adversary.descent.set_rate(critic_rate)

    def step(
        self, parts: list[Any], content: Content, *, train: str, backward: Callable[[Tensor], None]
    ) -> dict[str, float]:
        """Take a step, and return every loss.

        Parameters
        ----------
        parts : list of Batch
            The batch, in equal parts that are worked through one after the other.
        train : str
            As `sections.Phase` has it: ``"generator"``, ``"both"``, ``"critic"`` or ``"contrast"``.
        backward : callable
            Takes a loss to the gradients.

        Raises
        ------
        Diverged
            If a gradient isn't finite; no weight of that network has moved.
        """
        losses: dict[str, float] = {}
        with torch.set_grad_enabled(train in ("generator", "both") and len(parts) == 1):
            restored = [self._restore(part) for part in parts] if len(parts) == 1 or train != "generator" else []
        if train != "generator":
            for adversary in self.adversaries:
                contrast = train == "contrast"
                losses |= adversary.learn(parts, restored, contrast=contrast, backward=backward, at=self.done)
        if train in ("generator", "both"):
            losses |= self._train_generator(parts, restored, content, judged=train == "both", backward=backward)
        self.done += 1
        return losses

    def _train_generator(
        self,
        parts: list[Any],
        restored: list[Tensor],
        content: Content,
        *,
        judged: bool,
        backward: Callable[[Tensor], None],
    ) -> dict[str, float]:
        """Take one step of content, and of what the critics say where they have a say."""
        adversaries = self.adversaries if judged else []
        losses: dict[str, float] = {}
        self.descent.begin()
        with _at_rest([weight for adversary in adversaries for weight in adversary.descent.weights]):
            for part in parts:
                image = restored[0] if len(parts) == 1 else self._restore(part)
                loss, terms = content(image, part)
                terms["content"] = loss.detach()
                for adversary in adversaries:
                    said = adversary.judge(part, image)
                    loss, terms = loss + adversary.weight * said, terms | {adversary.name: said.detach()}
                backward(loss / len(parts))
                for name, value in ({"loss": loss.detach()} | terms).items():
                    losses[name] = losses.get(name, 0.0) + float(value) / len(parts)
        losses["gradient"] = self.descent.step(losses, at=self.done)
        if self.average is not None:
            follow(self.average, self.generator, self.ema, self.done)
        return losses

    def _restore(self, part: Any) -> Tensor:
        with self._precision():
            return cast(Tensor, self.generator(*part.given()).float())

    def _precision(self) -> AbstractContextManager[Any]:
        device = self.descent.weights[0].device
        return (
            torch.autocast(device.type, torch.bfloat16) if self.in_bfloat16 and has_bfloat16(device) else nullcontext()
        )


def has_bfloat16(device: torch.device) -> bool:
    """Return whether half precision is quicker there; a processor without it takes ten times as long."""
    return device.type != "cpu" or bool(torch.cpu._is_avx512_bf16_supported())


@contextmanager
def _at_rest(weights: Sequence[Tensor]) -> Iterator[None]:
    """Let gradients through networks, but into none of their weights."""
    for weight in weights:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in weights:
            weight.requires_grad_(True)
