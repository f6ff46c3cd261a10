"""Find what a class handed in: a notebook a student, in any of the layouts that platforms and nbgrader make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gan_lessons.errors import InputError


@dataclass(frozen=True)
class HandedIn:
    """One student's work.

    Parameters
    ----------
    student : str
    path : Path or None
        The notebook; None if there is none, or more than one that it could be.
    time : datetime or None
        From ``timestamp.txt`` beside it, as nbgrader writes it.
    """

    student: str
    path: Path | None
    time: datetime | None = None


def find_submissions(folder: Path, lab: str) -> list[HandedIn]:
    """Return the submissions to a lab, by student: ``STUDENT.ipynb``, ``STUDENT/*.ipynb`` or ``STUDENT/LAB/*.ipynb``.

    Raises
    ------
    InputError
        If there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder; expected one with a notebook, or a folder, for each student")
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            inner = entry / lab if (entry / lab).is_dir() else entry
            found.append(HandedIn(entry.name, _notebook(inner, lab), _time(inner)))
        elif entry.suffix == ".ipynb":
            found.append(HandedIn(entry.stem, _plain(entry)))
    if not found:
        raise InputError(f"{folder}: no submissions; expected STUDENT.ipynb, STUDENT/*.ipynb or STUDENT/{lab}/*.ipynb")
    return found


def _notebook(folder: Path, lab: str) -> Path | None:
    """Return the lab's notebook, else the only one there is."""
    there = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    named = [path for path in there if path.stem == lab]
    chosen = named or there
    return _plain(chosen[0]) if len(chosen) == 1 else None


def _plain(path: Path) -> Path | None:
    """Leave out links, which may point anywhere."""
    return path if path.is_file() and not path.is_symlink() else None


def _time(folder: Path) -> datetime | None:
    try:
        text = (folder / "timestamp.txt").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return parse_time(text)


def parse_time(text: str) -> datetime | None:
    """Read ISO 8601, and nbgrader's ``2026-11-20 12:00:00.000000 UTC``; without a zone it is UTC.

    >>> parse_time("2026-11-20 12:00 UTC").isoformat()
    '2026-11-20T12:00:00+00:00'
    """
    try:
        time = datetime.fromisoformat(text.removesuffix("UTC").strip())
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
