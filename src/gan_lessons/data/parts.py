"""The files of a survey, parted into training, validation and test; single frames, put together to reels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from gan_lessons.data.inspection import BLOCK, Facts
from gan_lessons.data.split import NAMES, Split, split_files, split_rows
from gan_lessons.data.survey import Survey
from gan_lessons.data.video import Reel
from gan_lessons.errors import InputError

Roles: TypeAlias = tuple[dict[str, Facts], dict[str, Facts]]  # the degraded, the sharp


def split_survey(
    surveyed: Survey, shares: tuple[float, float], by: str | None, seed: int
) -> tuple[dict[Split, Roles], str]:
    """Return each split's files, or bands of them, and in words how it was made."""
    both = surveyed.degraded, surveyed.sharp
    wholes = _wholes(surveyed)
    chosen = None if by == "region" else split_files(list(wholes), shares, seed)
    if chosen:
        counts = ", ".join(f"{len(chosen[name])} {name}" for name in NAMES if chosen[name])
        parts = {name: _pick(both, [key for whole in chosen[name] for key in wholes[whole]]) for name in NAMES}
        return parts, f"split by {'film' if surveyed.layout == 'frames' else 'file'}: {counts}"
    if not any(shares):
        return {"training": both}, "all for training"
    if by == "file" or surveyed.layout == "unpaired":
        raise InputError(
            f"{surveyed.folder}: {len(wholes)} files are too few to split by file; expected 10, folders named train, "
            "val and test, or shares of 0"
        )
    return _by_region(both, shares)


def _wholes(surveyed: Survey) -> dict[str, list[str]]:
    """Return the keys that must stay together: the frames of a film."""
    if surveyed.layout == "frames":
        return _films(surveyed.sharp)
    return {key: [key] for key in dict.fromkeys([*surveyed.degraded, *surveyed.sharp])}


def _pick(both: Roles, keys: Sequence[str]) -> Roles:
    degraded, sharp = ({key: role[key] for key in keys if key in role} for role in both)
    return degraded, sharp


def _by_region(both: Roles, shares: tuple[float, float]) -> tuple[dict[Split, Roles], str]:
    bands = {key: split_rows(facts.picture.shape[2], shares) for key, facts in both[1].items()}
    names = list(next(iter(bands.values())))
    parts: dict[Split, Roles] = {}
    for name in names:
        degraded, sharp = ({key: _band(role[key], bands[key][name]) for key in role} for role in both)
        parts[name] = degraded, sharp
    return parts, f"split by region: rows of every file, in bands of {', '.join(names)}"


def _band(facts: Facts, rows: slice) -> Facts:
    picture = facts.picture.part(rows, slice(0, facts.picture.shape[3]))
    return replace(facts, picture=picture, blocks=facts.blocks[:, rows.start // BLOCK : -(-rows.stop // BLOCK)])


def make_reels(frames: Mapping[str, Facts], taken: int) -> list[Reel]:
    """Put single frames together to reels; a file of many frames is one.

    Raises
    ------
    InputError
        If the frames of a reel differ in size, or are fewer than an exposure takes.
    """
    reels = [Reel(tuple(frames[key].picture for key in keys), name) for name, keys in _films(frames).items()]
    for reel in reels:
        if len({picture.shape[2:] for picture in reel.pictures}) > 1:
            raise InputError(f"{reel.name}: frames of different sizes; expected one size a film")
        if reel.shape[1] < taken:
            raise InputError(f"{reel.name}: {reel.shape[1]} frames; expected {taken} or more, those of an exposure")
    return reels


def _films(frames: Mapping[str, Facts]) -> dict[str, list[str]]:
    """Group single frames by folder, in the order of the numbers in their names."""
    films: dict[str, list[str]] = defaultdict(list)
    for key in sorted(frames, key=_natural):
        many = frames[key].picture.shape[1] > 1
        films[key if many else (Path(key).parent / "frames").as_posix()].append(key)
    return dict(films)


def _natural(name: str) -> list[tuple[int, str]]:
    """Order 2 before 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
