"""What every exercise's check does: run the learner's code, say what is wrong in a sentence, remember what is right."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from gan_lessons.check.words import EXERCISES

WIDTH = 88
"""Characters of a line that a notebook's output and the site show whole."""

_PASSED: dict[str, bool] = {}
"""Of each exercise tried since the notebook's kernel started."""


class NotYet(Exception):
    """The answer isn't right yet; the message says what it seems to be instead. Notebooks show it without traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"✗ {self}"]


def exercise(check: Callable[[Any], str]) -> Callable[[Any], None]:
    """Make a check of a function that returns a sentence about a right answer, and calls `require` for wrong ones.

    Whatever the learner's code raises becomes a `NotYet`, and the original stays beneath it as its cause.
    """
    name = check.__name__

    @functools.wraps(check)
    def checked(answer: Any) -> None:
        _PASSED[name] = False
        require(callable(answer), f"{name}: this is {answer!r}; give the function or class itself, without brackets.")
        try:
            praise = check(answer)
        except NotYet as error:
            raise NotYet(f"{error} (check.hint({name!r}) helps)") from None
        except Exception as error:
            told = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise NotYet(f"{name}: your code stopped with {told} (check.hint({name!r}) helps)") from error
        _PASSED[name] = True
        print(f"✓ {name}: {praise}")

    return checked


def progress() -> None:
    """Print how many exercises of each lesson have passed since the notebook's kernel started; of those begun, which.

    Lines fit into a notebook's output: `WIDTH` characters at most.
    """
    lessons = {one.lesson for one in EXERCISES.values()}
    for lesson in sorted(lessons, key=lambda lesson: int(lesson.split()[0])):
        names = [name for name, one in EXERCISES.items() if one.lesson == lesson]
        begun = any(name in _PASSED for name in names)
        marks = [f"{'✓' if _PASSED.get(name) else '·'}\N{NO-BREAK SPACE}{name}" for name in names if begun]
        head = f"{lesson:<25}{sum(_PASSED.get(name, False) for name in names)}/{len(names)}   "
        lines = textwrap.fill(head + "  ".join(marks), WIDTH, subsequent_indent=" " * len(head))
        print(lines.replace("\N{NO-BREAK SPACE}", " "))


def require(good: bool, sentence: str) -> None:
    """Raise `NotYet` with the sentence unless all is good."""
    if not good:
        raise NotYet(sentence)


def array_of(name: str, answer: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return an answer as float64 or complex128, after saying whether there is one and whether its shape is right."""
    require(
        answer is not None and answer is not ...,
        f"{name}: it returns nothing yet. Write its body, and end it with `return`.",
    )
    found = np.asarray(answer.detach() if isinstance(answer, torch.Tensor) else answer)
    require(found.dtype.kind in "iufc", f"{name}: it returns {type(answer).__name__}; expected an array of numbers.")
    require(found.shape == shape, f"{name}: it returns the shape {found.shape}; expected {shape}.")
    require(bool(np.isfinite(found).all()), f"{name}: some of the result isn't finite: is something divided by zero?")
    return found.astype(np.complex128 if found.dtype.kind == "c" else np.float64)


def compare(
    name: str, found: np.ndarray, expected: np.ndarray, mistakes: Mapping[str, np.ndarray], *, tolerance: float = 1e-5
) -> None:
    """Raise `NotYet` unless the arrays are equal; say which mistake gives what was found, if one does.

    Parameters
    ----------
    mistakes : mapping of sentence to array
        What each mistake would have given.
    tolerance : float
        Largest difference, as a share of the largest expected value.
    """
    limit = tolerance * float(np.abs(expected).max())

    def equal(other: np.ndarray) -> bool:
        return other.shape == found.shape and float(np.abs(found - other).max()) <= limit

    if equal(expected):
        return
    for sentence, wrong in mistakes.items():
        require(not equal(wrong), f"{name}: {sentence}")
    worst = np.unravel_index(np.abs(found - expected).argmax(), found.shape)
    where = tuple(int(index) for index in worst)
    raise NotYet(
        f"{name}: at {where} it gives {found[worst]:.4g} where {expected[worst]:.4g} is right, "
        "and no mistake that we know explains it."
    )
