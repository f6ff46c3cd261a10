"""One pair after the other: files degraded, reels exposed, each in the type and the axes that it came in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gan_lessons.data.degrading import RandomDegradation
from gan_lessons.data.picture import PHOTOS, arrange, arrange_like, without_alpha
from gan_lessons.data.scaling import Scaling
from gan_lessons.data.video import Exposure, Reel
from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.io import read_image


@dataclass(frozen=True, eq=False)
class Made:
    """A pair, what it was made of, and how."""

    name: str
    suffix: str
    degraded: Image
    sharp: Image
    record: dict[str, Any]


def degrade_files(
    paths: list[Path], axes: str | None, degradation: RandomDegradation, scaling: Scaling, seed: int
) -> Iterator[Made]:
    """Degrade one image after the other, without end."""
    number = 0
    while True:
        path = paths[number % len(paths)]
        image = without_alpha(read_image(path, axes=axes))
        depth = image.sizes.get("Z", 1)
        if depth > 1 and image.sizes.get("T", 1) > 1:
            raise InputError(f"{path}: a stack at {image.sizes['T']} times; expected one time a file")
        rng = np.random.default_rng([seed, number])
        drawn = degradation.draw(rng, planes=depth)
        pixels = np.asarray(arrange(image))
        blurred = scaling.undo(drawn.apply(scaling.apply(pixels), rng), pixels.dtype)
        stored, clipped = _as_type(blurred, pixels.dtype)
        suffix = ".png" if path.suffix.lower() in PHOTOS else ".tif"
        record = {"source": path.name, "parameters": drawn.parameters, "clipped pixels": clipped}
        yield Made(f"{number:05}_{path.stem}", suffix, arrange_like(image, stored), image, record)
        number += 1


def expose_reels(reels: list[Reel], exposure: Exposure) -> Iterator[Made]:
    """Expose each reel's frames, one group after the other, to 8-bit pictures."""
    for reel in reels:
        _, frames, height, width = reel.shape
        name = reel.name.replace("/", "-")
        for start in range(0, frames - exposure.frames + 1, exposure.frames):
            read = reel.read(start, start + exposure.frames, slice(0, height), slice(0, width))
            degraded, sharp = (_photograph(picture) for picture in (exposure.blur(read), read[:, exposure.frames // 2]))
            record = {"source": reel.name, "first frame": start, "frames": exposure.frames}
            yield Made(f"{name}_{start:06}", ".png", degraded, sharp, record)


def _photograph(picture: np.ndarray) -> Image:
    stored, _ = _as_type(picture.astype(np.float64) * 255, np.dtype(np.uint8))
    return Image(np.moveaxis(stored, 0, -1), "YXS") if len(stored) == 3 else Image(stored[0], "YX")


def _as_type(values: np.ndarray, dtype: np.dtype) -> tuple[np.ndarray, int]:
    """Round and clip to an integer type; return how many pixels were clipped."""
    if dtype.kind == "f":
        return values.astype(dtype), 0
    limits = np.iinfo(dtype)
    rounded = np.rint(values)
    clipped = int(((rounded < limits.min) | (rounded > limits.max)).sum())
    return np.clip(rounded, limits.min, limits.max).astype(dtype), clipped
