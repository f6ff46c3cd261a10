"""Whether lessons are what they should be: products up to date, solutions right, starters and wrong answers refused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gan_lessons.lessons.products import (
    INSTALL,
    LABS,
    NOTEBOOKS,
    SOLUTIONS,
    as_starter,
    as_text,
    make_notebook,
    with_solutions,
)
from gan_lessons.lessons.running import execute
from gan_lessons.lessons.source import Cell, Lesson

SPAWN = Cell("code", "import multiprocessing\n\nmultiprocessing.set_start_method('spawn', force=True)")
"""Runs before a lesson: no child process inherits what a notebook holds."""

REFUSAL = "NotYet"
"""The name of what a check raises."""


def find_stale(lesson: Lesson, folder: Path) -> Iterator[str]:
    """Yield a line for each committed product that the source no longer gives; outputs don't count."""
    import nbformat

    source = with_solutions(lesson)
    for kind, expected in ((NOTEBOOKS, source), (LABS, as_starter(lesson)), (SOLUTIONS, source)):
        path, execute_too = folder / kind / f"{lesson.name}.ipynb", " --execute" if kind == SOLUTIONS else ""
        what_to_do = f"run gan-lessons lessons build{execute_too}"
        if not path.exists():
            yield f"{path}: missing; {what_to_do}"
        elif as_text(nbformat.read(path, as_version=4), outputs=False) != as_text(expected):
            yield f"{path}: differs from what {lesson.path} gives; {what_to_do}"


def find_solution_faults(lesson: Lesson, *, times: int = 1) -> Iterator[str]:
    """Run the solution in fast mode; yield a line if it stops.

    New processes are spawned, as on Windows. Another time is as after *restart and run all*: a new kernel, in the
    folder that the first one left.
    """
    with tempfile.TemporaryDirectory(prefix="a lesson ") as folder:
        for time in range(1, times + 1):
            notebook = make_notebook([SPAWN, INSTALL, *lesson.cells])
            for failure in execute(notebook, fast=True, folder=Path(folder)):
                where = f"cell {failure.cell}{' the second time' if time > 1 else ''}"  # SPAWN counts as cell 0
                yield f"{lesson.name}: the solution stops at {where} with {failure.kind}: {failure.message}"
                return


def find_starter_faults(lesson: Lesson) -> Iterator[str]:
    """Run the starter; yield a line unless it is refused by the check of its first exercise, and nowhere before."""
    starter = as_starter(lesson)
    checks = [index for index, cell in enumerate(starter.cells) if "check" in cell.metadata.get("tags", ())]
    failures = execute(starter, fast=True)
    if not failures:
        yield f"{lesson.name}: the starter passes as it is; expected its first check to refuse it"
        return
    failure = failures[0]
    if failure.kind != REFUSAL or failure.cell != checks[0]:
        yield (
            f"{lesson.name}: the starter stops at cell {failure.cell + 1} with {failure.kind}: {failure.message}; "
            f"expected its first check, cell {checks[0] + 1}, to refuse it"
        )


def find_accepted(lesson: Lesson) -> Iterator[str]:
    """Try each wrong answer in its exercise's place; yield a line if its check takes it, or says something else."""
    cells, tried = _trial(lesson)
    notebook: Any = make_notebook(cells)
    failures = {failure.cell: failure for failure in execute(notebook, fast=True, refused=tried.__contains__)}
    for index, wrong in tried.items():
        failure = failures.pop(index, None)
        about = f"{lesson.name}: the wrong answer for {wrong.exercise} that should be told {wrong.says!r}"
        if failure is None:
            yield f"{about} passes its check"
        elif failure.kind != REFUSAL or wrong.says not in failure.message:
            yield f"{about} is told {failure.kind}: {failure.message}"
    for failure in failures.values():
        yield f"{lesson.name}: trying wrong answers stops with {failure.kind}: {failure.message}"


def _trial(lesson: Lesson) -> tuple[list[Cell], dict[int, Cell]]:
    """Return cells that set up, and for each exercise its wrong answers, each with the check, then the right one.

    Also which wrong answer is judged by the cell of which number.
    """
    cells: list[Cell] = []
    tried: dict[int, Cell] = {}
    for cell, after in zip(lesson.cells, lesson.cells[1:], strict=False):
        if "solution" in cell.tags:
            for wrong in lesson.wrong:
                if wrong.exercise == cell.exercise:
                    cells += [wrong, after]
                    tried[len(cells) - 1] = wrong
            cells += [cell, after]
        elif "setup" in cell.tags:
            cells.append(cell)
    return cells, tried
