"""What this machine can compute on, and the memory that is free there; asked without loading torch."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass

ASK_NVIDIA = ["nvidia-smi", "--query-gpu=name,memory.free,memory.total", "--format=csv,noheader,nounits"]
PATIENCE = 5.0  # seconds: a driver that hangs must not hang us


@dataclass(frozen=True)
class Device:
    """A processor or a graphics card.

    Parameters
    ----------
    name : str
        As torch and ``--device`` call it: ``cpu``, ``cuda:0``, ``mps``.
    label : str
        For people.
    free, total : int, optional
        Bytes of its memory; None where the system doesn't say.
    """

    name: str
    label: str
    free: int | None = None
    total: int | None = None

    def __str__(self) -> str:
        """Return, for example, ``cpu · 12 of 24 GB free``."""
        if self.free is None or self.total is None:
            return self.label
        return f"{self.label} · {self.free / 2**30:.0f} of {self.total / 2**30:.0f} GB free"


def list_devices() -> list[Device]:
    """Return the CPU, then the graphics cards that torch may use: NVIDIA's by their driver, Apple's by the machine."""
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return [_processor(), *_nvidia(), *([Device("mps", "mps (Apple GPU)")] if apple else [])]


def _processor() -> Device:
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return Device("cpu", "cpu", _free() or os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), total)
    except (AttributeError, ValueError, OSError):  # Windows, and systems that don't count free pages
        return Device("cpu", "cpu")


def _free() -> int | None:
    """Return what Linux could give to a program: free pages alone leave out the cache, which it would empty."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            found = [line for line in lines if line.startswith("MemAvailable:")]
    except OSError:
        return None
    return int(found[0].split()[1]) * 1024 if found else None


def _nvidia() -> list[Device]:
    try:
        told = subprocess.run(ASK_NVIDIA, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_nvidia(told)


def parse_nvidia(told: str) -> list[Device]:
    """Read what nvidia-smi answers to `ASK_NVIDIA`, in MiB.

    >>> [str(device) for device in parse_nvidia("NVIDIA T4, 15000, 15360")]
    ['cuda:0 (NVIDIA T4) · 15 of 15 GB free']
    """
    devices = []
    for index, line in enumerate(filter(None, map(str.strip, told.splitlines()))):
        name, *sizes = (word.strip() for word in line.split(","))
        free, total = (int(size) * 2**20 if size.isdigit() else None for size in (*sizes, "", "")[:2])
        devices.append(Device(f"cuda:{index}", f"cuda:{index} ({name})", free, total))
    return devices
