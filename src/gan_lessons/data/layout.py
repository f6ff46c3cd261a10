"""Which files belong together, told from the names of folders and files alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gan_lessons.data.picture import MOVIES
from gan_lessons.errors import InputError
from gan_lessons.io import SUFFIXES, can_read

ROLES = (
    ("blur", "sharp"),  # GoPro, and ours
    ("blur_gamma", "sharp"),  # GoPro, averaged in light
    ("blurred", "sharp"),
    ("lq", "gt"),  # BasicSR
    ("low", "gt"),  # CARE
    ("raw", "reference"),
    ("input", "target"),
    ("degraded", "sharp"),
    ("a", "b"),  # pix2pix
)
"""Names of folders, or ends of files' names (``x_blur.png`` beside ``x_sharp.png``): degraded, then sharp."""

SPLITS = {
    **dict.fromkeys(("train", "training"), "training"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
HALVES = ("left", "right")  # of a picture that holds a pair
UNPAIRED = re.compile(r"(train|val|test)([AB])")  # CycleGAN's folders: trainA, trainB


@dataclass
class Found:
    """The files of a folder, by what they are for.

    Parameters
    ----------
    kind : str
        "paired", "unpaired", "movies", or "single": sharp images, halves side by side, or frames.
    roles : tuple of 2 str
        The names that told the degraded files from the sharp ones.
    degraded, sharp : dict
        Files by key: their path below the folder without role and suffix. Of "single" and "movies" all are sharp.
    faults : list of str
        Partners that lack, and names that two files share.
    others : int
        Images and films that have no role, and are left aside.
    """

    kind: str
    roles: tuple[str, str] = ("", "")
    degraded: dict[str, Path] = field(default_factory=dict)
    sharp: dict[str, Path] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    others: int = 0


def find_files(folder: Path, roles: tuple[str, str] | None = None) -> Found:
    """Walk a folder and match its images by name.

    Parameters
    ----------
    roles : tuple of 2 str, optional
        Names that tell the degraded files from the sharp ones; by default the first of `ROLES` that are both there.

    Raises
    ------
    InputError
        If there is no folder, or no image in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected one that holds images")
    files = sorted(_walk(folder))
    images = [file for file in files if can_read(file)]
    movies = [file for file in files if file.suffix.lower() in MOVIES]
    if not images and not movies:
        raise InputError(f"{folder}: no image there; expected files ending in {', '.join(SUFFIXES)}")
    if not images:
        return Found("movies", sharp={str(file.relative_to(folder)): file for file in movies})
    if any(UNPAIRED.fullmatch(part) for file in images for part in file.relative_to(folder).parts[:-1]):
        return _unpaired(folder, images, reverse=roles is not None and roles[0].lower() == "b")
    for names in [(roles[0].lower(), roles[1].lower())] if roles else ROLES:
        sides = [[file for file in images if _role(file.relative_to(folder), names) == role] for role in names]
        if all(sides):
            found = _paired(folder, names, sides[0], sides[1])
            found.others = len(images) + len(movies) - len(sides[0]) - len(sides[1])
            return found
    if roles and roles[0].lower() not in HALVES:
        raise InputError(f"{folder}: no images called {roles[0]!r} and {roles[1]!r}; expected folders of these names")
    return Found("single", sharp={str(file.relative_to(folder)): file for file in images}, others=len(movies))


def split_of(key: str) -> str | None:
    """Return the split that a folder on the way names, if any.

    >>> split_of("train/GOPR0372/000047"), split_of("000047")
    ('training', None)
    """
    named = [SPLITS[part.lower()] for part in Path(key).parts[:-1] if part.lower() in SPLITS]
    return named[0] if named else None


def _walk(folder: Path) -> Iterator[Path]:
    """Yield all files; an OME-Zarr, which is a folder, counts as one."""
    for parent, folders, files in os.walk(folder, followlinks=True):
        yield from (Path(parent, name) for name in files + folders if _counts(Path(parent, name)))
        folders[:] = [name for name in folders if not name.startswith(".") and Path(name).suffix.lower() != ".zarr"]


def _counts(path: Path) -> bool:
    return not path.name.startswith(".") and (path.suffix.lower() == ".zarr" or path.is_file())


def _role(relative: Path, roles: tuple[str, str]) -> str | None:
    """Return which of two roles a file has: by a folder's name, else by the end of its own."""
    folders = [part.lower() for part in relative.parts[:-1]]
    for role in roles:
        if role in folders or relative.stem.lower().endswith((f"_{role}", f"-{role}")):
            return role
    return None


def _key(relative: Path, role: str) -> str:
    """Return a file's path without what told its role: a folder's name, else the end of its own."""
    folders = [part for part in relative.parts[:-1] if part.lower() != role]
    told_by_folder = len(folders) < len(relative.parts) - 1
    stem = relative.stem if told_by_folder else re.sub(f"[_-]{role}$", "", relative.stem, flags=re.IGNORECASE)
    return Path(*folders, stem).as_posix()


def _paired(folder: Path, roles: tuple[str, str], degraded: list[Path], sharp: list[Path]) -> Found:
    found = Found("paired", roles)
    for files, role, target in ((degraded, roles[0], found.degraded), (sharp, roles[1], found.sharp)):
        for file in files:
            key = _key(file.relative_to(folder), role)
            if key in target:
                found.faults.append(f"{file}: has the name of {target[key]}; expected one file a name")
            target[key] = file
    for one, other, missing in ((found.degraded, found.sharp, roles[1]), (found.sharp, found.degraded, roles[0])):
        found.faults += [f"{one[key]}: has no partner {key!r} among {missing!r}" for key in one.keys() - other.keys()]
    found.faults.sort()
    return found


def _unpaired(folder: Path, images: list[Path], *, reverse: bool) -> Found:
    """Take CycleGAN's folders; A is the degraded domain unless it is the other way round."""
    sides: dict[str, dict[str, Path]] = {"A": {}, "B": {}}
    for file in images:
        for part in file.relative_to(folder).parts[:-1]:
            if match := UNPAIRED.fullmatch(part):
                sides[match[2]][f"{match[1]}/{file.stem}"] = file
    first, second = ("B", "A") if reverse else ("A", "B")
    return Found("unpaired", (first, second), sides[first], sides[second])
