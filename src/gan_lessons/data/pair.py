"""What every source of training data gives: a degraded patch beside its truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Pair:
    """A degraded patch and the sharp one that is asked for: float32, no batch axis.

    Unpaired sources give two patches that have nothing to do with each other.
    """

    degraded: Tensor  # (C, (Z), Y, X)
    sharp: Tensor  # (C', (Z), Y, X); all of it
    guides: Tensor | None = None  # (G, (Z), Y, X), filtered copies of the degraded one, where the PSF is told
    weight: float = 1.0  # how much the pair counts in the loss


class Pairs(Protocol):
    """A source of pairs: folders, stacks, video, or degradations on the fly."""

    def __len__(self) -> int:
        """Return how many pairs an epoch has."""

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Cut a patch, of so many pixels a side, from pair ``index``; all that is random comes from ``rng``.

        So the same index, patch and seed give the same bits in whichever process, at whichever step.
        """
