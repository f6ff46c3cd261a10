"""What is kept of each graded submission: a small JSON file under the student's anonymous name."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gan_lessons.grading.handed_in import parse_time
from gan_lessons.grading.scoring import Score
from gan_lessons.io import written_beside


@dataclass(frozen=True)
class Record:
    """One student's result in one lab.

    Parameters
    ----------
    anonymous : str
    lab : str
    fingerprint : str
        Of the submission, the lab and the secret: the same again needs no grading.
    scores : tuple of Score
    trouble : str
        Why there are no scores, for the student.
    time : datetime or None
        When it was handed in.
    earlier : tuple of dict
        Fingerprint and points of what was graded before.
    """

    anonymous: str
    lab: str
    fingerprint: str
    scores: tuple[Score, ...] = ()
    trouble: str = ""
    time: datetime | None = None
    earlier: tuple[dict[str, Any], ...] = ()

    @property
    def points(self) -> int:
        """Before any penalty."""
        return sum(one.points for one in self.scores)

    def after(self, before: Record | None) -> Record:
        """Return this one with what it takes the place of."""
        if before is None or before.fingerprint == self.fingerprint:
            return replace(self, earlier=before.earlier if before else ())
        return replace(self, earlier=(*before.earlier, {"fingerprint": before.fingerprint, "points": before.points}))


def write_record(record: Record, path: Path) -> None:
    """Write whole or not at all."""
    content = asdict(record) | {"time": record.time.isoformat() if record.time else None}
    with written_beside(path, overwrite=True) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def read_record(path: Path) -> Record | None:
    """Return a record; None if there is none that can be read, and it is graded again."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        found["scores"] = tuple(
            Score(**{**one, "lines": tuple(one["lines"]), "notes": tuple(one["notes"])}) for one in found["scores"]
        )
        found["time"] = parse_time(found["time"]) if found["time"] else None
        return Record(**{**found, "earlier": tuple(found["earlier"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True)
class Lateness:
    """How late work is marked down.

    Parameters
    ----------
    due : datetime or None
    percent : float
        Of the points, a begun day.
    """

    due: datetime | None = None
    percent: float = 10.0

    def days(self, record: Record) -> int:
        """Return the begun days after the deadline."""
        if self.due is None or record.time is None:
            return 0
        return max(math.ceil((record.time - self.due).total_seconds() / 86400), 0)

    def final(self, record: Record) -> float:
        """Return the points that remain; never less than none."""
        return round(record.points * max(1 - self.percent / 100 * self.days(record), 0.0), 2)
