"""Pairs of files: two folders, two halves of a picture, two stacks; or two folders that don't belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gan_lessons.data.pair import Pair
from gan_lessons.data.picture import Picture
from gan_lessons.data.scaling import Scaling
from gan_lessons.data.windows import Bright, draw_window, read_patch
from gan_lessons.errors import InputError


@dataclass(frozen=True)
class Depth:
    """What of a stack makes a patch.

    Parameters
    ----------
    planes : int
        How many neighboring ones; odd unless they are a volume.
    volume : bool
        Whether patches are (C, Z, Y, X). Otherwise they are (C, Y, X): ``planes`` of the degraded stack as channels, as
        a network takes them that looks at a plane through its neighbors, and the middle plane of the sharp one.
    """

    planes: int = 1
    volume: bool = False

    def __post_init__(self) -> None:
        if self.planes < 1 or (not self.volume and self.planes % 2 == 0):
            raise InputError(f"planes {self.planes}: expected an odd number, 1 or more, so that there is a middle one")

    def degraded(self, pixels: np.ndarray) -> Tensor:
        """Return (C, P, Y, X) as the network's input."""
        return _tensor(pixels if self.volume else pixels.reshape(-1, *pixels.shape[2:]))

    def sharp(self, pixels: np.ndarray) -> Tensor:
        """Return (C, P, Y, X) as its target."""
        return _tensor(pixels if self.volume else pixels[:, self.planes // 2])


PLANE = Depth()


def _tensor(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels))


@dataclass(frozen=True)
class FilePairs:
    """Patches cut at the same place of a degraded picture and its sharp partner.

    Parameters
    ----------
    members : sequence of (degraded, sharp)
        Partners have one size.
    scalings : (Scaling, Scaling)
        Of the degraded and the sharp ones: two exposures of one specimen differ.
    bright : sequence of Bright, optional
        Of each member's sharp picture: where patches are cut.
    """

    members: Sequence[tuple[Picture, Picture]]
    scalings: tuple[Scaling, Scaling]
    depth: Depth = PLANE
    bright: Sequence[Bright] | None = None

    def __len__(self) -> int:
        """Return the number of planes of all members."""
        return int(self._ends[-1])

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Cut a patch from the picture that holds plane ``index``; of a stack, from any plane."""
        which = find_member(self._ends, index)
        degraded, sharp = self.members[which]
        size = (self.depth.planes, patch, patch)
        window = draw_window(sharp.shape[1:], size, rng, self.bright[which] if self.bright else None)
        pixels = [
            read_patch(picture, window, size, scaling)
            for picture, scaling in zip((degraded, sharp), self.scalings, strict=True)
        ]
        return Pair(self.depth.degraded(pixels[0]), self.depth.sharp(pixels[1]))

    @cached_property
    def _ends(self) -> np.ndarray:
        return plane_ends([sharp for _, sharp in self.members])


@dataclass(frozen=True)
class UnpairedFiles:
    """Patches of two domains, whose pictures have nothing to do with each other (CycleGAN: Zhu et al. 2017)."""

    degraded: Sequence[Picture]
    sharp: Sequence[Picture]
    scalings: tuple[Scaling, Scaling]
    depth: Depth = PLANE

    def __len__(self) -> int:
        """Return the number of planes of the larger domain."""
        return int(max(self._ends[0][-1], self._ends[1][-1]))

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Cut a patch from degraded picture ``index``, counted round, and one from any sharp picture."""
        first, second = self._ends
        one = self.degraded[find_member(first, index % int(first[-1]))]
        other = self.sharp[find_member(second, int(rng.integers(second[-1])))]
        size = (self.depth.planes, patch, patch)
        pixels = [
            read_patch(picture, draw_window(picture.shape[1:], size, rng), size, scaling)
            for picture, scaling in zip((one, other), self.scalings, strict=True)
        ]
        return Pair(self.depth.degraded(pixels[0]), self.depth.sharp(pixels[1]))

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        return plane_ends(self.degraded), plane_ends(self.sharp)


def plane_ends(pictures: Sequence[Picture]) -> np.ndarray:
    """Return, for each picture, how many planes it and those before it have."""
    return np.cumsum([picture.shape[1] for picture in pictures])


def find_member(ends: np.ndarray, index: int) -> int:
    """Return the picture that holds a plane, counted over all pictures.

    >>> find_member(np.array([1, 41]), 7)
    1
    """
    if not 0 <= index < ends[-1]:
        raise IndexError(f"pair {index} of {ends[-1]}")
    return int(np.searchsorted(ends, index, side="right"))
