"""Sharp images: read from files whose licence permits it, listed by hash, and drawn."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_lessons.errors import InputError

LIST = Path(__file__).parent / "images.csv"


class Entry(NamedTuple):
    """A row of `images.csv`."""

    sha256: str
    path: str  # below the folder of images
    kind: str  # fluorescence, photo, map
    split: str  # training or held-out: never both
    bin: int  # pixels averaged along each side before use: noisy truths teach noise
    licence: str
    source: str


def listed(kind: str, split: str) -> list[Entry]:
    """Return the listed images of a kind and a split."""
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = [
            Entry(sha256, path, kind, split, int(binning), licence, source)
            for sha256, path, kind, split, binning, licence, source in list(csv.reader(file))[1:]
        ]
    return [row for row in rows if row.kind == kind and row.split == split]


def read_truths(folder: Path, kind: str, split: str) -> Iterator[tuple[Entry, np.ndarray]]:
    """Read listed images as float32 planes (C, Y, X): 0 at their darkest percentile, 1 near their brightest.

    Raises
    ------
    InputError
        If a file is missing or isn't the one that was listed.
    """
    for entry in listed(kind, split):
        path = _locate(folder, entry)
        if not path.is_file():
            raise InputError(f"{path}: no such file; expected the image that {LIST.name} lists, from {entry.source}")
        if hashlib.sha256(path.read_bytes()).hexdigest() != entry.sha256:
            raise InputError(f"{path}: not the file that {LIST.name} lists (its SHA-256 differs)")
        for planes in _read_planes(path, kind):
            yield entry, scale(shrink(planes, entry.bin))


def _locate(folder: Path, entry: Entry) -> Path:
    """Return a file below ``folder``, of scikit-image (``skimage/…``) or of a Debian package (``/…``)."""
    if entry.path.startswith("skimage/"):
        return Path(str(resources.files("skimage.data"))) / entry.path.removeprefix("skimage/")
    return folder / entry.path


def shrink(planes: np.ndarray, factor: int) -> np.ndarray:
    """Average squares of ``factor`` pixels: (C, Y, X) → (C, Y // factor, X // factor)."""
    if factor == 1:
        return planes
    channels, height, width = planes.shape
    cut = planes[:, : height // factor * factor, : width // factor * factor]
    return cut.reshape(channels, height // factor, factor, width // factor, factor).mean((2, 4))


def scale(planes: np.ndarray) -> np.ndarray:
    """Map the 0.5th percentile to 0 (and what is darker, too) and the 99.9th to 1, alike in all channels."""
    low, high = np.percentile(planes, [0.5, 99.9])
    return np.maximum((planes - low) / max(high - low, 1e-6), 0).astype(np.float32)


def _read_planes(path: Path, kind: str) -> Iterator[np.ndarray]:
    """Yield float32 (C, Y, X): photographs with their three colors, anything else a channel at a time."""
    import tifffile
    from PIL import Image as Picture

    if path.suffix == ".tif":
        array = tifffile.imread(path)
        array = array if array.ndim > 2 else array[None]
        array = np.moveaxis(array, -1, 0) if array.shape[-1] <= 4 else array
    else:
        array = np.asarray(Picture.open(path).convert("RGB" if kind == "photo" else "L"))
        array = np.moveaxis(array, -1, 0) if array.ndim == 3 else array[None]
    array = array.astype(np.float32)
    yield from [array] if kind == "photo" else (plane[None] for plane in array)
