"""Grade a whole class: several at a time, each for itself, and what is graded already isn't graded again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from gan_lessons.errors import Cancelled, InputError
from gan_lessons.grading import sandbox
from gan_lessons.grading.handed_in import HandedIn
from gan_lessons.grading.lab import Lab
from gan_lessons.grading.labs import fingerprint
from gan_lessons.grading.record import Record, read_record, write_record
from gan_lessons.grading.scoring import grade
from gan_lessons.grading.secret import Secret
from gan_lessons.grading.submission import Submission, Unreadable, read_submission

RECORDS = "records"


@dataclass(frozen=True)
class Way:
    """How a class is graded.

    Parameters
    ----------
    lab : Lab
    secret : Secret
    own_numbers : bool
        Each student has a variant of their own.
    limits : Limits
    unsafe : bool
        Without walls.
    again : tuple of str
        Students that are graded even if nothing changed.
    """

    lab: Lab
    secret: Secret
    own_numbers: bool = False
    limits: sandbox.Limits = sandbox.USUAL
    unsafe: bool = False
    again: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A student's record; or none, and why: no fault of theirs, and graded in the next run."""

    student: str
    record: Record | None
    kept: bool = False
    why: str = ""


def grade_class(
    submissions: Sequence[HandedIn],
    way: Way,
    out: Path,
    *,
    jobs: int = 1,
    cancel: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Outcome]:
    """Grade all that is new or changed; a record is written as soon as a student is graded.

    Returns
    -------
    Outcomes in the order of ``submissions``. Nothing that one submission does stops the others.

    Raises
    ------
    InputError
        If this machine has no walls for untrusted code, and ``way.unsafe`` isn't set.
    Cancelled
        If ``cancel`` is set; what was graded by then is kept.
    """
    if not way.unsafe and (trouble := sandbox.why_not()):
        raise InputError(trouble)
    cancel = cancel or threading.Event()
    (out / RECORDS).mkdir(parents=True, exist_ok=True)
    found: dict[str, Outcome] = {}
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(_one, one, way, out, cancel) for one in submissions]
        try:
            for done in as_completed(waiting):
                outcome = done.result()
                found[outcome.student] = outcome
                if progress:
                    progress(len(found), len(submissions))
        except BaseException:
            cancel.set()  # sandboxes under way end at their next look
            pool.shutdown(cancel_futures=True)
            raise
    return [found[one.student] for one in submissions]


def _one(handed_in: HandedIn, way: Way, out: Path, cancel: threading.Event) -> Outcome:
    """Grade one student; whatever goes wrong on our side is their outcome, and no exception."""
    student = handed_in.student
    path = out / RECORDS / f"{way.secret.anonymous(student)}.json"
    before = read_record(path)
    try:
        submission, trouble = _read(handed_in, way.lab)
        record = Record(
            anonymous=way.secret.anonymous(student),
            lab=way.lab.name,
            fingerprint=_fingerprint(submission.digest if submission else trouble, way),
            trouble=trouble,
            time=handed_in.time,
        )
        if before and before.fingerprint == record.fingerprint and student not in way.again:
            return Outcome(student, replace(before, time=record.time), kept=True)
        if submission:
            variant = way.lab.variant(way.secret, student if way.own_numbers else "")
            scores = grade(
                submission,
                way.lab,
                way.secret,
                student=student,
                variant=variant,
                limits=way.limits,
                unsafe=way.unsafe,
                cancel=cancel,
            )
            record = replace(record, scores=tuple(scores))
        record = record.after(before)
        write_record(record, path)
    except Cancelled:
        raise
    except Exception as error:  # the rest of the class is graded all the same
        return Outcome(student, None, why=f"{type(error).__name__}: {error}")
    return Outcome(student, record)


def _read(handed_in: HandedIn, lab: Lab) -> tuple[Submission | None, str]:
    if handed_in.path is None:
        return None, "no notebook was found: hand in one .ipynb file"
    try:
        return read_submission(handed_in.path, [task.name for task in lab.tasks]), ""
    except Unreadable as error:
        return None, str(error)


def _fingerprint(submission: str, way: Way) -> str:
    words = (submission, fingerprint(way.lab), way.secret.digest("fingerprint").hex(), str(way.own_numbers))
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]
