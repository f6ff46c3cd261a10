"""One image file as training sees it, (C, P, Y, X): channels, planes (of a stack or a time series), rows, columns.

Files are opened when a window of them is wanted; the last ones stay in memory.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.io import read_image

if TYPE_CHECKING:
    from gan_lessons.image import Array

Shape: TypeAlias = tuple[int, int, int, int]
Window: TypeAlias = tuple[slice, slice, slice]  # of planes, rows, columns

MOVIES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v")
PHOTOS = (".png", ".jpg", ".jpeg", ".bmp")
KEPT_BYTES = 2**29  # of opened files: a few hundred photographs; a lazy file counts as nothing


@dataclass(frozen=True)
class Picture:
    """A file, or a part of one, whose windows can be read.

    Parameters
    ----------
    path : Path
    shape : (C, P, Y, X)
        Of this part.
    dtype : numpy.dtype
        Of the file.
    axes : str, optional
        One letter a dimension out of ``TCZYXS``, for a file that doesn't say.
    top, left : int
        Where this part begins: another half of a side-by-side picture, another region of a split.
    """

    path: Path
    shape: Shape
    dtype: np.dtype
    axes: str | None = None
    top: int = 0
    left: int = 0

    def read(self, window: Window) -> np.ndarray:
        """Return the pixels of a window in the file's own units and type: (C, p, y, x).

        Raises
        ------
        InputError
            If the file can't be read, or isn't any more what it was when training began.
        """
        pixels = open_pixels(self.path, self.axes)
        if pixels.shape[:2] != self.shape[:2] or pixels.dtype != self.dtype or self._beyond(pixels.shape):
            raise InputError(
                f"{self.path}: is now {pixels.dtype} {pixels.shape}, and was {self.dtype} {self.shape}; "
                "expected a file that stays as it is while it is trained on"
            )
        planes, rows, columns = window
        cut = pixels[:, planes, _moved(rows, self.top), _moved(columns, self.left)]
        return cut if isinstance(cut, np.ndarray) else np.asarray(cut.compute(scheduler="synchronous"))

    def part(self, rows: slice, columns: slice) -> Picture:
        """Return the picture of some rows and columns only."""
        channels, planes = self.shape[:2]
        shape = (channels, planes, rows.stop - rows.start, columns.stop - columns.start)
        return replace(self, shape=shape, top=self.top + rows.start, left=self.left + columns.start)

    def _beyond(self, shape: tuple[int, ...]) -> bool:
        return self.top + self.shape[2] > shape[2] or self.left + self.shape[3] > shape[3]


def _moved(part: slice, by: int) -> slice:
    return slice(part.start + by, part.stop + by)


def open_pixels(path: Path, axes: str | None = None) -> Array:
    """Open a file as (C, P, Y, X): a numpy array, or a dask array where the file is large."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0  # the reader says what is wrong
    return _shelf.take((path, axes, changed))


def arrange(image: Image) -> Array:
    """Return an image's pixels as (C, P, Y, X); planes and times are both P, and transparency is left out."""
    image = without_alpha(image)
    axes = image.axes.replace("S", "C")
    present = [axis for axis in "CTZYX" if axis in axes]
    data = image.data.transpose([axes.index(axis) for axis in present])
    sizes = dict(zip(present, data.shape, strict=True))
    planes = sizes.get("T", 1) * sizes.get("Z", 1)
    return data.reshape(sizes.get("C", 1), planes, sizes["Y"], sizes["X"])


def arrange_like(image: Image, pixels: np.ndarray) -> Image:
    """Put (C, P, Y, X), as `arrange` made them of an image without transparency, into that image's axes."""
    axes = image.axes.replace("S", "C")
    sizes = dict(zip(axes, image.data.shape, strict=True))
    present = [axis for axis in "CTZYX" if axis in axes]
    shaped = pixels.reshape([sizes[axis] for axis in present])
    return image.with_data(shaped.transpose([present.index(axis) for axis in axes]))


def without_alpha(image: Image) -> Image:
    """Return a photograph without its transparency; anything else as it is."""
    return image.with_data(image.data[..., :3]) if image.sizes.get("S") == 4 else image


def _read(path: Path, axes: str | None) -> Array:
    if path.suffix.lower() not in MOVIES:
        return arrange(read_image(path, axes=axes))
    from gan_lessons.data.film import read_film

    return read_film(path, KEPT_BYTES)


class _Shelf:
    """The files that were opened last, up to a number of bytes; threads share it."""

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0
        self.files: OrderedDict[tuple[Path, str | None, int], Array] = OrderedDict()
        self.lock = threading.Lock()

    def take(self, key: tuple[Path, str | None, int]) -> Array:
        with self.lock:
            if key in self.files:
                self.files.move_to_end(key)
                return self.files[key]
        pixels = _read(key[0], key[1])
        with self.lock:
            if key not in self.files:
                self.files[key] = pixels
                self.held += _held_bytes(pixels)
            while self.held > self.limit and len(self.files) > 1:
                _, dropped = self.files.popitem(last=False)
                self.held -= _held_bytes(dropped)
        return pixels


def _held_bytes(pixels: Array) -> int:
    return math.prod(pixels.shape) * pixels.dtype.itemsize if isinstance(pixels, np.ndarray) else 0


_shelf = _Shelf(KEPT_BYTES)
