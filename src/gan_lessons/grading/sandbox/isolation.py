"""Which walls this machine can put around a program: Linux namespaces, by bubblewrap or by util-linux."""

from __future__ import annotations

import os
import secrets
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from gan_lessons.errors import InputError

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"),
    "/sys/devices/system/cpu",  # torch asks it which instructions there are
)
"""What a program needs of the system, all read-only; no home, no /etc/passwd, no other folder."""

ENTER = Path(__file__).with_name("enter.sh")
SCRATCH = "/scratch"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
ENVIRONMENT |= {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": ""}
"""All that a program in the sandbox is told: nothing of the instructor's own environment."""

OWN = ("gan_lessons", "napari_deblur")
"""Packages that hold the answers: they can't be imported inside."""


@contextmanager
def isolated(command: Sequence[str], *, scratch: int, hidden: Sequence[str] = (), unsafe: bool) -> Iterator[list[str]]:
    """Yield the words that run ``command`` behind walls: own processes, own files, no network.

    Parameters
    ----------
    command : sequence of str
        A program and its arguments; as the first process of its namespace.
    scratch : int
        Bytes that ``/scratch`` may hold, the only folder that can be written to.
    hidden : sequence of str
        Modules that can't be imported inside, besides the library itself.
    unsafe : bool
        No walls at all: yield ``command`` as it is.

    Raises
    ------
    InputError
        If this machine has no such walls, and ``unsafe`` isn't set.
    """
    if unsafe:
        yield list(command)
        return
    if trouble := why_not():
        raise InputError(trouble)
    with tempfile.TemporaryDirectory(prefix="grading-") as root:
        yield _words(command, Path(root), scratch, hidden)


@cache
def why_not() -> str:
    """Return why untrusted code can't run here, in one line; nothing if it can. Tries it with a harmless program."""
    if sys.platform != "linux":
        return (
            f"grading runs students' code, and needs Linux namespaces for that; this is {sys.platform}: use Linux, WSL "
            "2 or a container that allows them, or --unsafe for code that you trust"
        )
    if missing := [name for name in ("unshare", "setpriv", "findmnt", "pivot_root") if not _tool(name)]:
        return f"grading needs {', '.join(missing)}: install util-linux, or --unsafe for code that you trust"
    with tempfile.TemporaryDirectory(prefix="grading-") as root:
        words = _words([sys.executable, "-I", "-c", "print('inside')"], Path(root), 1 << 20, ())
        tried = subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False)
    if tried.stdout == "inside\n":
        return ""
    said = (tried.stderr.strip().splitlines() or ["no word"])[-1]
    return (
        f"this machine gives no namespaces to untrusted code ({said}): allow unprivileged user namespaces, install "
        "bubblewrap, or --unsafe for code that you trust"
    )


def _words(command: Sequence[str], root: Path, scratch: int, hidden: Sequence[str]) -> list[str]:
    views, masks = python_folders(), _masks([*OWN, *hidden])
    if os.geteuid() != 0 and (bubblewrap := shutil.which("bwrap")):
        return [bubblewrap, *_bubblewrap(views, masks, scratch), "--", *command]
    return [
        *_unshare(),
        "sh",
        str(ENTER),
        str(root),
        str(scratch),
        _user(),
        *SYSTEM,
        *views,
        "--",
        *masks,
        "--",
        *command,
    ]


def _unshare() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    kinds = ["--mount", "--propagation=private", "--pid", "--fork", "--net", "--ipc", "--uts", "--cgroup"]
    # Dies with the grader; setpriv says the same to the program inside.
    return ["setpriv", "--pdeathsig=KILL", "--", _tool("unshare"), *user, *kinds, "--"]


def _user() -> str:
    """Return a user of its own for each run by root, so that a limit on processes counts only those of this run."""
    return "-" if os.geteuid() else str(1_000_000_000 + secrets.randbelow(1_000_000_000))


def _bubblewrap(views: Sequence[str], masks: Sequence[str], scratch: int) -> list[str]:
    words = [
        "--unshare-all",
        "--unshare-user",
        "--disable-userns",
        "--uid",
        "1000",
        "--gid",
        "1000",
        "--cap-drop",
        "ALL",
    ]
    words += ["--die-with-parent", "--new-session", "--as-pid-1"]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    words += ["--dir", "/tmp"]
    for folder in ("/dev/shm", SCRATCH):
        words += ["--size", str(scratch), "--tmpfs", folder]
    for path in (*SYSTEM, *views):
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        else:
            words += ["--ro-bind-try", path, path]
    for path in masks:
        words += ["--tmpfs", path, "--remount-ro", path] if os.path.isdir(path) else ["--ro-bind", "/dev/null", path]
    return [*words, "--remount-ro", "/", "--chdir", SCRATCH]


def python_folders() -> list[str]:
    """Return the folders that hold this Python and its packages, outermost only."""
    packages = [
        str(Path(spec.origin).parents[1]) for spec in map(find_spec, ("numpy", "torch")) if spec and spec.origin
    ]
    wanted = {sys.prefix, sys.base_prefix, sys.exec_prefix, *packages}
    return sorted(
        path
        for path in wanted
        if not any(Path(path) != Path(other) and Path(path).is_relative_to(other) for other in (*wanted, "/usr"))
        and Path(path) != Path("/usr")
    )


def _masks(modules: Sequence[str]) -> list[str]:
    """Return the files and folders of modules that the sandbox would show."""
    shown = [Path(folder) for folder in (*python_folders(), "/usr")]
    found = []
    for module in modules:
        inner = module.replace(".", "/")
        for packages in {*site.getsitepackages(), *(p for p in sys.path if p.endswith("-packages"))}:
            for path in (Path(packages, inner), Path(packages, f"{inner}.py")):
                if path.exists() and any(path.is_relative_to(folder) for folder in shown):
                    found.append(str(path))
    return sorted(set(found))


def _tool(name: str) -> str:
    """Return a program's path; those of the administrator may not be in an ordinary user's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin:/usr/sbin:/sbin") or ""
