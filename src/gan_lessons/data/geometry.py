"""Augmentations that move pixels: the same way in both patches of a pair."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.data.pair import Pair
from gan_lessons.errors import InputError


def check_chance(name: str, **chances: float) -> None:
    """Raise `InputError` unless all are from 0 to 1."""
    for parameter, chance in chances.items():
        if not 0 <= chance <= 1:
            raise InputError(f"{name}: {parameter} {chance:g}; expected a chance from 0 to 1")


def _both(pair: Pair, move: Callable[[Tensor], Tensor]) -> Pair:
    return replace(pair, degraded=move(pair.degraded), sharp=move(pair.sharp))


@dataclass(frozen=True)
class Flip:
    """Mirror left and right, up and down.

    Parameters
    ----------
    horizontal, vertical : float
        Chances. Photographs have an up and a down: give ``vertical=0``.
    """

    horizontal: float = 0.5
    vertical: float = 0.5

    def __post_init__(self) -> None:
        check_chance("flip", horizontal=self.horizontal, vertical=self.vertical)

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Mirror both patches, or neither."""
        drawn = rng.random(2)
        axes = [axis for axis, chance in ((-1, self.horizontal), (-2, self.vertical)) if drawn[axis] < chance]
        return _both(pair, lambda image: image.flip(axes)) if axes else pair


@dataclass(frozen=True)
class QuarterTurn:
    """Turn by 0, 90, 180 or 270 degrees; patches are square."""

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Turn both patches alike."""
        turns = int(rng.integers(4))
        return _both(pair, lambda image: image.rot90(turns, (-2, -1)))


@dataclass(frozen=True)
class ShiftScaleRotate:
    """Shift, magnify and turn a little; beyond the patch lies its mirror image.

    Bicubic interpolation: what it blurs of the sharp patch costs less detail than the bilinear kind.

    Parameters
    ----------
    shift : float
        Up to this share of a side, along each axis.
    scale : float
        Magnification up to 1 + scale, and down to 1 − scale.
    degrees : float
    chance : float
        Of any of it. The defaults are those of the DeblurGAN-v2 tutorial.
    """

    shift: float = 0.1
    scale: float = 0.1
    degrees: float = 10.0
    chance: float = 0.5

    def __post_init__(self) -> None:
        check_chance("shift-scale-rotate", chance=self.chance)
        if not (0 <= self.shift < 1 and 0 <= self.scale < 1 and 0 <= self.degrees <= 180):
            raise InputError(
                f"shift-scale-rotate: shift {self.shift:g}, scale {self.scale:g}, degrees {self.degrees:g}; expected "
                "shift and scale from 0 to below 1, degrees from 0 to 180"
            )

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Move both patches alike; planes of a volume move together."""
        chance, right, down, zoom, turn = rng.uniform(-1, 1, 5)
        if abs(chance) >= self.chance:
            return pair
        matrix = self._matrix(self.shift * right, self.shift * down, 1 + self.scale * zoom, self.degrees * turn)
        return _both(pair, lambda image: _resample(image, matrix))

    @staticmethod
    def _matrix(right: float, down: float, magnification: float, degrees: float) -> Tensor:
        """Return where each pixel is looked up, (1, 2, 3), in units of half a side."""
        angle = math.radians(degrees)
        cosine, sine = math.cos(angle) / magnification, math.sin(angle) / magnification
        return torch.tensor([[[cosine, -sine, -2 * right], [sine, cosine, -2 * down]]])


def _resample(image: Tensor, matrix: Tensor) -> Tensor:
    height, width = image.shape[-2:]
    flat = image.reshape(1, -1, height, width)
    grid = F.affine_grid(matrix.to(flat), [1, 1, height, width], align_corners=False)
    return F.grid_sample(flat, grid, mode="bicubic", padding_mode="reflection", align_corners=False).view(image.shape)
