"""Ctrl-C, and the end that a cluster puts to a job: an exception here, and a word to work in other threads."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

asked_to_stop = threading.Event()


def listen() -> None:
    """From now on SIGINT and SIGTERM raise `KeyboardInterrupt` and set `asked_to_stop`.

    Both, because Python drops an exception that meets it in a destructor, and goes on.
    """
    asked_to_stop.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    asked_to_stop.set()
    raise KeyboardInterrupt


@contextmanager
def stopped_by_ctrl_c(what_happens: str) -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C sets, so that the step under way ends well; twice stops at once."""
    from gan_lessons.cli import console

    cancel = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()
        console.show_warning(f"{what_happens} (once more: at once)", UserWarning, "", 0)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)
