"""What a recipe trains on, and what it is judged by on the way: from a folder, or degraded on the fly."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gan_lessons.data.pair import Pairs
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
        The folder that the paths of ``images.csv`` start from.
    """
    return Sources(prepare_pairs(recipe, data), None, "")
