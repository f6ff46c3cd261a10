"""Training patches from fixed images: cut from one region, turned, with what the model is told of the PSF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from gan_lessons.data.pair import Pair
from gan_lessons.image import Normalization
from gan_lessons.restoration.network import with_neighbors
from gan_lessons.restoration.self_ensemble import turn
from gan_lessons.training.batch import Batch, collate
from gan_lessons.training.finetuning.regions import Region
from gan_lessons.training.finetuning.views import Told

TOLD = 0.75
"""Share of patches for which a given PSF is told; the others are seen as when it isn't given."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A view beside what it should become.

    Parameters
    ----------
    image : Tensor, (Z, S, Y, X)
    told, guides : tuple
        See `View`.
    target : Tensor, (Z, S, Y, X)
    regions : dict of Region
    normalization : Normalization
        Of the image.
    where : tuple of int
        Which image, time and channel it is.
    """

    image: Tensor
    told: tuple[Told, ...]
    guides: tuple[Tensor | None, ...]
    target: Tensor
    regions: dict[str, Region]
    normalization: Normalization
    where: tuple[int, int, int]


class ScenePairs:
    """Patches of the training regions: a source of `Pair`.

    Parameters
    ----------
    scenes : list of Scene
        Those without a region ``training`` are left out.
    context : int
        Odd number of neighboring planes that the model sees at once.
    copies : int
        Filtered copies that the model takes besides; without a PSF the image itself stands in for each.
    """

    def __init__(self, scenes: Sequence[Scene], context: int, copies: int) -> None:
        self.scenes = [scene for scene in scenes if "training" in scene.regions]
        self.context, self.copies = context, copies
        self.largest = min(min(scene.regions["training"].sides) for scene in self.scenes)  # patch that all hold

    def __len__(self) -> int:
        return len(self.scenes)

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Cut a patch of a random plane; of two places the one with more structure."""
        scene = self.scenes[index % len(self.scenes)]
        plane = int(rng.integers(len(scene.image)))
        told = _choose(scene.guides, rng)
        places = [place(scene.regions["training"], patch, rng) for _ in range(2)]
        rows, columns = max(places, key=lambda place: float(scene.target[plane][:, place[0], place[1]].std()))
        turns, flipped = int(rng.integers(4)), rng.random() < 0.5
        image = with_neighbors(scene.image[:, :, rows, columns], [plane], self.context)[0]
        sharp = scene.target[plane, :, rows, columns]
        guides = None
        if self.copies:
            guides = untold(image, len(sharp), self.copies) if told is None else told[plane, :, rows, columns]
            guides = turn(guides, turns, flipped)
        return Pair(turn(image, turns, flipped), turn(sharp, turns, flipped), guides)

    def batch(self, size: int, patch: int, rng: np.random.Generator) -> Batch:
        """Draw a batch."""
        return collate([self.draw(int(rng.integers(len(self))), patch, rng) for _ in range(size)])


def untold(image: Tensor, samples: int, copies: int) -> Tensor:
    """Return what a network takes for guides where it isn't told a PSF: copies of the middle of its input (C, Y, X)."""
    begin = (len(image) - samples) // 2
    return image[begin : begin + samples].repeat(copies, 1, 1)


def _choose(guides: tuple[Tensor | None, ...], rng: np.random.Generator) -> Tensor | None:
    return guides[0] if rng.random() < TOLD else guides[-1]


def place(region: Region, patch: int, rng: np.random.Generator) -> tuple[slice, slice]:
    """Choose rows and columns of a square patch inside a region."""
    starts = [int(rng.integers(side.start, side.stop - patch + 1)) for side in region]
    return slice(starts[0], starts[0] + patch), slice(starts[1], starts[1] + patch)
