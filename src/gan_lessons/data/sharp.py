"""Pairs from sharp images alone: every patch is degraded as it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gan_lessons.data.degrading import Degradation, RandomDegradation
from gan_lessons.data.pair import Pair
from gan_lessons.data.picture import Picture
from gan_lessons.data.pictures import PLANE, Depth, find_member, plane_ends
from gan_lessons.data.scaling import Scaling
from gan_lessons.data.windows import Bright, draw_window, read_patch
from gan_lessons.errors import InputError, check_counts

BANK = 256  # kernels that are drawn once and used again: a microscope's takes longer than a training step


@dataclass(frozen=True)
class SharpFiles:
    """Patches of sharp pictures, and what a degradation makes of them.

    Parameters
    ----------
    degradation : RandomDegradation
        One of `BANK` draws of its parameters is chosen for each patch; noise is new for each.
    shrink : int
        How many times fewer pixels a side the degraded patch has: squares are averaged, as for super-resolution.
    """

    pictures: Sequence[Picture]
    scaling: Scaling
    degradation: RandomDegradation
    depth: Depth = PLANE
    bright: Sequence[Bright] | None = None
    seed: int = 0
    shrink: int = 1
    _bank: dict[int, Degradation] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_counts(shrink=self.shrink)

    def __len__(self) -> int:
        """Return the number of planes of all pictures."""
        return int(self._ends[-1])

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Cut a patch with what lies around it, degrade it, and take the middle."""
        degradation = self._degradation(int(rng.integers(BANK)))
        which = find_member(self._ends, index)
        picture, reach = self.pictures[which], degradation.reach
        size = (self.depth.planes, patch, patch)
        large = [side + 2 * around for side, around in zip(size, reach, strict=True)]
        window = draw_window(picture.shape[1:], large, rng, self.bright[which] if self.bright else None)
        sharp = read_patch(picture, window, large, self.scaling)
        middle = (slice(None), *(slice(around, around + side) for side, around in zip(size, reach, strict=True)))
        degraded = self._shrink(degradation.apply(sharp, rng)[middle])
        return Pair(self.depth.degraded(degraded), self.depth.sharp(sharp[middle]))

    def _shrink(self, image: np.ndarray) -> np.ndarray:
        *lead, height, width = image.shape
        if height % self.shrink:
            raise InputError(f"patches of {height} pixels can't shrink {self.shrink} times; expected a multiple")
        squares = image.reshape(*lead, height // self.shrink, self.shrink, width // self.shrink, self.shrink)
        return np.asarray(squares.mean((-3, -1)))

    def _degradation(self, number: int) -> Degradation:
        if number not in self._bank:
            planes = self.depth.planes
            self._bank[number] = self.degradation.draw(np.random.default_rng([self.seed, number]), planes)
        return self._bank[number]

    @cached_property
    def _ends(self) -> np.ndarray:
        return plane_ends(self.pictures)
