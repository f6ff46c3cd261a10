"""Which pairs a step trains on: decided by the seed and the step alone, so that any run can be taken up anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from torch.utils.data import Dataset

from gan_lessons.data.pair import Pair, Pairs
from gan_lessons.errors import InputError
from gan_lessons.training.batch import Batch, collate
from gan_lessons.training.sections import Phase


class Moment(NamedTuple):
    """Where a step lies."""

    phase: Phase
    number: int  # of the phase, from 0
    share: float  # of the phase that is done, 0 … 1
    epochs: float  # done in this phase
    drawn: int  # pairs before this step


class Order:
    """The steps of a run.

    Parameters
    ----------
    phases : sequence of Phase
    pairs : int
        How many an epoch has. Each is drawn once an epoch, in an order of that epoch.
    seed : int
    """

    def __init__(self, phases: Sequence[Phase], pairs: int, seed: int) -> None:
        if pairs < 1:
            raise InputError("there are no pairs to train on")
        self.phases, self.pairs, self.seed = phases, pairs, seed
        self.steps = [phase.steps or math.ceil((phase.epochs or 0) * pairs / phase.batch) for phase in phases]
        self.total = sum(self.steps)

    def at(self, step: int) -> Moment:
        """Return where a step from 0 to ``total - 1`` lies."""
        drawn = 0
        for number, (phase, steps) in enumerate(zip(self.phases, self.steps, strict=True)):
            if step < steps:
                seen = step * phase.batch
                return Moment(phase, number, step / steps, seen / self.pairs, drawn + seen)
            step -= steps
            drawn += steps * phase.batch
        raise IndexError("past the last phase")

    def index(self, place: int) -> int:
        """Return which pair is drawn as number ``place`` of the run."""
        epoch, inside = divmod(place, self.pairs)
        return int(_shuffled(self.pairs, self.seed, epoch)[inside])


@lru_cache(maxsize=2)
def _shuffled(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count)


class Batches(Dataset[Batch]):
    """A batch a step: of the whole batch, what falls to one of several processes.

    Parameters
    ----------
    first : int
        The step to begin with.
    rank, ranks : int
        Number of this process, and of all.
    """

    def __init__(
        self, pairs: Pairs, order: Order, first: int = 0, *, dimensions: int = 2, rank: int = 0, ranks: int = 1
    ) -> None:
        self.pairs, self.order, self.first, self.dimensions = pairs, order, first, dimensions
        self.rank, self.ranks = rank, ranks

    def __len__(self) -> int:
        """Return how many steps are left."""
        return self.order.total - self.first

    def __getitem__(self, step: int) -> Batch:
        """Draw the batch of a step, counted from the first."""
        step += self.first
        moment = self.order.at(step)
        share = moment.phase.batch // self.ranks
        mine = range(self.rank * share, (self.rank + 1) * share)
        return collate([self._draw(step, place, moment) for place in mine], self.dimensions)

    def first_pair(self) -> Pair:
        """Draw the first pair of all."""
        return self._draw(0, 0, self.order.at(0))

    def _draw(self, step: int, place: int, moment: Moment) -> Pair:
        rng = np.random.default_rng([self.order.seed, step, place])
        return self.pairs.draw(self.order.index(moment.drawn + place), moment.phase.patch, rng)


class Drawn(Dataset[Batch | InputError]):
    """Batches as another process may draw them: what is wrong with an image comes in its batch's place.

    Raised there, torch would bury it in the text of a traceback.
    """

    def __init__(self, batches: Batches) -> None:
        self.batches = batches

    def __len__(self) -> int:
        """Return how many steps are left."""
        return len(self.batches)

    def __getitem__(self, step: int) -> Batch | InputError:
        """Draw a batch, or return why it can't be."""
        try:
            return self.batches[step]
        except InputError as error:
            return error
