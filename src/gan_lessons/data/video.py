"""Pairs from video: consecutive frames, and what one long exposure over them would have recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gan_lessons.data.pair import Pair
from gan_lessons.data.picture import Picture
from gan_lessons.data.pictures import PLANE, find_member
from gan_lessons.data.scaling import Scaling
from gan_lessons.data.windows import draw_window
from gan_lessons.degradations import average_frames
from gan_lessons.degradations.motion import GAMMA
from gan_lessons.errors import InputError

AROUND = 32  # pixels about a patch in which the flow is measured


@dataclass(frozen=True)
class Exposure:
    """How frames make a blurred picture.

    Parameters
    ----------
    frames : int
        How many consecutive ones, odd; the middle one is the sharp picture. GoPro takes 7 to 13 of 240 a second.
    between : int
        Frames to interpolate between each two by optical flow; 0 averages what is there, which leaves ghosts where
        something moves farther than a pixel from frame to frame.
    gamma : float
        Stored value = light ** (1 / gamma); 1 for linear data.
    """

    frames: int = 7
    between: int = 0
    gamma: float = GAMMA

    def __post_init__(self) -> None:
        if self.frames < 3 or self.frames % 2 == 0 or self.between < 0:
            raise InputError(
                f"exposure over {self.frames} frames, {self.between} between: expected an odd number from 3 on, so "
                "that there is a middle frame, and 0 or more between"
            )

    def blur(self, frames: np.ndarray) -> np.ndarray:
        """Expose (C, T, Y, X), values in [0, 1], to one picture (C, Y, X), float32."""
        moving = np.moveaxis(frames, 1, 0)
        if self.between:
            from gan_lessons.data.flow import interpolate

            moving = interpolate(moving, self.between)
        return average_frames(moving, self.gamma)


USUAL = Exposure()


@dataclass(frozen=True)
class Reel:
    """Consecutive frames of one size: a film, a time series, or a folder of pictures in their names' order."""

    pictures: tuple[Picture, ...]
    name: str

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(C, T, Y, X)."""
        channels, _, height, width = self.pictures[0].shape
        return channels, int(self._ends[-1]), height, width

    def read(self, start: int, stop: int, rows: slice, columns: slice) -> np.ndarray:
        """Return frames from ``start`` up to ``stop``: float32 (C, T, y, x) in [0, 1] for integer types."""
        frames = []
        for index in range(start, stop):
            which = find_member(self._ends, index)
            plane = index - (int(self._ends[which - 1]) if which else 0)
            frames.append(self.pictures[which].read((slice(plane, plane + 1), rows, columns)))
        return Scaling().apply(np.concatenate(frames, axis=1))

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.cumsum([picture.shape[1] for picture in self.pictures])


@dataclass(frozen=True)
class Movies:
    """Patches of blurred pictures made of consecutive frames, beside the middle frame (Nah et al. 2017: GoPro)."""

    reels: Sequence[Reel]
    exposure: Exposure = USUAL

    def __len__(self) -> int:
        """Return how many exposures fit into the reels, one after the other."""
        return int(self._ends[-1])

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Cut a patch through the frames of exposure ``index``, and expose it."""
        which = find_member(self._ends, index)
        reel, taken = self.reels[which], self.exposure.frames
        start = (index - (int(self._ends[which - 1]) if which else 0)) * taken
        margin = AROUND if self.exposure.between else 0
        side = patch + 2 * margin
        _, rows, columns = draw_window((1, *reel.shape[2:]), (1, side, side), rng)
        frames = _reflected(reel.read(start, start + taken, rows, columns), side)
        inside = slice(margin, margin + patch)
        blurred = self.exposure.blur(frames)[:, None, inside, inside]
        sharp = frames[:, taken // 2, None, inside, inside]
        return Pair(PLANE.degraded(blurred), PLANE.sharp(sharp))

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.cumsum([reel.shape[1] // self.exposure.frames for reel in self.reels])


def _reflected(frames: np.ndarray, side: int) -> np.ndarray:
    short = [side - have for have in frames.shape[2:]]
    return np.pad(frames, [(0, 0), (0, 0), *[(s // 2, s - s // 2) for s in short]], mode="symmetric")
