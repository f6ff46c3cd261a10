"""A class of made-up submissions to lab 1 with known scores: to try a server before students do.

Every kind of mischief that succeeds would earn points that aren't planned, or stop the rest of the class.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from gan_lessons.grading.labs import get_lab
from gan_lessons.grading.notebook import POINTS, make_notebook
from gan_lessons.grading.secret import Secret

FULL, LAST = 25, 4  # points of lab 1, and of its last task, in which most mischief stands

RIGHT = """
    side, step = 1, 1
    for kernel, stride in zip(kernels, strides):
        side, step = side + (kernel - 1) * step, step * stride
    return side
"""
"""Ends a misdeed: the right answer, which is reached only if it succeeded."""

BOMB = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
TELL = "for pipe in range(3, 99):\n        try:\n            os.write(pipe, b'{\"done\": true}\\n')\n"
TELL += "        except OSError:\n            pass\n"

LAST_TASK = {
    "endless loop": "while True:\n        try:\n            pass\n        except BaseException:\n            pass",
    "fork bomb": BOMB.replace("\n", "\n    "),
    "10 GB": "import numpy\n    parts = [numpy.ones(10 << 27)]",
    "reads passwd": "print(open('/etc/passwd').read())",
    "reads the tests": "print(open('TESTS').read())",
    "opens a socket": "import socket\n    socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 9))",
    "is equal to all": "return type('All', (), {'__eq__': lambda *_: True, '__int__': lambda _: 1})()",
    "pickles": (
        "import os, pickle\n    open('answer', 'wb').write(pickle.dumps(os.system))\n"
        "    os.chmod('answer', 0o777)\n    " + TELL + "    os._exit(0)"
    ),
    "imports the answer": (
        "from gan_lessons.grading.labs.unet import field_side as right\n    return right(kernels, strides)"
    ),
    "imports it covertly": (
        "import importlib\n    right = importlib.import_module('gan_' + 'lessons.grading.labs.unet').field_side\n"
        "    return right(kernels, strides)"
    ),
}
"""Kinds whose last task is lost, and nothing else."""

BEFORE = {
    "loops before": "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
    "forks before": BOMB,
    "allocates before": "import numpy\nparts = numpy.ones(10 << 27)",
    "prints 1 GB": "for _ in range(1 << 10):\n    print('x' * (1 << 20))",
    "ends before": "import os\nos._exit(0)",
}
"""Cells of the student's own before all answers, by which nothing is lost."""


def make_class(folder: Path, secret: Secret, sources: Path, *, count: int, kinds: Sequence[str] = ()) -> dict[str, int]:
    """Write ``count`` submissions, every kind in turn, and return each student's planned points.

    Parameters
    ----------
    folder : Path
        Becomes what ``gan-lessons grade`` takes.
    secret : Secret
        The class has the same numbers.
    sources : Path
        ``tutorials/instructor``.
    count : int
    kinds : sequence of str
        Names out of `KINDS`; all of them if empty.
    """
    lab = get_lab(1)
    right = make_notebook(lab, sources, lab.variant(secret))
    names = list(kinds or KINDS)
    planned = {}
    for number in range(count):
        name = names[number % len(names)]
        change, points = KINDS[name]
        student = f"{number:02} {name}".replace(" ", "-")
        content = change(deepcopy(right))
        (folder / student).mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / student / f"{lab.name}.ipynb").write_text(text, encoding="utf-8")
        planned[student] = points
    return planned


def _replaced(notebook: Any, task: str, old: str, new: str) -> Any:
    cell = _cell(notebook, task)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    return notebook


def _with_last_task(misdeed: str) -> Callable[[Any], Any]:
    tests = str(Path(__file__).parent / "labs" / "unet.py")

    def change(notebook: Any) -> Any:
        body = misdeed.replace("TESTS", tests)
        _cell(notebook, "field_side").source = f"def field_side(kernels, strides):\n    {body}\n{RIGHT}"
        return notebook

    return change


def _with_cell_before(code: str) -> Callable[[Any], Any]:
    def change(notebook: Any) -> Any:
        from nbformat.v4 import new_code_cell

        notebook.cells.insert(1, new_code_cell(code))
        return notebook

    return change


def _all_wrong(notebook: Any) -> Any:
    for task in get_lab(1).tasks:
        base = "(nn.Identity)" if task.name == "UNet" else ""
        body = "\n    pass" if base else "\n    return 0"
        start = f"class {task.name}{base}:" if base else f"def {task.name}(*numbers, **named):"
        _cell(notebook, task.name).source = start + body
    return notebook


def _with_other_metadata(notebook: Any) -> Any:
    for cell in notebook.cells:
        if mark := cell.metadata.get("nbgrader"):
            mark.update(points=1000, locked=False, grade=bool(mark.get("solution")), schema_version=99)
    return notebook


def _without_the_last(notebook: Any) -> Any:
    gone = {"field_side", f"field_side{POINTS}"}
    notebook.cells = [cell for cell in notebook.cells if _name(cell) not in gone]
    return notebook


def _cell(notebook: Any, task: str) -> Any:
    return next(cell for cell in notebook.cells if _name(cell) == task)


def _name(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


REACH = "dilation * (kernel - 1) + 1"
KINDS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "right": (lambda notebook: notebook, FULL),
    "partly right": (lambda notebook: _replaced(notebook, "up", "norm, nn.Leaky", "nn.Leaky"), 14),
    "almost right": (lambda notebook: _replaced(notebook, "conv_side", REACH, "kernel"), 23),
    "wrong": (_all_wrong, 0),
    "empty": (lambda _: {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, 0),
    "no notebook": (lambda _: "", 0),
    "edits metadata": (_with_other_metadata, FULL),
    "deletes cells": (_without_the_last, FULL - LAST),
    **{name: (_with_last_task(code), FULL - LAST) for name, code in LAST_TASK.items()},
    **{name: (_with_cell_before(code), FULL) for name, code in BEFORE.items()},
}
"""Name → what is done to the right notebook, and the points that are planned."""
