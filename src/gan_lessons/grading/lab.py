"""What a graded lab consists of: tasks, each with a cell, hidden inputs, and the truth to compare with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from gan_lessons.grading.secret import Secret

Arrays: TypeAlias = dict[str, np.ndarray]
Numbers: TypeAlias = Mapping[str, Any]
"""A variant: names in capitals, as students see them, and their values."""

PRELUDE = "import math\n\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn"
"""What every lab's first cell imports; runs before all answers."""


@dataclass(frozen=True)
class Criterion:
    """One row of the rubric: which results must be right, and what it is worth.

    Parameters
    ----------
    results : str
        Results whose names begin with it; all of them must be right.
    points : int
    asks : str
        What is asked for, in words that a student may read.
    tolerance : float
        Largest difference, as a share of the largest value that is expected.
    """

    results: str
    points: int
    asks: str
    tolerance: float = 1e-4


@dataclass(frozen=True)
class Task:
    """One answer cell.

    Parameters
    ----------
    name : str
        The cell's ``grade_id``, what it must define, and the function of the lab's probes that asks for it.
    given : callable
        Hidden inputs of a variant, from a generator of random numbers.
    truth : callable
        What a right answer gives for them; never leaves this side.
    criteria : tuple of Criterion
    """

    name: str
    given: Callable[[Numbers, np.random.Generator], Arrays]
    truth: Callable[[Numbers, Arrays], Arrays]
    criteria: tuple[Criterion, ...]

    @property
    def points(self) -> int:
        """The task's."""
        return sum(one.points for one in self.criteria)


@dataclass(frozen=True)
class Lab:
    """A graded lab.

    Parameters
    ----------
    number : int
        Of its lesson.
    topic : str
        Its notebook's source is ``tutorials/instructor/NN_TOPIC.py``. Its probes, which run beside the student's code,
        are in ``labs/TOPIC_probes.py``.
    title : str
    numbers : callable
        Draws a variant.
    tasks : tuple of Task
    hidden : tuple of str
        Modules that hold an answer, besides the library: they can't be imported.
    """

    number: int
    topic: str
    title: str
    numbers: Callable[[np.random.Generator], dict[str, Any]]
    tasks: tuple[Task, ...]
    hidden: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The assignment's, such as ``lab1``."""
        return f"lab{self.number}"

    @property
    def points(self) -> int:
        """Of all tasks."""
        return sum(task.points for task in self.tasks)

    @property
    def probes(self) -> str:
        """Source of the probes; see `gan_lessons.grading.sandbox.Question`."""
        return (Path(__file__).parent / "labs" / f"{self.topic}_probes.py").read_text(encoding="utf-8")

    def variant(self, secret: Secret, student: str = "") -> dict[str, Any]:
        """Return a student's numbers, or those of the whole class."""
        return self.numbers(secret.draw(self.name, "numbers", student))


def as_code(numbers: Numbers) -> str:
    """Write a variant as assignments.

    >>> as_code({"KERNEL": 5, "MERGE": "mean"})
    "KERNEL = 5\\nMERGE = 'mean'"
    """
    return "\n".join(f"{name} = {value!r}" for name, value in numbers.items())
