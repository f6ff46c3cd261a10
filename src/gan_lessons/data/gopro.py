"""GoPro's tree of recordings (Nah et al. 2017), sorted into folders that other programs read, too."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

from gan_lessons.data.inspection import DataError
from gan_lessons.data.layout import find_files, split_of
from gan_lessons.errors import InputError
from gan_lessons.io import check_target, written_beside


def organize_gopro(
    source: str | Path, out: str | Path, *, gamma: bool = False, link: bool = False, overwrite: bool = False
) -> dict[str, int]:
    """Copy ``train/RECORDING/{blur,sharp}/*.png`` into ``train/{blur,sharp}/RECORDING-*.png``; so ``test``.

    `open_splits` reads either tree. Names keep the recording, so that no two frames collide and a split can tell
    recordings apart.

    Parameters
    ----------
    source : str or Path
        The folder with ``train`` and ``test``, or one recording.
    out : str or Path
        A new folder, which is there whole or not at all.
    gamma : bool
        Take ``blur_gamma``, averaged in light, instead of ``blur``, averaged in stored values.
    link : bool
        Link to the files instead of copying 6 GB.
    overwrite : bool
        Replace ``out``.

    Returns
    -------
    How many pairs each split has, ``""`` for none.

    Raises
    ------
    InputError
        If it isn't GoPro's tree, a frame has no partner, or ``out`` exists and may not be replaced.
    """
    source, out = Path(source), Path(out)
    check_target(out, overwrite=overwrite)
    found = find_files(source, ("blur_gamma" if gamma else "blur", "sharp"))
    if found.kind != "paired":
        raise InputError(f"{source}: not GoPro's tree; expected train/RECORDING/blur/*.png and …/sharp/*.png")
    if found.faults:
        raise DataError(source, found.faults)
    counts: Counter[str] = Counter()
    with written_beside(out, overwrite=overwrite) as part:
        for key in found.sharp:
            split = split_of(key)
            top, *rest = Path(key).parts if split else ("", *Path(key).parts)
            counts[top] += 1
            for role, file in (("blur", found.degraded[key]), ("sharp", found.sharp[key])):
                _place(file, part / top / role / ("-".join(rest) + file.suffix), link)
    return dict(counts)


def _place(file: Path, target: Path, link: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if link:
        os.symlink(file.resolve(), target)
    else:
        shutil.copy2(file, target)
