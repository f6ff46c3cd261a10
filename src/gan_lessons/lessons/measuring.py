"""What a lesson takes: processor time and memory of its kernel, measured, and written into its head."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from gan_lessons.errors import InputError
from gan_lessons.io import written_beside
from gan_lessons.lessons.running import Failure, execute
from gan_lessons.lessons.source import Lesson, read_lesson

PROBE = """import os, resource, sys
spent, used = os.times(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sum(spent[:4]), used * (1 if sys.platform == "darwin" else 1024))"""
"""Runs last: seconds of all threads and children, and the most bytes that were in memory at once."""

HEAD = re.compile(r"(?:\n#)*\s*\*\*Time\*\*[^;]*;")
"""Of a lesson: ``**Time** …;``, wherever its line begins."""


class Cost(NamedTuple):
    """Seconds of the processor, which a busy machine doesn't change as it does the clock's, and bytes."""

    seconds: float
    bytes: float

    def __str__(self) -> str:
        """Say both, rounded up.

        >>> str(Cost(130.0, 1.21e9))
        '2.2 minutes of one processor core and 1.3 GB'
        """
        minutes, gigabytes = (-(-value // 0.1) / 10 for value in (self.seconds / 60, self.bytes / 1e9))
        return f"{minutes:.1f} minutes of one processor core and {gigabytes:.1f} GB"


def execute_and_measure(
    notebook: Any, *, progress: Callable[[int, int], None] | None = None
) -> tuple[list[Failure], Cost]:
    """Run a notebook in full, in place, as `execute`; return its failures and what it took."""
    from nbformat.v4 import new_code_cell

    notebook.cells.append(new_code_cell(PROBE))
    failures = execute(notebook, fast=False, progress=progress)
    probe = notebook.cells.pop()
    told = "".join(output.get("text", "") for output in probe.outputs).split()
    return failures, Cost(*map(float, told)) if len(told) == 2 else Cost(float("nan"), float("nan"))


def write_head(lesson: Lesson, cost: Cost) -> Lesson:
    """Write the cost into the source, as a paragraph of its own, and return the lesson as it is then.

    Raises
    ------
    InputError
        If the source has no ``**Time** …;``.
    """
    text = lesson.path.read_text(encoding="utf-8")
    changed, count = HEAD.subn(f"\n#\n# **Time** {cost} (measured);", text, count=1)
    if not count:
        raise InputError(f'{lesson.path}: nowhere in it stands "**Time** …;"; expected it in the first cell')
    with written_beside(lesson.path, overwrite=True) as temporary:
        temporary.write_text(changed, encoding="utf-8")
    return read_lesson(lesson.path)
