"""Training, validation and test: by folders that say so, by recording, by file, or by region; always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from gan_lessons.data.inspection import BLOCK
from gan_lessons.data.layout import SPLITS, split_of
from gan_lessons.errors import InputError

Split: TypeAlias = Literal["training", "validation", "test"]
NAMES: tuple[Split, Split, Split] = ("training", "validation", "test")
FEWEST = 10  # files that can be split by file; fewer are split by region


def split_files(keys: Sequence[str], shares: tuple[float, float], seed: int = 0) -> dict[Split, list[str]] | None:
    """Put each file into one of three splits, or return nothing: too few files.

    Folders named train, val or test decide where there are any; a validation that lacks is taken from training. Frames
    of one recording resemble each other, so that whole folders go to one side where there are ten or more.

    Parameters
    ----------
    shares : (float, float)
        Of validation and of test, in [0, 1).
    """
    check_shares(shares)
    told: dict[Split, list[str]] = {name: [key for key in keys if split_of(key) == name] for name in NAMES}
    if told["training"]:
        told["training"] += [key for key in keys if split_of(key) is None]
        if not told["validation"] and shares[0]:
            drawn = _draw(told["training"], (shares[0], 0.0), seed)
            if drawn:
                told |= {name: drawn[name] for name in NAMES[:2]}
        return told
    return _draw(keys, shares, seed)


def _draw(keys: Sequence[str], shares: tuple[float, float], seed: int) -> dict[Split, list[str]] | None:
    folders = {key: _recording(key) for key in keys}
    groups = sorted(set(folders.values()))
    if len(groups) < FEWEST:
        folders = {key: key for key in keys}
        groups = sorted(keys)
    if len(groups) < FEWEST:
        return None
    shuffled = sorted(groups, key=lambda group: hashlib.sha256(f"{seed} {group}".encode()).digest())
    validation, test = (round(share * len(groups)) for share in shares)
    side = {group: NAMES[1] for group in shuffled[:validation]}
    side |= {group: NAMES[2] for group in shuffled[validation : validation + test]}
    return {name: [key for key in keys if side.get(folders[key], NAMES[0]) == name] for name in NAMES}


def _recording(key: str) -> str:
    """Return the folders of a key without those that name a split, or the recording in an organized GoPro's name."""
    folders = [part for part in Path(key).parts[:-1] if part.lower() not in SPLITS]
    return "/".join(folders) or (Path(key).name.rpartition("-")[0] if Path(key).name.startswith("GOPR") else "")


def split_rows(height: int, shares: tuple[float, float]) -> dict[Split, slice]:
    """Cut a picture's rows into bands: training above, then validation, then test, as far as they have a share.

    Bands begin at multiples of 16 pixels, and 16 pixels between two are left out. Those held out have 64 rows at least
    where the picture is large enough, so that a patch fits in.

    Raises
    ------
    InputError
        If there are too few rows.

    >>> split_rows(320, (0.1, 0.1))
    {'training': slice(0, 192, None), 'validation': slice(208, 256, None), 'test': slice(272, 320, None)}
    """
    check_shares(shares)
    blocks = height // BLOCK
    least = max(1, min(4, blocks // 6))
    sizes = {name: max(least, round(share * blocks)) for name, share in zip(NAMES[1:], shares, strict=True) if share}
    begin = blocks - sum(sizes.values()) - len(sizes)
    if begin < 1:
        raise InputError(
            f"a picture of {height} rows is too small to split by region; expected {BLOCK * 5}, or shares of 0"
        )
    bands: dict[Split, slice] = {"training": slice(0, begin * BLOCK)}
    for name, size in sizes.items():
        bands[name] = slice((begin + 1) * BLOCK, (begin + 1 + size) * BLOCK)
        begin += 1 + size
    return bands


def check_shares(shares: tuple[float, float]) -> None:
    """Raise `InputError` unless shares of validation and test leave something to train on."""
    if not all(0 <= share < 1 for share in shares) or sum(shares) >= 1:
        raise InputError(f"shares {shares} of validation and test; expected two numbers from 0, below 1 together")
