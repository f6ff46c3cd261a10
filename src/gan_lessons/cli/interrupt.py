"""Ctrl-C, and the end that a cluster puts to a job: an exception here, and a word to work in other threads."""

from __future__ import annotations

import signal
import threading
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
