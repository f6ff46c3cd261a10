"""Long work in a thread: its progress in napari's activity dialog, its cancel, its errors as notifications."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from napari.qt.threading import create_worker
from napari.utils.notifications import notification_manager, show_error, show_warning
from napari.utils.progress import cancelable_progress
from qtpy.QtCore import QObject, Signal  # type: ignore[attr-defined]
from superqt.utils import FunctionWorker

from gan_lessons.errors import Cancelled, InputError, InputWarning

PAUSE = 0.5
"""Seconds between two drawings of progress: each draws the whole window, and 5 a second took 4 % of a core."""


class Reports(QObject):
    """Carries from the thread that works to the one that draws: ``(done, total)``, the end, what the user was told.

    A worker's own signal of an error isn't used: napari connects a function to it that PySide6 calls with one argument
    too many, and superqt swallows a `RuntimeError`.
    """

    advanced = Signal(int, int)
    done = Signal(object)
    failed = Signal(object)
    told = Signal(str)


class Bar(cancelable_progress):  # type: ignore[misc]
    """napari polls a cancelled bar only as it iterates; this one says so at once."""

    def cancel(self) -> None:
        """Tell the job; napari's own Cancel button calls this."""
        super().cancel()
        if self.cancel_callback:
            self.cancel_callback()

    def show(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` steps are done."""
        if self.total != total:  # type: ignore[has-type]
            self.total = total
        self.update(done - self.n)

    def seconds_left(self) -> float | None:
        """Return what the mean rate so far lets expect; None before the first step."""
        return self.format_dict["elapsed"] / self.n * (self.total - self.n) if self.n else None


class Job(FunctionWorker):
    """A call of ``function(progress=…, cancel=…)`` in a thread.

    ``quit()`` sets the cancel token; napari calls it when its window closes. After it, ``reports.done`` stays silent.
    """

    bar: Bar

    def __init__(self, function: Callable[..., Any]) -> None:
        self.cancel = threading.Event()
        self.reports = Reports()
        self._shown = 0.0
        super().__init__(self._attempt, function)

    def _attempt(self, function: Callable[..., Any]) -> None:
        try:
            result = function(progress=self._tell, cancel=self.cancel)
        except Exception as error:
            self.reports.failed.emit(error)
        else:
            if not self.cancel.is_set():
                self.reports.done.emit(result)

    def _tell(self, done: int, total: int) -> None:
        """Report progress, seldom enough; called from the thread that works."""
        now = time.monotonic()
        if done == total or now - self._shown >= PAUSE:
            self._shown = now
            self.reports.advanced.emit(done, total)

    def quit(self) -> None:
        """Ask the work to stop."""
        self.cancel.set()
        super().quit()

    def abandon(self, *_: Any) -> None:
        """Ask the work to stop, and tell nobody: the form that waited for it is gone."""
        self.quit()
        signals = (self.reports.done, self.reports.failed, self.reports.advanced, self.reports.told)
        for signal in (self.finished, *signals):
            signal.disconnect()
        self.bar.close()


def make_job(function: Callable[..., Any], description: str) -> Job:
    """Prepare a job that reports to napari's activity dialog and notifications; the caller connects and starts it."""
    # Errors are told below: napari's own way would show an InputError as a crash.
    job = create_worker(function, _worker_class=Job, _ignore_errors=True)
    job.bar = Bar(desc=description, total=0, cancel_callback=job.quit)
    job.reports.advanced.connect(job.bar.show)
    job.warned.connect(lambda warning: job.reports.told.emit(tell_warning(warning)))
    job.reports.failed.connect(lambda error: job.reports.told.emit(tell_error(error)))
    job.finished.connect(job.bar.close)
    return job


def tell_error(error: Exception) -> str:
    """Notify of what the user can mend in its one line, of anything else with its traceback; return what was told."""
    if isinstance(error, Cancelled):
        return ""
    if isinstance(error, InputError):
        show_error(str(error))
    else:
        notification_manager.receive_error(type(error), error, error.__traceback__)
    return str(error) or type(error).__name__


def tell_warning(warning: tuple[Any, ...]) -> str:
    """Notify of the library's warnings, and return them; other packages' are for developers."""
    message, category = warning[:2]
    if not issubclass(category, InputWarning):
        return ""
    show_warning(str(message))
    return str(message)
