"""``gan-lessons grade``: score a class's notebooks; ``gan-lessons course``: the nbgrader course they come from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan_lessons.cli import console
from gan_lessons.errors import InputError, InputWarning

if TYPE_CHECKING:
    from gan_lessons.grading.classroom import Outcome, Way
    from gan_lessons.grading.record import Lateness

SecretFile = Annotated[
    Path,
    typer.Option("--secret", envvar="GAN_LESSONS_SECRET", help="File of 16 characters or more, outside repositories."),
]
OwnNumbers = Annotated[
    bool, typer.Option("--own-numbers", help="Each student has numbers of their own, from the secret and their name.")
]


def grade(
    submissions: Annotated[
        Path, typer.Argument(help="STUDENT.ipynb, STUDENT/*.ipynb or nbgrader's STUDENT/labN/labN.ipynb in it.")
    ],
    lab: Annotated[int, typer.Option("--lab", help="1, 2, 4, 5 or 9.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for tables, feedback and what is graded already.")],
    secret: SecretFile,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Students at a time; each takes a core and 2 GB.")] = 1,
    due: Annotated[str | None, typer.Option("--due", help="Deadline: 2026-11-20T12:00+01:00; else UTC.")] = None,
    late: Annotated[float, typer.Option("--late", min=0, max=100, help="Percent of points lost a begun day.")] = 10.0,
    own_numbers: OwnNumbers = False,
    again: Annotated[list[str] | None, typer.Option("--again", help="A student to grade anew; repeatable.")] = None,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Run code without walls: only code that you trust.")] = False,
) -> None:
    """Grade a class's notebooks of a lab: tables, and a page of feedback for each student.

    Students' code runs in a sandbox (Linux). What is graded already and hasn't changed is kept: run it again after
    late or corrected work, or after an interruption.
    """
    from gan_lessons.cli.interrupt import stopped_by_ctrl_c
    from gan_lessons.grading.classroom import Way, grade_class
    from gan_lessons.grading.handed_in import find_submissions
    from gan_lessons.grading.labs import get_lab
    from gan_lessons.grading.record import Lateness
    from gan_lessons.grading.secret import read_secret

    way = Way(get_lab(lab), read_secret(secret), own_numbers, unsafe=unsafe, again=tuple(again or ()))
    lateness = Lateness(_deadline(due), late)
    found = find_submissions(submissions, way.lab.name)
    if unknown := set(way.again) - {one.student for one in found}:
        raise InputError(f"--again {min(unknown)}: handed nothing in; expected the name of a submission")
    if unsafe:
        console.show_warning(
            "students' code runs without walls: it can read and change all that you can", InputWarning, "", 0
        )
    out.mkdir(parents=True, exist_ok=True)
    with stopped_by_ctrl_c("stops after this; what is graded is kept") as cancel, console.progress_bar() as bar:
        task = bar.add_task("grading", total=len(found))
        outcomes = grade_class(
            *(found, way, out),
            jobs=jobs,
            cancel=cancel,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    _report(outcomes, way, lateness, submissions, out)
    if failed := [one for one in outcomes if one.record is None]:
        for one in failed:
            console.show_error(f"{one.student}: not graded, no fault of theirs: {one.why}")
        raise typer.Exit(2)


def course(
    folder: Annotated[Path, typer.Argument(help="Becomes a course of nbgrader's.")],
    secret: SecretFile,
    lab: Annotated[list[int] | None, typer.Option("--lab", help="Repeatable; without it, all there are.")] = None,
    students: Annotated[
        Path | None, typer.Option("--students", help="A name a line; each gets numbers of their own, in handout/.")
    ] = None,
    sources: Annotated[Path, typer.Option("--sources", help="Where the labs are written.")] = Path(
        "tutorials/instructor"
    ),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what exists.")] = False,
) -> None:
    """Make a course folder for nbgrader: its settings, and the labs with their solutions.

    Then, in it: nbgrader generate_assignment lab1, autograde lab1, generate_feedback lab1.
    """
    from importlib.util import find_spec

    if find_spec("nbgrader") is None:
        raise InputError('a course needs nbgrader, which is not installed: pip install "napari-deblur[grading]"')
    from gan_lessons.grading.course import make_course, read_students
    from gan_lessons.grading.labs import TOPICS, get_lab

    labs = [get_lab(number) for number in lab or TOPICS]
    names = read_students(students) if students else []
    for path in make_course(folder, labs, secret, sources, students=names, overwrite=overwrite):
        console.out.print(str(path), markup=False, highlight=False, soft_wrap=True)


def _report(outcomes: list[Outcome], way: Way, lateness: Lateness, submissions: Path, out: Path) -> None:
    """Write all tables and pages, and say in two lines what there is."""
    from gan_lessons.grading.feedback import write_feedback
    from gan_lessons.grading.handed_in import find_submissions
    from gan_lessons.grading.likeness import compare_class
    from gan_lessons.grading.tables import write_grades, write_similarity

    for one in outcomes:
        if one.record:
            numbers = way.lab.variant(way.secret, one.student if way.own_numbers else "")
            write_feedback(one.record, way.lab, numbers, lateness, out)
    write_grades(outcomes, way.lab, lateness, out)
    pairs = compare_class(find_submissions(submissions, way.lab.name), way)
    write_similarity(pairs, out)
    kept = sum(one.kept for one in outcomes)
    say = f"{way.lab.name}: {len(outcomes)} students, {kept} as before, {len(pairs)} pairs alike; {out}/grades.csv"
    console.out.print(say, markup=False, highlight=False, soft_wrap=True)


def _deadline(text: str | None) -> datetime | None:
    from gan_lessons.grading.handed_in import parse_time

    if text is None:
        return None
    if (time := parse_time(text)) is None:
        raise InputError(f"--due {text}: not a time; expected for example 2026-11-20T12:00+01:00")
    return time
