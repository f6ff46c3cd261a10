"""Which files are meant, and where their results go."""

from __future__ import annotations

import glob
from collections import Counter
from pathlib import Path

from gan_lessons.errors import InputError
from gan_lessons.io import SUFFIXES, can_read

LOSSY = {".jpg": ".png", ".jpeg": ".png", ".bmp": ".png"}  # a result isn't compressed away again


def find_inputs(words: list[str]) -> list[Path]:
    """Return the files that words name: files, the images in folders, patterns.

    Raises
    ------
    InputError
        If a folder or a pattern has no image.
    """
    found: list[Path] = []
    for word in words:
        path = Path(word)
        if path.is_dir() and path.suffix.lower() != ".zarr":
            files = sorted(file for file in path.iterdir() if can_read(file) and not file.name.startswith("."))
        elif glob.has_magic(word) and not path.exists():
            files = sorted(Path(name) for name in glob.glob(word, recursive=True))
        else:
            files = [path]
        if not files:
            raise InputError(f"{word}: no image there; expected files ending in {', '.join(SUFFIXES)}")
        found += files
    return list(dict.fromkeys(found))


def place_results(inputs: list[Path], out: Path, *, as_float: bool = False) -> list[Path]:
    """Return the results' paths: ``out`` itself, or a name in the folder ``out``, which is made, for each input.

    A folder is meant where there are several inputs, where it exists, or where ``out`` has no suffix.

    Raises
    ------
    InputError
        If ``out`` names one file for several inputs, has a suffix that no image has, or can't be made, or two results
        would have the same name.
    """
    is_file = can_read(out) and not (out.is_dir() and out.suffix.lower() != ".zarr")
    if is_file and len(inputs) > 1:
        raise InputError(f"{out}: one file for {len(inputs)} inputs; expected a folder")
    if is_file:
        return [out]
    if out.suffix and len(inputs) == 1 and not out.is_dir():
        known = ", ".join(SUFFIXES)
        raise InputError(
            f"{out}: unknown suffix {out.suffix!r}; expected one of {known}; if it is a folder, make it first"
        )
    targets = [out / _result_name(path, as_float) for path in inputs]
    twice = [path for path, count in Counter(targets).items() if count > 1]
    if twice:
        raise InputError(f"{twice[0]}: two inputs have this name; restore them into different folders")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: this folder could not be made: {error.strerror}") from error
    return targets


def _result_name(path: Path, as_float: bool) -> str:
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff", ".zarr"):
        return path.name
    return path.stem + (".tif" if as_float else LOSSY.get(suffix, ".png" if suffix == ".png" else ".tif"))
