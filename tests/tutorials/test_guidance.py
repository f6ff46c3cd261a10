"""What learners are pointed to is there: hints, words, and progress that knows every exercise of every lesson."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="needs the extra lessons")

from gan_lessons.check.words import EXERCISES, GLOSSARY
from gan_lessons.lessons.source import Lesson, read_lessons

TUTORIALS = Path(__file__).resolve().parents[2] / "tutorials"
LESSONS = read_lessons(TUTORIALS)


def _pointed_to(lesson: Lesson, function: str) -> set[str]:
    text = "\n".join(cell.text for cell in lesson.cells)
    return set(re.findall(rf'check\.{function}\("([^"]+)"', text))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_progress_knows_a_lessons_exercises_in_their_order(lesson):
    written = [cell.exercise for cell in lesson.cells if cell.exercise]
    known = [name for name, one in EXERCISES.items() if int(one.lesson.split()[0]) == int(lesson.name[:2])]
    assert known == written
    assert lesson.cells[-1].text == "check.progress()"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_hints_and_words_that_a_lesson_names_are_there(lesson):
    assert _pointed_to(lesson, "hint") <= EXERCISES.keys()
    assert {word.lower() for word in _pointed_to(lesson, "glossary")} <= {word.lower() for word in GLOSSARY}
