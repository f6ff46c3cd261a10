"""Hand a student's code and the questions to the sandbox, and take back what it says, within bounds."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gan_lessons.errors import Cancelled, InputError
from gan_lessons.grading.sandbox.isolation import ENVIRONMENT, SCRATCH, isolated, python_folders
from gan_lessons.grading.sandbox.messages import USUAL, Limits, Question, Reply, as_reply, packed

BEGIN = """
import json, sys, types
folders, texts = json.loads(sys.argv.pop())
sys.path += folders  # of packages that lie outside of Python's own
for name, text in texts.items():
    sys.modules[name] = module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
module.main()
"""
"""Makes modules of the texts that it is given, the last of which is `inside`: there is no library to import from."""
STARTING = 120  # seconds; importing torch on a machine that is busy
GLANCE = 0.2  # seconds between two looks at ``cancel``
SLACK = 5  # seconds a question, for what isn't the student's


def run(
    cells: Sequence[str],
    questions: Sequence[Question],
    *,
    limits: Limits = USUAL,
    hidden: Sequence[str] = (),
    unsafe: bool = False,
    cancel: threading.Event | None = None,
) -> dict[str, Reply]:
    """Ask all questions in one sandbox, each in a process of its own.

    Raises
    ------
    InputError
        If there can be no sandbox here, or it doesn't start: no fault of the student's.
    Cancelled
        If ``cancel`` is set meanwhile.
    """
    job: dict[str, Any] = {"cells": list(cells), "limits": asdict(limits)}
    job["questions"] = [packed(one) for one in questions]
    command = [sys.executable, "-I", "-B", "-c", BEGIN, json.dumps([python_folders(), _texts()])]
    most = len(questions) * (limits.output * 3 // 2 + 65536)
    deadline = time.monotonic() + STARTING + 2 * len(questions) * (limits.patience + SLACK)
    with (
        isolated(command, scratch=limits.scratch, hidden=hidden, unsafe=unsafe) as words,
        tempfile.TemporaryFile() as complaints,
        tempfile.TemporaryFile() as letter,
        tempfile.TemporaryDirectory() as folder,
    ):
        job["scratch"] = folder if unsafe else SCRATCH
        letter.write(json.dumps(job).encode())
        letter.seek(0)
        process = subprocess.Popen(
            words, stdin=letter, stdout=subprocess.PIPE, stderr=complaints, env=ENVIRONMENT, start_new_session=True
        )
        try:
            text = _read(process, most, deadline, cancel)
        finally:
            _end(process)
        lines = [one for line in text.split(b"\n") if isinstance(one := _parsed(line), dict)]
        if {"ready": True} not in lines:
            complaints.seek(0)
            said = complaints.read(100_000).decode(errors="replace").strip().splitlines()
            raise InputError(f"the sandbox didn't start: {said[-1] if said else 'it said nothing'}")
    said_of = {line["question"]: line for line in lines if isinstance(line.get("question"), str)}
    return {one.name: as_reply(said_of.get(one.name, {})) for one in questions}


def _texts() -> dict[str, str]:
    here = Path(__file__).parent
    return {
        f"{__package__}.{name}": (here / f"{name}.py").read_text(encoding="utf-8") for name in ("restraint", "inside")
    }


def _read(process: subprocess.Popen[bytes], most: int, deadline: float, cancel: threading.Event | None) -> bytes:
    """Read until the end, ``most`` bytes, or the deadline."""
    assert process.stdout is not None
    parts, size = [], 0
    while size < most and (left := deadline - time.monotonic()) > 0:
        if cancel and cancel.is_set():
            raise Cancelled
        if select.select([process.stdout], [], [], min(left, GLANCE))[0]:
            part = os.read(process.stdout.fileno(), 1 << 20)
            if not part:
                break
            parts.append(part)
            size += len(part)
    return b"".join(parts)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the sandbox; all in it end with its first process."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own, begun above
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
