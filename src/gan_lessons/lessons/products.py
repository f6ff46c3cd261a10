"""What a lesson becomes: notebooks whose bytes depend on nothing but the source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gan_lessons.io import written_beside
from gan_lessons.lessons.source import Cell, Lesson
from gan_lessons.lessons.starter import empty

NOTEBOOKS, LABS, SOLUTIONS = "notebooks", "labs", "solutions"

INSTALL = Cell(
    "code",
    """# Installs the library where it is missing (hosted notebooks); does nothing where it is there.
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("gan_lessons") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "napari-deblur[lessons]"], check=True)""",
    ("setup",),
)
"""The first cell of every notebook."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def make_notebook(cells: Iterable[Cell]) -> Any:
    """Return a notebook without outputs; a cell's id comes from its text, and its number where a text comes again."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    made, seen = [], set()
    for number, cell in enumerate(cells):
        name = hashlib.sha256(cell.text.encode()).hexdigest()[:12]
        name = f"{name}-{number}" if name in seen else name
        seen.add(name)
        new = new_code_cell if cell.kind == "code" else new_markdown_cell
        made.append(new(cell.text, id=name, metadata={"tags": list(cell.tags)} if cell.tags else {}))
    return new_notebook(cells=made, metadata=METADATA, nbformat_minor=5)


def with_solutions(lesson: Lesson) -> Any:
    """Return the notebook as it is written."""
    return make_notebook([INSTALL, *lesson.cells])


def as_starter(lesson: Lesson) -> Any:
    """Return the notebook for learners: solutions emptied."""
    cells = [replace(cell, text=empty(cell.text)) if "solution" in cell.tags else cell for cell in lesson.cells]
    return make_notebook([INSTALL, *cells])


def as_text(notebook: Any, *, outputs: bool = True) -> str:
    """Return a notebook's JSON, with its keys sorted, with or without what cells gave."""
    import nbformat

    if not outputs:
        notebook = nbformat.from_dict(notebook)  # a copy
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook) + "\n"


def write_product(notebook: Any, folder: Path, lesson: Lesson) -> Path:
    """Write ``folder/NAME.ipynb`` whole or not at all, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lesson.name}.ipynb"
    with written_beside(path, overwrite=True) as temporary:
        temporary.write_text(as_text(notebook), encoding="utf-8")
    return path


def with_figures(lesson: Lesson, executed: Any) -> Any | None:
    """Return the notebook with what an executed one's cells gave; None where any code has changed since."""
    fresh = with_solutions(lesson)
    old, new = ([cell for cell in one.cells if cell.cell_type == "code"] for one in (executed, fresh))
    if [cell.source for cell in old] != [cell.source for cell in new]:
        return None
    for before, after in zip(old, new, strict=True):
        after.outputs, after.execution_count = before.outputs, before.execution_count
    return fresh


def build(lesson: Lesson, folder: Path) -> list[Path]:
    """Write a lesson's notebook and its starter into a tutorials folder; its solution too, if only words changed."""
    import nbformat

    written = [
        write_product(with_solutions(lesson), folder / NOTEBOOKS, lesson),
        write_product(as_starter(lesson), folder / LABS, lesson),
    ]
    executed = folder / SOLUTIONS / f"{lesson.name}.ipynb"
    if executed.exists() and (solution := with_figures(lesson, nbformat.read(executed, as_version=4))):
        written.append(write_product(solution, folder / SOLUTIONS, lesson))
    return written
