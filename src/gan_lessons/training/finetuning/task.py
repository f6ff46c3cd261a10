"""What a source of data gives to the loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from gan_lessons.generators import Generator
from gan_lessons.training.finetuning.result import Figures
from gan_lessons.training.finetuning.watcher import Preview


class Batches(Protocol):
    """Whatever draws training batches."""

    largest: int
    """Side of the largest patch, in pixels."""

    def batch(self, size: int, patch: int, rng: np.random.Generator) -> Any:
        """Draw a batch: a named tuple that begins as `gan_lessons.training.batch.Batch` does, and has its `given`."""


@dataclass(frozen=True, eq=False)
class Task:
    """A source of data, ready to be trained on.

    Parameters
    ----------
    batches : Batches
    criterion : callable
        (restored (N, S, P, P), batch) → loss, a scalar.
    judge : callable
        (generator or None for the raw image, ``"validation"`` or ``"test"``) → figures. The one named ``choose_by`` is
        the less the better.
    preview : callable
        Generator → what it makes of a part of the validation region.
    choose_by : str
        The figure by which the best weights are chosen.
    regions, found : dict
        For the report.
    sha256 : str
        Of all pixels: a run goes on only with the data that it began with.
    seen : dict
        The largest traits of the raw images, for the card.
    psf : array (Y, X), optional
        Measured: the model's from now on.
    """

    batches: Batches
    criterion: Callable[[Tensor, Any], Tensor]
    judge: Callable[[Generator | None, str], Figures]
    preview: Callable[[Generator], Preview]
    choose_by: str
    regions: dict[str, list[str]]
    found: dict[str, Any]
    sha256: str
    seen: dict[str, float]
    psf: np.ndarray | None = None
