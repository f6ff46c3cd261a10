"""A class: planned scores whatever some of them do, nothing graded twice, changed work graded again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gan_lessons.errors import Cancelled
from gan_lessons.grading.classroom import RECORDS, Way, grade_class
from gan_lessons.grading.handed_in import find_submissions
from gan_lessons.grading.labs import get_lab
from gan_lessons.grading.rehearsal import KINDS, make_class
from gan_lessons.grading.sandbox import Limits, why_not
from gan_lessons.grading.secret import Secret

SECRET = Secret(b"the secret of these tests")
SOURCES = Path(__file__).parents[2] / "tutorials" / "instructor"
WAY = Way(get_lab(1), SECRET, limits=Limits(seconds=3, patience=300))
walled = pytest.mark.skipif(bool(why_not()), reason=f"needs namespaces: {why_not()}")


def points(outcomes: list) -> dict[str, int]:
    return {one.student: one.record.points for one in outcomes}


@walled
def test_a_class_is_graded_once_and_changed_work_again(tmp_path: Path) -> None:
    submissions, out = tmp_path / "a class", tmp_path / "results"
    kinds = ["partly right", "no notebook", "imports it covertly"]
    planned = make_class(submissions, SECRET, SOURCES, count=3, kinds=kinds)
    first = grade_class(find_submissions(submissions, "lab1"), WAY, out, jobs=2)
    assert points(first) == planned

    again = grade_class(find_submissions(submissions, "lab1"), WAY, out)
    assert all(one.kept for one in again)
    assert points(again) == planned

    changed = sorted(submissions.iterdir())[0] / "lab1.ipynb"
    changed.write_text("not a notebook any more")
    later = grade_class(find_submissions(submissions, "lab1"), WAY, out)
    assert [one.kept for one in later] == [False, True, True]
    record = later[0].record
    assert record is not None
    assert (record.points, [one["points"] for one in record.earlier]) == (0, [14])


@pytest.mark.slow
@walled
def test_every_kind_of_mischief_scores_as_planned(tmp_path: Path) -> None:
    planned = make_class(tmp_path / "class", SECRET, SOURCES, count=len(KINDS))
    found = grade_class(find_submissions(tmp_path / "class", "lab1"), WAY, tmp_path / "out", jobs=2)
    assert points(found) == planned


@walled
def test_a_cancel_keeps_what_is_graded(tmp_path: Path) -> None:
    import threading

    make_class(tmp_path / "class", SECRET, SOURCES, count=2, kinds=["no notebook", "endless loop"])
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        grade_class(
            find_submissions(tmp_path / "class", "lab1"),
            replace(WAY, limits=Limits(seconds=500, patience=500)),
            tmp_path / "out",
            cancel=cancel,
            progress=lambda done, total: cancel.set(),
        )
    assert len(list((tmp_path / "out" / RECORDS).glob("*.json"))) == 1
