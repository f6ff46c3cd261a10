"""Tables for the instructor and for learning platforms, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from gan_lessons.grading.classroom import Outcome
from gan_lessons.grading.lab import Lab
from gan_lessons.grading.record import Lateness
from gan_lessons.grading.similarity import Pair
from gan_lessons.io import written_beside

Row = Sequence[object]


def write_grades(outcomes: Sequence[Outcome], lab: Lab, lateness: Lateness, out: Path) -> list[Path]:
    """Write ``grades.csv``, ``key.csv``, ``notes.csv``, and what Moodle and Canvas import.

    Anonymous names stand in all but those of the platforms and the key.
    """
    graded = [(one.student, one.record) for one in outcomes if one.record]
    tasks = [task.name for task in lab.tasks]
    points = {record.anonymous: {one.task: one.points for one in record.scores} for _, record in graded}
    head = ["anonymous", "lab", *tasks, "points", "of", "days late", "final", "graded before", "trouble"]
    rows = [
        [
            *(record.anonymous, lab.name, *(points[record.anonymous].get(task, 0) for task in tasks), record.points),
            *(lab.points, lateness.days(record), lateness.final(record), len(record.earlier), record.trouble),
        ]
        for _, record in graded
    ]
    notes = [[r.anonymous, one.task, note] for _, r in graded for one in r.scores for note in one.notes]
    finals = [(student, lateness.final(record)) for student, record in graded]
    canvas = [[student, "", student, student, "", final] for student, final in finals]
    return [
        write_table(out / "grades.csv", head, rows),
        write_table(out / "key.csv", ["anonymous", "student"], [[r.anonymous, student] for student, r in graded]),
        write_table(out / "notes.csv", ["anonymous", "task", "note"], notes),
        write_table(out / "moodle.csv", ["ID number", lab.title], finals),
        write_table(
            out / "canvas.csv",
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", lab.title],
            [["Points Possible", "", "", "", "", lab.points], *canvas],
        ),
    ]


def write_similarity(pairs: Sequence[Pair], out: Path) -> Path:
    """Write ``similarity.csv``."""
    return write_table(out / "similarity.csv", ["one", "other", "rare", "all"], pairs)


def write_table(path: Path, head: Row, rows: Sequence[Row]) -> Path:
    """Write a table whole or not at all; texts that a spreadsheet would take for formulas begin with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[_harmless(one) for one in row] for row in rows])
    with written_beside(path, overwrite=True) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
    return path


def _harmless(value: object) -> object:
    """Return what no spreadsheet runs.

    >>> _harmless("=1+1"), _harmless(-1), _harmless("anna")
    ("'=1+1", -1, 'anna')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
