"""Write beside, then rename: a file is there whole or not at all."""

from __future__ import annotations

import atexit
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_lessons.errors import InputError


@contextmanager
def written_beside(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary path in the same folder, which takes the place of ``path`` when the block ends well.

    If the block fails or is interrupted, what it wrote is removed and an older ``path`` stays as it was.

    Raises
    ------
    InputError
        If ``path`` exists and may not be overwritten, or the system refuses (no folder, read-only, disk full).
    """
    path = Path(path)
    check_target(path, overwrite=overwrite)
    temporary = path.with_name(f".{uuid.uuid4().hex[:8]}.part.{path.name}")
    try:
        yield temporary
        _replace(temporary, path)
    except BaseException as error:
        _remove(temporary)
        atexit.register(_remove, temporary)  # a thread that still computes may write one chunk more
        if isinstance(error, OSError):
            raise InputError(f"{path}: could not be written: {error.strerror or error}") from error
        raise


def check_target(path: Path, *, overwrite: bool = False) -> None:
    """Raise `InputError` now for what would stop the writing of ``path`` after hours of work."""
    if path.exists() and not overwrite:
        raise InputError(f"{path}: exists already; choose another name or allow overwriting (--overwrite)")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: could not be written: no permission to write into {path.parent}")


def _replace(temporary: Path, path: Path) -> None:
    """Rename; a folder (OME-Zarr) can't be renamed onto another, so the older one steps aside first."""
    if not path.is_dir():
        temporary.replace(path)
        return
    older = path.with_name(f"{temporary.name}.older")
    path.rename(older)
    try:
        temporary.rename(path)
    except BaseException:
        older.rename(path)
        raise
    _remove(older)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)  # on failure the rest of a folder goes at exit
    else:
        path.unlink(missing_ok=True)
