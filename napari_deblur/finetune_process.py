"""Train in a process of its own: start it, hear it, stop it, end it."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from typing import IO, Any

from gan_lessons.errors import Cancelled, InputError, InputWarning
from gan_lessons.zoo import user_folder
from napari_deblur import finetune_events as events
from napari_deblur.chunks import ReportProgress
from napari_deblur.finetune_request import FinetuneRequest

LOOK = 0.1
"""Seconds between two looks whether the user wants to stop or to cancel."""

HIDDEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would show a console
PARTS = 1000  # of the progress bar


def train(
    request: FinetuneRequest,
    hear: Callable[[events.Event], object],
    stop: threading.Event,
    *,
    progress: ReportProgress,
    cancel: threading.Event,
) -> events.Trained | events.Shifted:
    """Train until it is done, or until ``stop`` asks for the best so far.

    Parameters
    ----------
    hear : callable
        Is told what happens, from the calling thread.

    Raises
    ------
    Cancelled
        If ``cancel`` is set: the process is ended at once, and no model is written.
    InputError
        If the layers, the PSF and the model don't fit, or the process was ended by the system.
    """
    request = request.in_memory()
    with tempfile.TemporaryFile() as complaints:
        child = _start(complaints)
        try:
            _send(child, pickle.dumps(request, protocol=pickle.HIGHEST_PROTOCOL))
            for event in _events(child, stop, cancel):
                match event:
                    case events.Trained() | events.Shifted():
                        return event
                    case events.Failed(text, mendable):
                        raise InputError(text) if mendable else RuntimeError(text)
                    case events.Warned(text):
                        warnings.warn(text, InputWarning, stacklevel=2)
                    case events.Steps(_, share):
                        progress(int(PARTS * share), PARTS)
                hear(event)
            raise InputError(f"{request.out}: the training process has ended by itself ({_why(child, complaints)})")
        finally:
            _end(child, request.out)


def _start(complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start Python anew: a process that multiprocessing spawns would import napari's own script, and napari."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-P", "-m", "napari_deblur.finetune_child"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": complaints}
    return subprocess.Popen(words, env=environment, creationflags=HIDDEN, **pipes)


def _events(child: subprocess.Popen[bytes], stop: threading.Event, cancel: threading.Event) -> Any:
    """Yield what the process tells until it has ended."""
    heard: queue.Queue[events.Event | None] = queue.Queue()
    threading.Thread(target=_read, args=(child.stdout, heard), daemon=True).start()
    asked = False
    while not cancel.is_set():
        if stop.is_set() and not asked:
            asked = True
            _send(child, b"s")
        try:
            event = heard.get(timeout=LOOK)
        except queue.Empty:
            continue
        if event is None:
            return
        yield event
    raise Cancelled("cancelled")


def _read(stream: IO[bytes], heard: queue.Queue[events.Event | None]) -> None:
    try:
        while True:
            heard.put(pickle.load(stream))
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):  # the process ended, in the midst of a word or not
        heard.put(None)


def _send(child: subprocess.Popen[bytes], message: bytes) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(message)
        child.stdin.flush()
    except OSError:  # it has ended: what it said of that is still to be read
        return


def _why(child: subprocess.Popen[bytes], complaints: IO[bytes]) -> str:
    """Return the last that an ended process said, or how it was ended: out of memory, the system says nothing."""
    code = child.wait()
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    told = f"{lines[-1]}, " if lines else ""
    return f"{told}exit code {code}; a system that lacks memory does that: try a smaller layer"


def _end(child: subprocess.Popen[bytes], name: str) -> None:
    """End the process, and remove what it may have been writing."""
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        assert stream is not None
        try:
            stream.close()
        except OSError:  # what was to be sent to it
            continue
    for part in user_folder().glob(f".*.part.{name}.*"):
        part.unlink(missing_ok=True)
