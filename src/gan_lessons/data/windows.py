"""Where a patch is cut: anywhere, or where the picture is bright; and what a picture smaller than the patch gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gan_lessons.data.inspection import BLOCK
from gan_lessons.data.picture import Picture, Window
from gan_lessons.data.scaling import Scaling


@dataclass(frozen=True, eq=False)
class Bright:
    """Draws places of a picture, the brighter the oftener, so that background doesn't dominate.

    Parameters
    ----------
    cumulative : float64, (N,)
        Of the blocks' chances, ending at 1.
    shape : (P, Y/16, X/16)
    share : float
        Of the draws; the rest falls anywhere, since a network must know background too.
    """

    cumulative: np.ndarray
    shape: tuple[int, ...]
    share: float

    def draw(self, rng: np.random.Generator) -> tuple[int, int, int] | None:
        """Return a plane, a row and a column within a block, or nothing: anywhere will do."""
        if rng.random() >= self.share:
            return None
        block = int(np.searchsorted(self.cumulative, rng.random(), side="right"))
        plane, row, column = np.unravel_index(min(block, len(self.cumulative) - 1), self.shape)
        y, x = rng.integers(BLOCK, size=2)
        return int(plane), int(row) * BLOCK + int(y), int(column) * BLOCK + int(x)


def weigh(blocks: np.ndarray, share: float) -> Bright:
    """Give each block a chance that grows with how much brighter it is than the median one.

    Parameters
    ----------
    blocks : (P, Y/16, X/16)
        Means over 16 × 16 pixels, in any unit.
    share : float
        Of the patches that are drawn so.
    """
    light = np.clip(blocks.astype(np.float64) - np.median(blocks), 0, None).ravel()
    cumulative = np.cumsum(light) if light.any() else np.arange(1.0, light.size + 1)
    return Bright(cumulative / cumulative[-1], blocks.shape, share)


def draw_window(
    shape: Sequence[int], size: Sequence[int], rng: np.random.Generator, bright: Bright | None = None
) -> Window:
    """Draw a window of a picture.

    Parameters
    ----------
    shape, size : (P, Y, X)
        Of the picture and of the window. Where the picture is smaller the window is the whole axis.
    """
    place = bright.draw(rng) if bright else None
    slices = []
    for axis, (have, want) in enumerate(zip(shape, size, strict=True)):
        room = max(0, have - want)
        start = int(rng.integers(room + 1)) if place is None else place[axis] - want // 2
        start = min(max(start, 0), room)
        slices.append(slice(start, min(start + want, have)))
    return slices[0], slices[1], slices[2]


def read_patch(picture: Picture, window: Window, size: Sequence[int], scaling: Scaling) -> np.ndarray:
    """Read a window as float32 (C, P, Y, X), scaled; a picture that is too small is continued by reflection."""
    pixels = scaling.apply(picture.read(window))
    short = [want - have for want, have in zip(size, pixels.shape[1:], strict=True)]
    if not any(short):
        return pixels
    return np.pad(pixels, [(0, 0), *[(s // 2, s - s // 2) for s in short]], mode="symmetric")
