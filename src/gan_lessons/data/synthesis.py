"""Write a set of pairs from sharp images, or from film, with every parameter of every pair beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gan_lessons.data.degrading import RandomDegradation
from gan_lessons.data.parts import make_reels
from gan_lessons.data.picture import PHOTOS, arrange, arrange_like, without_alpha
from gan_lessons.data.scaling import Scaling, ScalingName, measure_scaling
from gan_lessons.data.survey import survey
from gan_lessons.data.video import Exposure, Reel
from gan_lessons.errors import InputError, check_counts
from gan_lessons.image import Image
from gan_lessons.io import check_target, read_image, write_image, written_beside

MANIFEST = "manifest.json"


@dataclass(frozen=True, eq=False)
class _Made:
    """A pair, what it was made of, and how."""

    name: str
    suffix: str
    degraded: Image
    sharp: Image
    record: dict[str, Any]


class _Plan(NamedTuple):
    """All pairs that can be made, one after the other, and what is common to them."""

    pairs: Iterator[_Made]
    total: int
    endless: bool
    about: dict[str, Any]


def synthesize(
    sharp: str | Path,
    out: str | Path,
    degradation: RandomDegradation | Exposure,
    *,
    count: int | None = None,
    seed: int = 0,
    axes: str | None = None,
    scaling: ScalingName | None = None,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Degrade sharp images into a new folder with ``blur/``, ``sharp/`` and ``manifest.json``.

    Pair number i is drawn from ``numpy.random.default_rng([seed, i])``, so that the same call writes the same pixels.
    Files keep their type (8 or 16 bits, floats), their axes and their pixel size; JPEG becomes PNG.

    Parameters
    ----------
    sharp : str or Path
        Folder of sharp images; of frames or films for an `Exposure`.
    out : str or Path
        A new folder, which is there whole or not at all.
    degradation : RandomDegradation or Exposure
    count : int, optional
        Of pairs; images are used again with other parameters where there are fewer. By default one an image; of
        frames, as many as there are exposures, which is also the most.
    axes, scaling :
        As in `open_splits`; the scaling says what white is for the photons.
    overwrite : bool
        Replace ``out``.

    Returns
    -------
    Path of the manifest.

    Raises
    ------
    InputError
        If images are faulty, ``out`` exists, or there are fewer exposures than asked for.
    """
    out = Path(out)
    check_target(out, overwrite=overwrite)
    if isinstance(degradation, Exposure):
        plan = _plan_exposures(Path(sharp), degradation, axes)
    else:
        plan = _plan_degradations(Path(sharp), degradation, axes, scaling, seed)
    if count is not None:
        check_counts(count=count)
        if not plan.endless and count > plan.total:
            raise InputError(f"{sharp}: frames for {plan.total} exposures; expected {count}, as asked for")
    about = {"made by": f"gan-lessons {version('napari-deblur')}", "seed": seed, **plan.about}
    return _write(out, plan.pairs, count or plan.total, about, overwrite, progress)


def _plan_degradations(
    folder: Path, degradation: RandomDegradation, axes: str | None, scaling: ScalingName | None, seed: int
) -> _Plan:
    surveyed = survey(folder, layout="sharp", axes=axes)
    name = scaling or surveyed.usual_scaling
    surveyed.check_scaling(name)
    surveyed.raise_faults()
    facts = list(surveyed.sharp.values())
    scale = Scaling() if name == "type" else measure_scaling([one.sample for one in facts])
    about = {
        "degradation": asdict(degradation),
        "order": "warp, blur, noise; all in light",
        "scaling": [asdict(channel) for channel in scale.channels] or "range of the type",
    }
    pairs = _degrade([one.picture.path for one in facts], axes, degradation, scale, seed)
    return _Plan(pairs, len(facts), True, about)


def _plan_exposures(folder: Path, exposure: Exposure, axes: str | None) -> _Plan:
    surveyed = survey(folder, layout="frames", axes=axes)
    surveyed.check_scaling("type")
    surveyed.raise_faults()
    reels = make_reels(surveyed.sharp, exposure.frames)
    about = {"degradation": {"name": "frames", **asdict(exposure)}, "order": "the mean of the frames' light"}
    return _Plan(_expose(reels, exposure), sum(reel.shape[1] // exposure.frames for reel in reels), False, about)


def _write(
    out: Path,
    pairs: Iterator[_Made],
    total: int,
    about: dict[str, Any],
    overwrite: bool,
    progress: Callable[[int, int], None] | None,
) -> Path:
    records = []
    with written_beside(out, overwrite=overwrite) as part:
        for role in ("blur", "sharp"):
            (part / role).mkdir(parents=True)
        for done, made in zip(range(total), pairs, strict=False):
            for role, image in (("blur", made.degraded), ("sharp", made.sharp)):
                write_image(part / role / (made.name + made.suffix), image)
            records.append({"name": made.name, **made.record})
            if progress:
                progress(done + 1, total)
        text = json.dumps({**about, "pairs": records}, indent=1, ensure_ascii=False)
        (part / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return out / MANIFEST


def _degrade(
    paths: list[Path], axes: str | None, degradation: RandomDegradation, scaling: Scaling, seed: int
) -> Iterator[_Made]:
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
        yield _Made(f"{number:05}_{path.stem}", suffix, arrange_like(image, stored), image, record)
        number += 1


def _expose(reels: list[Reel], exposure: Exposure) -> Iterator[_Made]:
    """Expose each reel's frames, one group after the other, to 8-bit pictures."""
    for reel in reels:
        _, frames, height, width = reel.shape
        name = reel.name.replace("/", "-")
        for start in range(0, frames - exposure.frames + 1, exposure.frames):
            read = reel.read(start, start + exposure.frames, slice(0, height), slice(0, width))
            degraded, sharp = (_photograph(picture) for picture in (exposure.blur(read), read[:, exposure.frames // 2]))
            record = {"source": reel.name, "first frame": start, "frames": exposure.frames}
            yield _Made(f"{name}_{start:06}", ".png", degraded, sharp, record)


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
