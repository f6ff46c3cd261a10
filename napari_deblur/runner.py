"""Work, step by step: one job at a time, its progress and its cancel, whatever becomes of the form meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_deblur.progress_row import ProgressRow
from napari_deblur.worker import Job, make_job

PATIENCE_MS = 800
"""A cancelled job that hasn't ended by then (torch is being imported, a large transform runs) ends unseen."""


@dataclass(frozen=True)
class Step:
    """What a thread does, what it is called, and what is done with what it returns."""

    call: Callable[..., Any]
    description: str
    done: Callable[[Any], None]


class Runner:
    """Run steps one after the other; an error ends its step alone, a cancel all of them.

    Parameters
    ----------
    owner : QWidget
        The form; if it goes, the work stops.
    progress : ProgressRow
    say : callable
        Is told what the user should read.
    changed : callable
        Is called as work begins and after all of it has ended.
    """

    def __init__(
        self, owner: QWidget, progress: ProgressRow, say: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        self.owner, self.progress, self.say, self.changed = owner, progress, say, changed
        self.job: Job | None = None
        self.waiting: deque[Step] = deque()
        owner.destroyed.connect(self._abandon)

    def start(self, steps: Iterable[Step]) -> None:
        """Begin; a second click that was under way as the first was answered does nothing."""
        if self.job is None:
            self.waiting.extend(steps)
            self._next()
            self.changed()

    def stop(self) -> None:
        """Cancel what runs and what waits."""
        self.waiting.clear()
        if self.job:
            self.progress.cancelling()
            self.job.quit()
            job = self.job
            timer = QTimer(self.owner)  # goes with the form
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: self._give_up(job))
            timer.timeout.connect(timer.deleteLater)
            timer.start(PATIENCE_MS)

    def _next(self) -> None:
        if not self.waiting:
            return
        step, left = self.waiting.popleft(), len(self.waiting)
        description = f"{step.description} ({left} more)" if left else step.description
        self.job = make_job(step.call, description)
        self.job.reports.done.connect(step.done)
        self.job.finished.connect(self._finished)
        self.job.reports.told.connect(self.say)
        self.progress.follow(self.job, description)
        self.job.start()

    def _give_up(self, job: Job) -> None:
        if self.job is job:
            job.abandon()
            self.say("cancelled; the step under way ends by itself, unseen")
            self._finished()

    def _abandon(self, *_: Any) -> None:
        """Let go of all work: the form is gone, and an end that is still on its way finds no job."""
        self.waiting.clear()
        if self.job:
            self.job.abandon()
            self.job = None

    def _finished(self, *_: Any) -> None:
        if self.job is None:
            return
        self.job = None
        self._next()
        if self.job is None:
            self.progress.rest()
            self.changed()
