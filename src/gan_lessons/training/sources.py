"""What a recipe trains on, and what it is judged by on the way: from a folder, or degraded on the fly."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gan_lessons.data import Augmented, Pairs, build_augmentations, open_splits
from gan_lessons.registry import construct
from gan_lessons.training.prepare import prepare_pairs
from gan_lessons.training.recipe import Recipe


class Sources(NamedTuple):
    """Pairs to train on, pairs that are held out where there are any, and what they are, in words."""

    pairs: Pairs
    validation: Pairs | None
    about: str


def open_sources(recipe: Recipe, data: Path) -> Sources:
    """Open what a recipe trains on.

    Parameters
    ----------
    data : Path
        Of a recipe with ``truths``, which degrades on the fly: the folder that the paths of ``images.csv`` start from.
        Of any other: the images, in a layout that `gan_lessons.data.open_splits` tells.

    Raises
    ------
    InputError
        If an image is missing or faulty: the message names them all.
    """
    if recipe.truths:
        return Sources(_augmented(recipe, prepare_pairs(recipe, data)), None, "")
    splits = construct("data", open_splits, {"folder": data, "seed": recipe.seed, **recipe.data})
    return Sources(_augmented(recipe, splits.training), splits.validation, splits.description)


def _augmented(recipe: Recipe, pairs: Pairs) -> Pairs:
    if not recipe.augmentation:
        return pairs
    return Augmented(pairs, build_augmentations([one.model_dump() for one in recipe.augmentation]))
