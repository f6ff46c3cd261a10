"""One training step: the critics' first, then the generator's; everything else is around it.

Importing this loads Lightning, which takes seconds: `fit` does it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn

from gan_lessons.critics import Critic
from gan_lessons.data import Pairs
from gan_lessons.generators import Generator
from gan_lessons.losses import WeightedSum
from gan_lessons.training import networks, validation
from gan_lessons.training.adversary import Adversary
from gan_lessons.training.average import follow
from gan_lessons.training.batch import Batch
from gan_lessons.training.descent import Descent
from gan_lessons.training.order import Batches, Moment, Order
from gan_lessons.training.ranks import averaged
from gan_lessons.training.recipe import Recipe
from gan_lessons.training.schedule import rate_at


class TrainingModule(LightningModule):
    """A generator, its critics, and the steps that train them.

    Parameters
    ----------
    recipe, order, pairs :
        What is to be done, when, and on what.
    generator, critics :
        As `build_networks` makes them.
    workers : int
        Further processes that draw batches ahead.

    Attributes
    ----------
    done : int
        Steps that were taken.
    losses : dict of str to float
        Of the last step: every content term without its weight, and what the critics said.
    """

    content: WeightedSum

    def __init__(
        self,
        recipe: Recipe,
        order: Order,
        pairs: Pairs,
        generator: Generator,
        critics: Sequence[Critic],
        *,
        workers: int = 0,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.recipe, self.order, self.pairs, self.workers, self.done = recipe, order, pairs, workers, 0
        self.generator = generator
        self.critics = nn.ModuleList(critics)
        self.average = copy.deepcopy(generator).requires_grad_(False) if recipe.ema else None
        self.descent = Descent(generator, recipe.optimizer, recipe.clip)
        self.adversaries = [
            Adversary(told, critic, recipe.clip, self._precision, number)
            for number, (told, critic) in enumerate(zip(recipe.critics, critics, strict=True))
        ]
        self.losses: dict[str, float] = {}
        self._phase, self._resting = -1, list[nn.Module]()

    @property
    def kept(self) -> Generator:
        """The weights that become the model."""
        return self.generator if self.average is None else self.average

    def columns(self) -> list[str]:
        """Return the names of all that `losses` and the figures may tell."""
        terms = [name for phase in self.recipe.phases for name in (self.recipe.content | phase.content)]
        told = [name for adversary in self.adversaries for name in adversary.columns]
        return list(dict.fromkeys(["content", *terms, "gradient", *told, *validation.FIGURES]))

    def configure_optimizers(self) -> Any:
        """Return all optimizers; they are stepped by hand."""
        return [one for who in (self.descent, *(a.descent for a in self.adversaries)) for one in who.optimizers]

    def train_dataloader(self) -> Any:
        """Return the batches that are left, in order, of which this process draws its share."""
        dimensions, ranks = self.generator.dimensions, self.trainer.world_size
        left = Batches(self.pairs, self.order, self.done, dimensions=dimensions, rank=self.global_rank, ranks=ranks)
        return torch.utils.data.DataLoader(left, batch_size=None, num_workers=self.workers)

    def training_step(self, batch: Batch, _: int) -> None:
        """Take one step of whatever the phase trains."""
        moment = self.order.at(self.done)
        self._prepare(moment)
        batch = batch.shifted(*self.recipe.value_range)
        parts = batch.parts(moment.phase.accumulate)
        train = moment.phase.train or ("both" if self.adversaries else "generator")
        losses: dict[str, float] = {}
        with torch.set_grad_enabled(train in ("generator", "both") and len(parts) == 1):
            restored = [self._restore(part) for part in parts] if len(parts) == 1 or train != "generator" else []
        if train != "generator":
            for adversary in self.adversaries:
                losses |= adversary.learn(
                    parts, restored, contrast=train == "contrast", backward=self.manual_backward, at=self.done
                )
        if train in ("generator", "both"):
            losses |= self._train_generator(parts, restored, judged=train == "both")
        self.done += 1
        self.losses = averaged(losses, self.device)

    def _train_generator(self, parts: list[Batch], restored: list[Tensor], *, judged: bool) -> dict[str, float]:
        """Take one step of content, and of what the critics say where they have a say."""
        adversaries = self.adversaries if judged else []
        losses: dict[str, float] = {}
        self.descent.begin()
        with _at_rest([adversary.critic for adversary in adversaries]):
            for part in parts:
                image = restored[0] if len(parts) == 1 else self._restore(part)
                loss, terms = self.content(
                    image, part.truth, source=part.image, curves=self._curves(part), weight=part.weight
                )
                terms["content"] = loss.detach()
                for adversary in adversaries:
                    said = adversary.judge(part, image)
                    loss, terms = loss + adversary.weight * said, terms | {adversary.name: said.detach()}
                self.manual_backward(loss / len(parts))
                for name, value in ({"loss": loss.detach()} | terms).items():
                    losses[name] = losses.get(name, 0.0) + float(value) / len(parts)
        losses["gradient"] = self.descent.step(losses, at=self.done)
        if self.average is not None:
            follow(self.average, self.generator, self.recipe.ema, self.done)
        return losses

    def _restore(self, batch: Batch) -> Tensor:
        with self._precision():
            return cast(Tensor, self.generator(*batch.given()).float())

    def _curves(self, batch: Batch) -> Tensor | None:
        """Return Zero-DCE's curves where a term looks at them."""
        wanted = any("curves" in getattr(term, "needs", ()) for term in self.content.terms.values())
        return cast(Any, self.generator).draw(batch.image) if wanted else None

    def _precision(self) -> AbstractContextManager[Any]:
        half = self.order.at(self.done).phase.precision == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=half)

    def _prepare(self, moment: Moment) -> None:
        """Set what a step depends on: random numbers, rates and, in a new phase, content terms and what rests."""
        seed = (self.recipe.seed * 1_000_003 + self.done) * 1_009 + self.global_rank
        torch.default_generator.manual_seed(seed)  # torch.manual_seed costs a millisecond where there is no GPU
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)
        if moment.number != self._phase:
            self._enter(moment)
        self.generator.train()
        for part in self._resting:
            part.eval()  # a batch norm that rests doesn't learn statistics either
        phase = moment.phase
        self.descent.set_rate(rate_at(phase.rate, moment.share, moment.epochs))
        for adversary in self.adversaries:
            adversary.descent.set_rate(rate_at(phase.critic_rate or phase.rate, moment.share, moment.epochs))

    def _enter(self, moment: Moment) -> None:
        self._phase = moment.number
        self.content = networks.build_content(self.recipe, moment.phase).to(self.device)
        self._resting = networks.resting(self.generator, moment.phase.freeze)
        self.generator.requires_grad_(True)
        for part in self._resting:
            part.requires_grad_(False)


@contextmanager
def _at_rest(critics: Sequence[nn.Module]) -> Iterator[None]:
    """Let gradients through networks, but into none of their weights."""
    for critic in critics:
        critic.requires_grad_(False)
    try:
        yield
    finally:
        for critic in critics:
            critic.requires_grad_(True)
