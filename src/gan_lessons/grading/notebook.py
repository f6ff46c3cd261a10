"""A lab's notebook from its source, with the marks that nbgrader reads: answers, locked cells, points."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from gan_lessons.errors import InputError
from gan_lessons.grading.lab import PRELUDE, Lab, Numbers, as_code

SOURCES = Path("tutorials/instructor")
GIVEN, NUMBERS, POINTS = "given", "numbers", "-points"
"""The cell of imports, and that of the variant; how the name of a task's points cell ends."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def make_notebook(lab: Lab, folder: Path, numbers: Numbers) -> Any:
    """Return the instructor's version of a lab, with solutions; nbgrader makes the students' from it.

    Parameters
    ----------
    lab : Lab
    folder : Path
        Holds ``NN_TOPIC.py``: py:percent; ``task="NAME"`` beside ``# %%`` marks an answer, ``check="NAME"`` what is
        shown of its test and gets its points, the tags ``given`` and ``numbers`` the cells of imports and the variant.
    numbers : mapping
        The variant.

    Raises
    ------
    InputError
        If the source isn't there, or lacks a task.
    """
    import jupytext
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    path = folder / f"{lab.number:02}_{lab.topic}.py"
    if not path.exists():
        raise InputError(f"{path}: not found; expected the source of lab {lab.number}: name its folder with --sources")
    points = {task.name: task.points for task in lab.tasks}
    cells, found = [], []
    for cell in jupytext.read(path, fmt="py:percent").cells:
        marks = cell.metadata
        task, check, tags = marks.get("task"), marks.get("check"), marks.get("tags", ())
        varies = NUMBERS in tags
        text = as_code(numbers) if varies else PRELUDE if GIVEN in tags else cell.source
        name = task or (f"{check}{POINTS}" if check else NUMBERS if varies else "")
        name = name or hashlib.sha256(text.encode()).hexdigest()[:12]
        found += [(task, "task")] if task else [(check, "check")] if check else []
        nbgrader = _mark(name, solution=bool(task), points=points.get(check) if check else None)
        if cell.cell_type == "code":
            cells.append(new_code_cell(text, id=name, metadata={"nbgrader": nbgrader}))
        else:
            cells.append(new_markdown_cell(text, id=name))
    wanted = [(task.name, kind) for task in lab.tasks for kind in ("task", "check")]
    if found != wanted:
        raise InputError(f"{path}: its tasks and checks are {found}; expected {wanted}")
    return new_notebook(cells=cells, metadata=METADATA, nbformat_minor=5)


def _mark(name: str, *, solution: bool, points: int | None) -> dict[str, Any]:
    """Return what nbgrader wants to know of a cell (its schema 3)."""
    mark: dict[str, Any] = {"grade_id": name, "schema_version": 3, "solution": solution, "task": False}
    mark |= {"grade": points is not None, "locked": not solution}
    return mark if points is None else {**mark, "points": points}
