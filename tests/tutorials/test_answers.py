"""The tutorials' own answers, in this process: solutions pass their checks, each wrong answer is told its mistake."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jupytext", reason="needs the extra lessons")

from gan_lessons import check
from gan_lessons.lessons import inspection
from gan_lessons.lessons.form import find_faults
from gan_lessons.lessons.source import Lesson, read_lessons

TUTORIALS = Path(__file__).resolve().parents[2] / "tutorials"
LESSONS = {lesson.name: lesson for lesson in read_lessons(TUTORIALS)}
WRONG = [(lesson, wrong) for lesson in LESSONS.values() for wrong in lesson.wrong]


def _run(lesson: Lesson, *tags: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for cell in lesson.cells:
        if set(tags) & set(cell.tags):
            exec(cell.text, names)
    return names


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_solutions_pass_their_checks(lesson):
    _run(lesson, "setup", "solution", "check")


@pytest.mark.parametrize(("lesson", "wrong"), WRONG, ids=[f"{one.name}-{wrong.says}" for one, wrong in WRONG])
def test_wrong_answers_are_told_their_mistake(lesson, wrong):
    names = _run(lesson, "setup", "solution")
    exec(wrong.text, names)
    judge = next(after for cell, after in pairwise(lesson.cells) if cell.exercise == wrong.exercise)
    with pytest.raises(check.NotYet) as refusal:
        exec(judge.text, names)
    assert wrong.says in str(refusal.value)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_lessons_keep_their_form_and_products_are_up_to_date(lesson):
    assert not list(find_faults(lesson))
    assert not list(inspection.find_stale(lesson, TUTORIALS))
