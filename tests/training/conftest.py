"""Recipes and pairs that train in a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gan_lessons.data.pair import Pair
from gan_lessons.training import Recipe

CONTENT = {
    "name": "tiny",
    "purpose": "To be tested.",
    "axes": "YX",
    "generator": {"architecture": "unshuffle-unet", "arguments": {"widths": [4, 8]}},
    "content": {"l1": 1},
    "phases": [{"steps": 6, "batch": 2, "patch": 16, "rate": [1e-3, 1e-4], "precision": "float32"}],
}

CRITIC = {
    "architecture": "patchgan",
    "arguments": {"width": 4, "depth": 2, "norm": "none"},
    "objective": "bce",
    "weight": 0.01,
    "optimizer": {"name": "adam", "betas": [0.5, 0.999]},
}


@dataclass(frozen=True)
class Dots:
    """Random dots, and the same blurred: pairs that need no files."""

    count: int = 6
    channels: int = 1
    bad: int = -1  # the pair that has a pixel which isn't a number

    def __len__(self) -> int:
        return self.count

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        dots = (rng.random((self.channels, patch, patch)) > 0.9).astype(np.float32)
        sharp = torch.from_numpy(dots)
        degraded = F.avg_pool2d(sharp[None], 3, 1, 1)[0]
        if index == self.bad:
            degraded[0, 0, 0] = torch.nan
        return Pair(degraded, sharp, weight=1.0 + index % 2)


def make_recipe(**changes: Any) -> Recipe:
    """Return the tiny recipe with other sections."""
    return Recipe.model_validate(CONTENT | changes)


def make_gan(**changes: Any) -> Recipe:
    """Return the tiny recipe with a critic that has other values."""
    return make_recipe(critics=[CRITIC | changes])


@pytest.fixture
def dots() -> Dots:
    return Dots()
