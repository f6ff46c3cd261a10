"""One call from a folder to pairs: the layout told, the faults named, the splits made, the scaling measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gan_lessons.data.degrading import RandomDegradation, Range
from gan_lessons.data.inspection import Facts
from gan_lessons.data.pair import Pairs
from gan_lessons.data.parts import Roles, make_reels, split_survey
from gan_lessons.data.pictures import Depth, FilePairs, UnpairedFiles
from gan_lessons.data.scaling import Scaling, ScalingName, measure_scaling
from gan_lessons.data.sharp import SharpFiles
from gan_lessons.data.survey import Layout, Survey, survey
from gan_lessons.data.video import Exposure, Movies
from gan_lessons.data.windows import Bright, weigh
from gan_lessons.errors import InputError


@dataclass(frozen=True)
class Splits:
    """A folder's pairs, to train on, to choose with, and to judge by; the last two may be missing.

    Parameters
    ----------
    description : str
        One line: the layout that was told from the names, the scaling, and how the splits were made.
    channels : (int, int)
        Of the degraded and of the sharp patches.
    scalings : (Scaling, Scaling)
        What their values mean in the units of the files.
    """

    training: Pairs
    validation: Pairs | None
    test: Pairs | None
    description: str
    channels: tuple[int, int]
    scalings: tuple[Scaling, Scaling]


def open_pairs(folder: str | Path, **options: Any) -> Pairs:
    """Open all pairs of a folder for training, none held out; see `open_splits` for the options."""
    return open_splits(folder, shares=(0.0, 0.0), **options).training


def open_splits(
    folder: str | Path,
    *,
    layout: Layout | None = None,
    roles: tuple[str, str] | None = None,
    axes: str | None = None,
    shares: tuple[float, float] = (0.1, 0.1),
    by: Literal["file", "region"] | None = None,
    seed: int = 0,
    scaling: ScalingName | None = None,
    planes: int = 1,
    volume: bool = False,
    foreground: float | None = None,
    degradation: str | None = None,
    ranges: Mapping[str, float | Range] | None = None,
    shrink: int = 1,
    frames: int = 7,
    between: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Splits:
    """Open a folder of images as pairs, whatever its layout; every file is read once, and every fault is named.

    Parameters
    ----------
    folder : str or Path
        ``blur/`` + ``sharp/``, ``A/`` + ``B/``, ``lq/`` + ``gt/`` … (also within ``train/`` and ``test/``, also as ends
        of files' names), GoPro's tree, CycleGAN's ``trainA/`` + ``trainB/``, pictures side by side, sharp images
        alone, or films. Pairs are matched by name.
    layout, roles, axes, progress :
        As in `survey`.
    shares : (float, float)
        Of validation and of test, where no folder says which files these are.
    by : "file" or "region", optional
        Split whole files (or recordings), or each picture's rows with 16 pixels between; by default files, if there
        are ten.
    seed : int
        Of the split, and of the degradations.
    scaling : "type" or "percentiles", optional
        0 to 1 are the range of an integer type, or the 1st and 99.9th percentile of all training files, a channel and
        a role at a time. Photographs and films have the first by default; all else (TIFF, OME-Zarr: microscopes,
        satellites) the second.
    planes, volume :
        What of a stack is a patch: see `Depth`.
    foreground : float, optional
        Share of patches that are cut where the sharp picture is bright; by default 0.9 for stacks and else 0.
    degradation, ranges, shrink :
        For sharp images alone: see `RandomDegradation` and `SharpFiles`.
    frames, between :
        For films: see `Exposure`.

    Raises
    ------
    DataError
        An `InputError` that names every faulty file.
    InputError
        If the folder holds no images, or too few to split, or sharp ones only and no degradation is named.
    """
    surveyed = survey(folder, layout=layout, roles=roles, axes=axes, progress=progress)
    name = scaling or surveyed.usual_scaling
    surveyed.check_scaling(name)
    surveyed.raise_faults()
    if surveyed.layout == "sharp" and degradation is None:
        raise InputError(
            f"{surveyed.description}, and nothing that degrades them; expected partners (blur/ + sharp/ …), or name a "
            "degradation"
        )
    depth = Depth(planes, volume)
    random = RandomDegradation(degradation, ranges or {}) if degradation else None
    parts, how = split_survey(surveyed, shares, by, seed)
    measured = _measure(parts["training"], name)
    stacks = any(facts.picture.shape[1] > 1 for facts in surveyed.sharp.values())
    share = (0.9 if stacks and surveyed.layout != "frames" else 0.0) if foreground is None else foreground
    make = _Maker(surveyed, measured, depth, share, random, Exposure(frames, between), seed, shrink)
    made = {split: make(part) for split, part in parts.items() if part[1]}
    told = f"{surveyed.description}; scaled by {name}; {how}"
    return Splits(
        made["training"], made.get("validation"), made.get("test"), told, _channels(surveyed, depth), measured
    )


@dataclass(frozen=True)
class _Maker:
    """Makes the source of pairs that fits a layout, of the files of one split."""

    surveyed: Survey
    scalings: tuple[Scaling, Scaling]
    depth: Depth
    foreground: float
    degradation: RandomDegradation | None
    exposure: Exposure
    seed: int
    shrink: int

    def __call__(self, part: Roles) -> Pairs:
        degraded, sharp = ([facts.picture for facts in role.values()] for role in part)
        bright = self._bright(list(part[1].values()))
        if self.surveyed.layout == "frames":
            return Movies(make_reels(part[1], self.exposure.frames), self.exposure)
        if self.surveyed.layout == "unpaired":
            return UnpairedFiles(degraded, sharp, self.scalings, self.depth)
        if self.surveyed.layout == "sharp":
            assert self.degradation
            return SharpFiles(sharp, self.scalings[1], self.degradation, self.depth, bright, self.seed, self.shrink)
        return FilePairs(list(zip(degraded, sharp, strict=True)), self.scalings, self.depth, bright)

    def _bright(self, sharp: Sequence[Facts]) -> list[Bright] | None:
        if not self.foreground:
            return None
        return [weigh(facts.blocks, self.foreground) for facts in sharp]


def _measure(training: Roles, name: ScalingName) -> tuple[Scaling, Scaling]:
    """Measure each role's scaling on what is trained on alone."""
    if name == "type":
        return Scaling(), Scaling()
    sharp = measure_scaling([facts.sample for facts in training[1].values()])
    return measure_scaling([facts.sample for facts in training[0].values()]) if training[0] else sharp, sharp


def _channels(surveyed: Survey, depth: Depth) -> tuple[int, int]:
    sharp = next(iter(surveyed.sharp.values())).picture.shape[0]
    degraded = next(iter(surveyed.degraded.values())).picture.shape[0] if surveyed.degraded else sharp
    return degraded * (1 if depth.volume else depth.planes), sharp
