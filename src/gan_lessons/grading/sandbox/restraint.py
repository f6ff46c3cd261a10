"""The limits of what runs behind the walls: set, watched, and enforced when they are passed."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import stat
import time
from typing import Any

GLANCE = 0.1  # seconds between two looks at time and memory


def follow(child: int, reader: int, limits: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Read what the child tells until it ends, or takes more time or memory than it may."""
    said, text, last = {}, b"", time.monotonic() + limits["patience"]
    ended = ""
    while not ended:
        ready, _, _ = select.select([reader], [], [], GLANCE)
        chunk = os.read(reader, 4096) if ready else b""
        text += chunk if len(text) < 65536 else b""
        if not chunk and (gone := os.waitpid(child, os.WNOHANG))[0]:
            ended = "time" if os.WIFSIGNALED(gone[1]) and os.WTERMSIG(gone[1]) == signal.SIGXCPU else "itself"
        elif ready and not chunk:
            time.sleep(GLANCE)  # it closed the pipe, and goes on
        memory, seconds = _used()
        if time.monotonic() > last or seconds > limits["seconds"] + 1:
            ended = "time"
        elif memory > limits["memory"]:
            ended = "memory"
    for line in text.splitlines():
        with contextlib.suppress(ValueError, TypeError):
            said.update(json.loads(line))
    return said, ended


def _used() -> tuple[int, float]:
    """Return the bytes of memory and the seconds of processors that all processes here have, this one left out."""
    if os.getpid() != 1:  # without walls, the system's other processes would count
        return 0, 0.0
    memory, seconds = 0, 0.0
    for name in os.listdir("/proc"):
        if not name.isdigit() or name == "1":
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may be gone meanwhile
            with open(f"/proc/{name}/stat") as file:
                spent = file.read().rpartition(")")[2].split()[11:15]  # its own, and that of children that ended
            seconds += sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")
            memory += _memory(name)
    return memory, seconds


def _memory(process: str) -> int:
    try:
        with open(f"/proc/{process}/smaps_rollup") as file:
            return 1024 * sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except PermissionError:  # it hides; then all that it maps counts
        with open(f"/proc/{process}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()


def end_all(child: int) -> None:
    """End whatever the question left: everything in this namespace, or without walls the child's own group."""
    with contextlib.suppress(OSError):
        if os.getpid() == 1:
            os.kill(-1, signal.SIGKILL)
        else:
            os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(OSError):
        while os.getpid() == 1 or os.waitpid(child, 0):
            os.waitpid(-1, 0)


def collect(path: str, most: int) -> dict[str, Any]:
    """Return the answer's bytes; nothing if it isn't an ordinary file of that size at most."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return {}
    with os.fdopen(file, "rb") as opened:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > most:
            return {"oversized": True}
        return {"answer": base64.b64encode(opened.read(most)).decode()}


def clear(folder: str) -> None:
    """Remove all that a question left in the scratch folder."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)


def restrain(limits: dict[str, Any], keep: int) -> None:
    """Set this process's limits, which all that it starts inherit; say nothing to anyone, but through ``keep``."""
    os.setpgid(0, 0)
    _dumpable(True)
    nothing = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.closerange(3, keep)
    os.closerange(keep + 1, 256)
    for kind, most in (
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_DATA, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["output"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_CORE, 0),
    ):
        if kind != resource.RLIMIT_NPROC or os.getppid() == 1:  # without walls, the user's own processes would count
            resource.setrlimit(
                kind, (most, most + 1 if kind == resource.RLIMIT_CPU else most)
            )  # first asked, then killed


def keep_to_oneself() -> None:
    """Close this process's memory and files to students' code, and be the first to go where memory runs short."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    _dumpable(False)


def _dumpable(allowed: bool) -> None:
    """Let this process's memory and files be seen by others of the same user, or not."""
    with contextlib.suppress(AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(4, int(allowed), 0, 0, 0)  # PR_SET_DUMPABLE
