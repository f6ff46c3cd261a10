"""Grade one submission: untrusted code answers in the sandbox; its arrays are compared here, type and shape first."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gan_lessons.grading import sandbox
from gan_lessons.grading.lab import PRELUDE, Arrays, Criterion, Lab, Numbers, Task, as_code
from gan_lessons.grading.scan import library_imports, ways_around
from gan_lessons.grading.secret import Secret
from gan_lessons.grading.submission import Submission


@dataclass(frozen=True)
class Score:
    """What a task got.

    Parameters
    ----------
    task : str
    points, most : int
    lines : tuple of str
        For the student; nothing in them was written by untrusted code.
    notes : tuple of str
        For the instructor alone.
    """

    task: str
    points: int
    most: int
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def grade(
    submission: Submission,
    lab: Lab,
    secret: Secret,
    *,
    student: str,
    variant: Numbers,
    limits: sandbox.Limits = sandbox.USUAL,
    unsafe: bool = False,
    cancel: threading.Event | None = None,
) -> list[Score]:
    """Score each task of a submission.

    Parameters
    ----------
    submission : Submission
    lab : Lab
    secret : Secret
        Hidden inputs are drawn from it, others for each student.
    student : str
    variant : mapping
        The numbers of this student's task.
    limits : Limits
        For each task.
    unsafe : bool
        Run the code without walls around it.
    cancel : threading.Event, optional
        Stops it.

    Raises
    ------
    InputError
        If the sandbox is broken; no fault of the student's.
    """
    asked: dict[str, Arrays] = {}
    questions, scores = [], {}
    for task in lab.tasks:
        if refused := _refusal(submission, task, lab):
            scores[task.name] = Score(task.name, 0, task.points, (refused,))
            continue
        asked[task.name] = task.given(variant, secret.draw(lab.name, "given", task.name, student))
        number = submission.answers[task.name] + 1  # the prelude is the first
        questions.append(sandbox.Question(task.name, number, lab.probes, asked[task.name], task.name))
    cells = [f"{PRELUDE}\n{as_code(variant)}", *submission.cells]
    replies = (
        sandbox.run(cells, questions, limits=limits, hidden=lab.hidden, unsafe=unsafe, cancel=cancel)
        if questions
        else {}
    )
    for task in lab.tasks:
        if task.name in replies:
            truth = task.truth(variant, asked[task.name])
            scores[task.name] = judge(task, truth, replies[task.name], submission.code_of(task.name))
    return [scores[task.name] for task in lab.tasks]


def _refusal(submission: Submission, task: Task, lab: Lab) -> str:
    code = submission.code_of(task.name)
    if task.name not in submission.answers:
        return f"there is no cell that defines {task.name}"
    if not code.strip() or "raise NotImplementedError()" in code:
        return "not done yet"
    if found := library_imports(code, lab.hidden):
        return f"line {found[0].line} imports {found[0].name}: build it yourself; it isn't there when graded"
    return ""


def judge(task: Task, truth: Arrays, reply: sandbox.Reply, code: str) -> Score:
    """Compare what came back with the truth; ``code`` is the answer, quoted where it stopped."""
    found = sandbox.read_arrays(reply.answer)
    points, lines = 0, []
    for criterion in task.criteria:
        trouble = _compare(criterion, truth, found)
        points += 0 if trouble else criterion.points
        lines.append(f"{0 if trouble else criterion.points} of {criterion.points}: {criterion.asks}{trouble}")
    if why := _why(reply, code):
        lines.insert(0, why)
    notes = [f"line {line}: {name}" for line, name in ways_around(code)]
    if reply.message:
        notes.append(f"{reply.error}: {reply.message}")
    return Score(task.name, points, task.points, tuple(lines), tuple(notes))


def _compare(criterion: Criterion, truth: Arrays, found: Mapping[str, np.ndarray]) -> str:
    """Return what is wrong, as the end of a sentence; nothing if all is right."""
    wanted = {name: one for name, one in truth.items() if name.startswith(criterion.results)}
    assert wanted, f"no result of the truth begins with {criterion.results}"
    for name, right in wanted.items():
        one = found.get(name)
        if one is None:
            return " – no result"
        if one.dtype.kind != right.dtype.kind or one.dtype.itemsize > 8:
            return f" – numbers of another type ({one.dtype.name})"
        if one.shape != right.shape:
            return " – another shape"
        scale = float(np.abs(right).max()) if right.size else 0.0
        if not np.all(np.isfinite(one)):
            return " – not finite"
        if not np.allclose(one, right, rtol=0, atol=criterion.tolerance * max(scale, 1e-6)):
            return " – other values"
    return ""


def _why(reply: sandbox.Reply, code: str) -> str:
    """Say in a line what stopped an answer. Only the kind of error and the line come from it, no word of its own."""
    if reply.ended == "time":
        return "stopped: it took longer than it may; is there an endless loop?"
    if reply.ended == "memory":
        return "stopped: it took more memory than it may"
    if reply.error:
        lines = code.splitlines()
        where = " outside of your cell: are the layers, names and sizes those of the task?" if reply.probing else ""
        if reply.line and reply.line <= len(lines):
            where = f" at line {reply.line}: {lines[reply.line - 1].strip()[:80]}"
        return f"stopped by {_kind(reply.error)}{where}"
    return "" if reply.answer else "ended without a result"


def _kind(name: str) -> str:
    """Return the name of an error if Python or numpy has it, or else the word for all."""
    known: Any = getattr(builtins, name, None)
    return name if isinstance(known, type) and issubclass(known, BaseException) else "an error"
