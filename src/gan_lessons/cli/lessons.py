"""``gan-lessons lessons``: make the tutorials' notebooks from their sources, check them, begin a new one."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan_lessons.cli import console
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from gan_lessons.lessons.source import Lesson

lessons = typer.Typer(help="Make the tutorials' notebooks from their sources, and check them.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("--folder", help="The tutorials: src/ in it, products beside that.")]
Only = Annotated[str | None, typer.Option("--only", metavar="NAME", help="One lesson: 01_unet, or 01.")]

TUTORIALS = Path("tutorials")


@lessons.command()
def build(
    folder: Folder = TUTORIALS,
    only: Only = None,
    execute: Annotated[bool, typer.Option("--execute", help="Run the solutions too, and keep their figures.")] = False,
    measure: Annotated[bool, typer.Option("--measure", help="As --execute; write what it took into the head.")] = False,
) -> None:
    """Write notebooks/ and labs/, and with --execute solutions/.

    Without it, solutions are brought up to date where only words have changed.
    """
    from gan_lessons.lessons.measuring import execute_and_measure as run
    from gan_lessons.lessons.measuring import write_head
    from gan_lessons.lessons.products import SOLUTIONS, with_solutions, write_product
    from gan_lessons.lessons.products import build as write_all

    for lesson in _chosen(folder, only):
        written = write_all(lesson, folder)
        if execute or measure:
            notebook = with_solutions(lesson)
            with console.progress_bar() as bar:
                task = bar.add_task(lesson.name)
                failures, cost = run(notebook, progress=partial(_show, bar, task))
            for failure in failures:
                raise InputError(f"{lesson.path}: cell {failure.cell + 1} ends with {failure.kind}: {failure.message}")
            written.append(write_product(notebook, folder / SOLUTIONS, lesson))
            _say(f"{lesson.name}: {cost}")
            if measure:
                written = write_all(write_head(lesson, cost), folder)
        for path in written:
            _say(str(path))


@lessons.command()
def check(
    folder: Folder = TUTORIALS,
    only: Only = None,
    twice: Annotated[bool, typer.Option("--twice", help="Run solutions again in the folder that they left.")] = False,
) -> None:
    """Say what is wrong with lessons: form, stale products, failing solutions, starters, accepted wrong answers.

    Solutions run in fast mode, without a display, in a folder with a space in its name, and spawn processes as Windows
    does. Ends with 2 if there is a fault.
    """
    from time import perf_counter

    from gan_lessons.lessons import form, inspection

    faults = 0
    for lesson in _chosen(folder, only):
        begun = perf_counter()
        found = [
            *form.find_faults(lesson),
            *inspection.find_stale(lesson, folder),
            *inspection.find_starter_faults(lesson),
            *inspection.find_accepted(lesson),
            *inspection.find_solution_faults(lesson, times=2 if twice else 1),
        ]
        for fault in found:
            console.show_error(fault)
        faults += len(found)
        count = f"{len(lesson.cells)} cells, {len(lesson.wrong)} wrong answers, {perf_counter() - begun:.0f} s"
        _say(f"{lesson.name}: {'faulty' if found else 'good'}: {count}")
    if faults:
        raise typer.Exit(2)


@lessons.command()
def new(
    name: Annotated[str, typer.Argument(help="Two digits and a topic: 07_dual_critics.")], folder: Folder = TUTORIALS
) -> None:
    """Begin a lesson: its source with the nine steps, and a first wrong answer."""
    from gan_lessons.lessons.skeleton import begin

    for path in begin(name, folder):
        _say(str(path))


def _chosen(folder: Path, only: str | None) -> list[Lesson]:
    for needed in ("jupytext", "nbformat", "nbclient", "ipykernel", "ipywidgets"):
        if find_spec(needed) is None:
            raise InputError(f'lessons need {needed}, which is not installed: pip install "napari-deblur[lessons]"')
    from gan_lessons.lessons.source import read_lessons

    found = read_lessons(folder)
    chosen = [lesson for lesson in found if only in (None, lesson.name, lesson.name.split("_")[0])]
    if not chosen:
        raise InputError(f"{folder}: no lesson {only}; expected one of {', '.join(one.name for one in found)}")
    return chosen


def _show(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def _say(text: str) -> None:
    console.out.print(text, markup=False, highlight=False, soft_wrap=True)
