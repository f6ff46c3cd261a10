"""The form of a lesson, so that each can be read in an hour: few cells, short cells, few words."""

from __future__ import annotations

from collections.abc import Iterator

from gan_lessons.lessons.source import Lesson

CELLS = range(30, 46)
MOST_WORDS = 1500
MOST_LINES = 25


def find_faults(lesson: Lesson) -> Iterator[str]:
    """Yield a line for each departure from the form.

    >>> from pathlib import Path
    >>> next(find_faults(Lesson(Path("src/99_short.py"), ())))
    '99_short: 0 cells; expected 30 to 45'
    """
    if len(lesson.cells) not in CELLS:
        yield f"{lesson.name}: {len(lesson.cells)} cells; expected {CELLS.start} to {CELLS.stop - 1}"
    words = sum(len(cell.text.split()) for cell in lesson.cells if cell.kind == "markdown")
    if words > MOST_WORDS:
        yield f"{lesson.name}: {words} words of prose; expected at most {MOST_WORDS}"
    for number, cell in enumerate(lesson.cells, start=1):
        lines = len(cell.text.splitlines())
        if cell.kind == "code" and lines > MOST_LINES:
            yield f"{lesson.name}: code cell {number} has {lines} lines; expected at most {MOST_LINES}"
    tried = {answer.exercise for answer in lesson.wrong}
    for cell in lesson.cells:
        if "solution" in cell.tags and cell.exercise not in tried:
            yield f"{lesson.name}: no wrong answer is listed for {cell.exercise}; add one to src/wrong/{lesson.name}.py"
