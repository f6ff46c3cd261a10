"""Paired augmentation by name: what moves or colors does so to both sides, what harms to the degraded one.

All that is random comes from the pair's own generator: torch's global one is neither read nor moved, so that patches
may be prepared in another thread or process and stay the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from gan_lessons.data.geometry import Flip, QuarterTurn, ShiftScaleRotate
from gan_lessons.data.pair import Pair, Pairs
from gan_lessons.data.photometry import BrightnessContrast, CoarseDropout, ColorJitter, Noise
from gan_lessons.errors import InputError
from gan_lessons.registry import construct, look_up


class Augmentation(Protocol):
    """Changes a pair at random."""

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Return the changed pair, of the same shapes."""


AUGMENTATIONS: Mapping[str, type] = {
    "flip": Flip,
    "quarter-turn": QuarterTurn,
    "shift-scale-rotate": ShiftScaleRotate,
    "brightness-contrast": BrightnessContrast,
    "color-jitter": ColorJitter,
    "coarse-dropout": CoarseDropout,
    "noise": Noise,
}


def build_augmentations(specified: Sequence[Mapping[str, Any]]) -> list[Augmentation]:
    """Build augmentations from their names and arguments, in the order in which they apply.

    Parameters
    ----------
    specified : sequence of mappings
        ``name``, one of `AUGMENTATIONS`, and optionally ``arguments``.

    Raises
    ------
    InputError
        If a name or an argument is unknown: the message has the nearest one.

    >>> build_augmentations([{"name": "flip"}, {"name": "noise", "arguments": {"deviation": [0, 0.02]}}])
    [Flip(horizontal=0.5, vertical=0.5), Noise(deviation=(0, 0.02), chance=1.0)]
    """
    built = []
    for one in specified:
        if unknown := set(one) - {"name", "arguments"}:
            raise InputError(f"augmentation {dict(one)}: unknown key {min(unknown)!r}; expected name and arguments")
        name = one.get("name", "")
        arguments = {
            key: tuple(value) if isinstance(value, list) else value for key, value in one.get("arguments", {}).items()
        }
        make = look_up("augmentation", AUGMENTATIONS, name)
        built.append(construct(f"augmentation {name!r}", make, arguments))
    return built


@dataclass(frozen=True)
class Augmented:
    """A source whose pairs are augmented; to train on, never to validate with."""

    pairs: Pairs
    augmentations: Sequence[Augmentation]

    def __len__(self) -> int:
        """Return how many pairs an epoch has."""
        return len(self.pairs)

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Draw a pair, and change it."""
        pair = self.pairs.draw(index, patch, rng)
        if self.augmentations and pair.guides is not None:
            raise InputError("augmentation: the pair has guides, which belong to its PSF; expected pairs without")
        for augmentation in self.augmentations:
            pair = augmentation.apply(pair, rng)
        return replace(pair, degraded=pair.degraded.contiguous(), sharp=pair.sharp.contiguous())
