"""What a folder holds: its layout, every file looked into, and every fault, before anything is trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from gan_lessons.data.inspection import BLOCK, DataError, Facts, inspect, odd_ones, unequal
from gan_lessons.data.layout import HALVES, Found, find_files
from gan_lessons.data.picture import MOVIES, PHOTOS
from gan_lessons.data.scaling import ScalingName
from gan_lessons.errors import InputError, suggest

Layout: TypeAlias = Literal["paired", "unpaired", "halves", "sharp", "frames"]
MEANINGS: Mapping[str, str] = {
    "paired": "pairs of files with equal names",
    "unpaired": "two folders whose files don't belong together",
    "halves": "pairs side by side in one picture",
    "sharp": "sharp images without partners",
    "frames": "frames of video",
}


@dataclass
class Survey:
    """The images of a folder that can be trained on, and what is wrong with the others.

    Parameters
    ----------
    folder : Path
    layout : str
        See `MEANINGS`.
    roles : tuple of 2 str
        What told the degraded images from the sharp ones.
    degraded, sharp : dict of key to Facts
        Of ``sharp`` and ``frames`` all are sharp.
    faults : list of str
        A line each, which names a file.
    others : int
        Files that have no role, and are left aside.
    """

    folder: Path
    layout: Layout
    roles: tuple[str, str]
    degraded: dict[str, Facts] = field(default_factory=dict)
    sharp: dict[str, Facts] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    others: int = 0

    @property
    def description(self) -> str:
        """Return one line that says how many of what, told by which names, and how many files are left aside."""
        aside = f", {self.others} others left aside" if self.others else ""
        if self.layout in ("sharp", "frames"):
            return f"{self.folder}: {len(self.sharp)} files, {MEANINGS[self.layout]}{aside}"
        counts = f"{len(self.degraded)}" if self.paired else f"{len(self.degraded)} and {len(self.sharp)}"
        return f"{self.folder}: {counts} {MEANINGS[self.layout]} ({self.roles[0]} → {self.roles[1]}){aside}"

    @property
    def paired(self) -> bool:
        """Whether a degraded image and a sharp one of the same key belong together."""
        return self.layout in ("paired", "halves")

    @property
    def facts(self) -> list[Facts]:
        """All files' facts."""
        return [*self.degraded.values(), *self.sharp.values()]

    @property
    def usual_scaling(self) -> ScalingName:
        """Photographs and films fill the range of their type; what microscopes and satellites store doesn't."""
        photos = all(one.picture.path.suffix.lower() in (*PHOTOS, *MOVIES) for one in self.facts)
        return "type" if photos else "percentiles"

    def check_scaling(self, scaling: ScalingName) -> None:
        """Add what speaks against a scaling to the faults."""
        for role in (self.degraded, self.sharp):
            types = {str(one.picture.dtype): one.picture.path.name for one in role.values()}
            if scaling == "percentiles" and len(types) > 1:
                found = " and ".join(f"{name} ({file} …)" for name, file in sorted(types.items()))
                self.faults.append(f"{self.folder}: {found} have no common percentiles; convert or part them")
        if scaling == "type":
            self.faults += [
                f"{one.picture.path}: floats from {one.low:g} to {one.high:g} have no type's range; expected values "
                "from 0 to 1, or scaling by percentiles"
                for one in self.facts
                if one.picture.dtype.kind == "f" and (one.low < 0 or one.high > 1)
            ]

    def raise_faults(self) -> None:
        """Raise `DataError`, an `InputError`, if there is any fault."""
        if self.faults:
            raise DataError(self.folder, self.faults)


def survey(
    folder: str | Path,
    *,
    layout: Layout | None = None,
    roles: tuple[str, str] | None = None,
    axes: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Survey:
    """Find out what a folder holds, and read every file of it once.

    Parameters
    ----------
    layout : str, optional
        One of `MEANINGS`, where names don't tell: ``frames`` in a folder of pictures; ``sharp`` although all pictures
        are twice as wide as high, which are otherwise taken for pairs side by side (pix2pix).
    roles : tuple of 2 str, optional
        The degraded images' name and the sharp ones': of folders (``("blur_gamma", "sharp")``, ``("B", "A")``), or of
        halves (``("right", "left")``).
    axes : str, optional
        One letter a dimension out of ``TCZYXS``, for files that don't say.
    progress : function of (files read, files)

    Returns
    -------
    Survey
        Faults don't raise here.

    Raises
    ------
    InputError
        If there is no folder, no image in it, or it can't have that layout.
    """
    folder = Path(folder)
    if layout is not None and layout not in MEANINGS:
        raise InputError(f"unknown layout {layout!r}; {suggest(layout, MEANINGS)}")
    found = find_files(folder, roles)
    files = [*found.degraded.values(), *found.sharp.values()]
    count = _Counter(len(files), progress)
    faults = list(found.faults)
    degraded, sharp = (inspect(role, axes, faults, count) for role in (found.degraded, found.sharp))
    chosen = layout or _tell(found, sharp)
    if (found.kind in ("paired", "unpaired")) != (chosen in ("paired", "unpaired")):
        raise InputError(f"{folder}: its names tell {found.kind} images, which can't be read as {chosen!r}")
    if chosen == "halves":
        roles = roles or HALVES
        parts = {key: _halve(facts, faults) for key, facts in sharp.items()}
        order = (0, 1) if roles[0].lower() == HALVES[0] else (1, 0)
        degraded, sharp = ({key: part[side] for key, part in parts.items() if part} for side in order)
    surveyed = Survey(folder, chosen, roles or found.roles, degraded, sharp, faults, found.others)
    _find_odd_ones(surveyed)
    return surveyed


def _tell(found: Found, sharp: Mapping[str, Facts]) -> Layout:
    if found.kind in get_args(Layout):
        return found.kind  # type: ignore[return-value]
    if found.kind == "movies":
        return "frames"
    shapes = [facts.picture.shape for facts in sharp.values()]
    return "halves" if shapes and all(width == 2 * height for _, _, height, width in shapes) else "sharp"


def _halve(facts: Facts, faults: list[str]) -> tuple[Facts, Facts] | None:
    _, _, height, width = facts.picture.shape
    if width % 2:
        faults.append(f"{facts.picture.path}: {width} columns have no two halves; expected an even number")
        return None
    middle = width // 2
    left, right = (
        replace(facts, picture=facts.picture.part(slice(0, height), columns), blocks=facts.blocks[..., blocks])
        for columns, blocks in (
            (slice(0, middle), slice(0, -(-middle // BLOCK))),
            (slice(middle, width), slice(middle // BLOCK, None)),
        )
    )
    return left, right


def _find_odd_ones(surveyed: Survey) -> None:
    """Add other sizes than the partner's and other channels than most to the faults; such pairs are left out."""
    if surveyed.paired:
        both = surveyed.degraded.keys() & surveyed.sharp.keys()
        for key in sorted(both):
            if fault := unequal(surveyed.degraded[key], surveyed.sharp[key]):
                surveyed.faults.append(fault)
        surveyed.degraded, surveyed.sharp = (
            {key: role[key] for key in role if key in both} for role in (surveyed.degraded, surveyed.sharp)
        )
    for role, what in ((surveyed.degraded, "degraded"), (surveyed.sharp, "sharp")):
        surveyed.faults += odd_ones(role.values(), what)


class _Counter:
    def __init__(self, total: int, report: Callable[[int, int], None] | None) -> None:
        self.done, self.total, self.report = 0, total, report

    def __call__(self) -> None:
        self.done += 1
        if self.report:
            self.report(self.done, self.total)
