"""Write a set of pairs from sharp images, or from film, with every parameter of every pair beside it."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from gan_lessons.data.degrading import RandomDegradation
from gan_lessons.data.making import Made, degrade_files, expose_reels
from gan_lessons.data.parts import make_reels
from gan_lessons.data.scaling import Scaling, ScalingName, measure_scaling
from gan_lessons.data.survey import survey
from gan_lessons.data.video import Exposure
from gan_lessons.errors import InputError, InputWarning, check_counts
from gan_lessons.io import check_target, write_image, written_beside

MANIFEST = "manifest.json"
CLIPPED = 0.01  # share of pixels from which on it is said


class _Plan(NamedTuple):
    """All pairs that can be made, one after the other, and what is common to them."""

    pairs: Iterator[Made]
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
    pairs = degrade_files([one.picture.path for one in facts], axes, degradation, scale, seed)
    return _Plan(pairs, len(facts), True, about)


def _plan_exposures(folder: Path, exposure: Exposure, axes: str | None) -> _Plan:
    surveyed = survey(folder, layout="frames", axes=axes)
    surveyed.check_scaling("type")
    surveyed.raise_faults()
    reels = make_reels(surveyed.sharp, exposure.frames)
    about = {"degradation": {"name": "frames", **asdict(exposure)}, "order": "the mean of the frames' light"}
    return _Plan(expose_reels(reels, exposure), sum(reel.shape[1] // exposure.frames for reel in reels), False, about)


def _write(
    out: Path,
    pairs: Iterator[Made],
    total: int,
    about: dict[str, Any],
    overwrite: bool,
    progress: Callable[[int, int], None] | None,
) -> Path:
    records, pixels = [], 0
    with written_beside(out, overwrite=overwrite) as part:
        for role in ("blur", "sharp"):
            (part / role).mkdir(parents=True)
        for done, made in zip(range(total), pairs, strict=False):
            for role, image in (("blur", made.degraded), ("sharp", made.sharp)):
                write_image(part / role / (made.name + made.suffix), image)
            records.append({"name": made.name, **made.record})
            pixels += math.prod(made.degraded.data.shape)
            if progress:
                progress(done + 1, total)
        text = json.dumps({**about, "pairs": records}, indent=1, ensure_ascii=False)
        (part / MANIFEST).write_text(text + "\n", encoding="utf-8")
    clipped = sum(record.get("clipped pixels", 0) for record in records) / pixels
    if clipped > CLIPPED:
        warnings.warn(
            f"{out}: {clipped:.0%} of the blurred pixels were clipped to the type's range, which shifts their mean: "
            "add an offset to the sharp images, as cameras do, or store them as floats",
            InputWarning,
            stacklevel=3,
        )
    return out / MANIFEST
