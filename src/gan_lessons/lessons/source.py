"""A lesson as it is written: py:percent with tags, and the wrong answers that its checks must refuse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gan_lessons.errors import InputError, suggest

TAGS = ("solution", "check", "prove", "setup")
"""What a learner writes; what judges it; what shows it equal to the library's; what wrong answers are tried after."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Parameters
    ----------
    kind : {"code", "markdown"}
    text : str
    tags : tuple of str
        Out of `TAGS`.
    exercise : str
        Of a solution: the name of its check.
    says : str
        Of a wrong answer: what the refusal must say.
    """

    kind: str
    text: str
    tags: tuple[str, ...] = ()
    exercise: str = ""
    says: str = ""


@dataclass(frozen=True)
class Lesson:
    """A source: its name, such as ``01_unet``, its cells, and its wrong answers."""

    path: Path
    cells: tuple[Cell, ...]
    wrong: tuple[Cell, ...] = ()

    @property
    def name(self) -> str:
        """The file's, without its ending."""
        return self.path.stem


def read_lessons(folder: Path) -> list[Lesson]:
    """Read all sources of a tutorials folder, in their order.

    Raises
    ------
    InputError
        If there are none, or one isn't written as it should be.
    """
    paths = sorted((folder / "src").glob("[0-9][0-9]_*.py"))
    if not paths:
        raise InputError(f"{folder}: no lessons; expected src/NN_topic.py in it (gan-lessons lessons new makes one)")
    return [read_lesson(path) for path in paths]


def read_lesson(path: Path) -> Lesson:
    """Read a source and, from ``wrong/`` beside it, its wrong answers."""
    cells = _read_cells(path)
    for place, (cell, after) in enumerate(zip(cells, [*cells[1:], Cell("markdown", "")], strict=True), start=1):
        if unknown := [tag for tag in cell.tags if tag not in TAGS]:
            raise InputError(f"{path}: cell {place} has the tag {unknown[0]!r}; {suggest(unknown[0], TAGS)}")
        if "solution" in cell.tags and not (cell.exercise and "check" in after.tags):
            raise InputError(
                f'{path}: cell {place} is a solution; expected exercise="NAME" beside its tag, and a check right after'
            )
    beside = path.parent / "wrong" / path.name
    wrong = tuple(cell for cell in _read_cells(beside) if cell.kind == "code") if beside.exists() else ()
    exercises = [cell.exercise for cell in cells if cell.exercise]
    for place, cell in enumerate(wrong, start=1):
        if cell.exercise not in exercises or not cell.says:
            raise InputError(
                f'{beside}: answer {place} is for {cell.exercise!r} and refused with {cell.says!r}; expected exercise="'
                f'{"|".join(exercises)}" and says="words of the refusal"'
            )
    return Lesson(path, cells, wrong)


def _read_cells(path: Path) -> tuple[Cell, ...]:
    import jupytext

    read = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    return tuple(
        Cell(
            cell.cell_type,
            cell.source,
            tuple(cell.metadata.get("tags", ())),
            cell.metadata.get("exercise", ""),
            cell.metadata.get("says", ""),
        )
        for cell in read.cells
    )
