"""Lightning's view of a recipe: which batch, which phase, which rates; the step itself is `Game`'s.

Importing this loads Lightning, which takes seconds: `fit` does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn

from gan_lessons.critics import Critic
from gan_lessons.data import Pairs
from gan_lessons.errors import InputError
from gan_lessons.generators import Generator
from gan_lessons.losses import WeightedSum
from gan_lessons.training import networks, validation
from gan_lessons.training.batch import Batch
from gan_lessons.training.game import Game
from gan_lessons.training.order import Batches, Drawn, Moment, Order
from gan_lessons.training.ranks import averaged, together
from gan_lessons.training.recipe import Recipe
from gan_lessons.training.schedule import rate_at


class TrainingModule(LightningModule):
    """A recipe's game, played in its order.

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
    game : Game
        The networks, and all else that changes.
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
        self.recipe, self.order, self.pairs, self.workers = recipe, order, pairs, workers
        self.game = Game(
            generator, critics, recipe.critics, optimizer=recipe.optimizer, clip=recipe.clip, ema=recipe.ema
        )
        self.losses: dict[str, float] = {}
        self._phase, self._resting = -1, list[nn.Module]()

    def columns(self) -> list[str]:
        """Return the names of all that `losses` and the figures may tell."""
        terms = [name for phase in self.recipe.phases for name in (self.recipe.content | phase.content)]
        told = [name for adversary in self.game.adversaries for name in adversary.columns]
        return list(dict.fromkeys(["content", *terms, "gradient", *told, *validation.FIGURES]))

    def configure_optimizers(self) -> Any:
        """Return all optimizers; they are stepped by hand."""
        return self.game.optimizers

    def train_dataloader(self) -> Any:
        """Return the batches that are left, in order, of which this process draws its share."""
        dimensions, ranks = self.game.generator.dimensions, self.trainer.world_size
        left = Batches(
            self.pairs, self.order, self.game.done, dimensions=dimensions, rank=self.global_rank, ranks=ranks
        )
        return torch.utils.data.DataLoader(Drawn(left), batch_size=None, num_workers=self.workers)

    def training_step(self, batch: Batch | InputError, _: int) -> None:
        """Take one step of whatever the phase trains."""
        if isinstance(batch, InputError):
            raise batch
        moment = self.order.at(self.game.done)
        self._prepare(moment)
        parts = batch.shifted(*self.recipe.value_range).parts(moment.phase.accumulate)
        train = moment.phase.train or ("both" if self.game.adversaries else "generator")
        backward = (
            self.manual_backward if together() else Tensor.backward
        )  # Lightning's takes a quarter of a millisecond
        losses = self.game.step(parts, self._judge, train=train, backward=backward)
        self.losses = averaged(losses, self.device)

    def _judge(self, restored: Tensor, part: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the phase's content, with Zero-DCE's curves where a term looks at them."""
        wanted = any("curves" in getattr(term, "needs", ()) for term in self.content.terms.values())
        curves = cast(Any, self.game.generator).draw(part.image) if wanted else None
        return self.content(restored, part.truth, source=part.image, curves=curves, weight=part.weight)

    def _prepare(self, moment: Moment) -> None:
        """Set what a step depends on: random numbers, rates and, in a new phase, content terms and what rests."""
        seed = (self.recipe.seed * 1_000_003 + self.game.done) * 1_009 + self.global_rank
        torch.default_generator.manual_seed(seed)  # torch.manual_seed costs a millisecond where there is no GPU
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)
        if moment.number != self._phase:
            self._enter(moment)
        if not self.game.generator.training or any(part.training for part in self._resting):  # after a look at it
            self._wake()
        phase = moment.phase
        rates = (rate_at(rate, moment.share, moment.epochs) for rate in (phase.rate, phase.critic_rate or phase.rate))
        self.game.set_rates(*rates)

    def _enter(self, moment: Moment) -> None:
        self._phase, self.game.in_bfloat16 = moment.number, moment.phase.precision == "bfloat16"
        self.content = networks.build_content(self.recipe, moment.phase).to(self.device)
        self._resting = networks.resting(self.game.generator, moment.phase.freeze)
        self.game.generator.requires_grad_(True)
        for part in self._resting:
            part.requires_grad_(False)
        self._wake()

    def _wake(self) -> None:
        """Let the generator train, but for what rests: a batch norm there doesn't learn statistics either."""
        self.game.generator.train()
        for part in self._resting:
            part.eval()
