"""Look into every file before training starts: its shape, its faults, a sample of its values, where it is bright."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from gan_lessons.data.picture import Picture, open_pixels
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from gan_lessons.image import Array

Progress = Callable[[int, int], None]
Key = TypeVar("Key")

BLOCK = 16  # pixels a side of the map of where a picture is bright
SAMPLED = 2**22  # values a set, for its percentiles
NAMED = 12  # faults in an error's line; `gan-lessons data check` prints all


class DataError(InputError):
    """Faults of a set of images, every one of them."""

    def __init__(self, where: Path, faults: list[str]) -> None:
        self.faults = faults
        more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        shown = "; ".join(faults[:NAMED])
        count = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        super().__init__(f"{where}: {count}; mend or remove: {shown}{more}")


@dataclass(frozen=True, eq=False)
class Facts:
    """What a look at all of a file's pixels told."""

    picture: Picture
    low: float
    high: float
    sample: np.ndarray  # (C, N), in the file's units
    blocks: np.ndarray  # (P, Y/16, X/16), means over channels and squares of `BLOCK` pixels


def inspect(
    files: Mapping[Key, Path], axes: str | None, faults: list[str], progress: Callable[[], None] | None = None
) -> dict[Key, Facts]:
    """Read all files; those that can't be trained on are left out, and named in ``faults``."""
    most = max(1024, SAMPLED // max(1, len(files)))

    def look(path: Path) -> Facts | str:
        try:
            facts = _look(path, axes, most)
        except InputError as error:
            return str(error)
        if not np.isfinite([facts.low, facts.high]).all():
            return f"{path}: holds values that are no numbers; fill or crop them"
        if facts.low == facts.high:
            return f"{path}: is constant ({facts.low:g} everywhere)"
        return facts

    found: dict[Key, Facts] = {}
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:  # decoders work outside Python's lock
        for key, facts in zip(files, pool.map(look, files.values()), strict=True):
            if isinstance(facts, Facts):
                found[key] = facts
            else:
                faults.append(facts)
            if progress:
                progress()
    return found


def _look(path: Path, axes: str | None, most: int) -> Facts:
    pixels = open_pixels(path, axes)
    channels, planes, height, width = pixels.shape
    picture = Picture(path, (channels, planes, height, width), pixels.dtype, axes)
    step = max(1, int(np.ceil(np.sqrt(channels * planes * height * width / most))))
    lows, highs, sample, blocks = [], [], [], []
    for plane in range(planes):  # one at a time: the file may be larger than memory
        values = _plane(pixels, plane)
        lows.append(float(values.min()))
        highs.append(float(values.max()))
        sample.append(values[:, plane % step :: step, ::step].reshape(channels, -1))
        blocks.append(block_means(values.mean(0, dtype=np.float32)))
    return Facts(picture, float(np.min(lows)), float(np.max(highs)), np.concatenate(sample, 1), np.stack(blocks))


def _plane(pixels: Array, plane: int) -> np.ndarray:
    values = pixels[:, plane]
    return values if isinstance(values, np.ndarray) else np.asarray(values.compute(scheduler="synchronous"))


def block_means(plane: np.ndarray) -> np.ndarray:
    """Average squares of `BLOCK` pixels; those at the far edges may be smaller.

    >>> block_means(np.ones((20, 33))).shape
    (2, 3)
    """
    rows, columns = (np.arange(0, side, BLOCK) for side in plane.shape)
    sums = np.add.reduceat(np.add.reduceat(plane, rows, 0), columns, 1)
    counts = np.outer(*(np.diff([*starts, side]) for starts, side in zip((rows, columns), plane.shape, strict=True)))
    return np.asarray(sums / counts, np.float32)


def odd_ones(facts: Iterable[Facts], what: str) -> list[str]:
    """Name the files of one role whose number of channels isn't that of most.

    Parameters
    ----------
    what : str
        The role, for the message.
    """
    listed = list(facts)
    counts = Counter(one.picture.shape[0] for one in listed)
    if len(counts) < 2:
        return []
    usual = counts.most_common(1)[0][0]
    return [
        f"{one.picture.path}: {one.picture.shape[0]} channels; expected {usual}, as most of the {what} images have"
        for one in listed
        if one.picture.shape[0] != usual
    ]


def unequal(degraded: Facts, sharp: Facts) -> str | None:
    """Say how the sizes of a pair differ, if they do."""
    one, other = degraded.picture, sharp.picture
    if one.shape[1:] == other.shape[1:]:
        return None
    return f"{one.path}: {_size(one)}, but its partner {other.path.name} has {_size(other)}; expected one size"


def _size(picture: Picture) -> str:
    _, planes, height, width = picture.shape
    return f"{planes} planes of {height}×{width}" if planes > 1 else f"{height}×{width} pixels"
