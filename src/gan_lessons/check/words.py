"""What learners can ask for: hints in steps, and what a word means. Read from ``words.toml``."""

from __future__ import annotations

import textwrap
import tomllib
from importlib import resources
from typing import NamedTuple

from gan_lessons.errors import InputError, suggest


class Exercise(NamedTuple):
    """An exercise's lesson, and its hints from the gentlest to the most telling."""

    lesson: str
    hints: list[str]


_STORED = tomllib.loads((resources.files("gan_lessons.check") / "words.toml").read_text(encoding="utf-8"))
EXERCISES: dict[str, Exercise] = {name: Exercise(**told) for name, told in _STORED["exercises"].items()}
GLOSSARY: dict[str, str] = _STORED["glossary"]


def hint(exercise: str, step: int = 1) -> None:
    """Print one hint for an exercise; a higher step tells more.

    Raises
    ------
    InputError
        If there is no such exercise or step.

    >>> hint("conv_side")
    Hint 1 of 2: how many places can the kernel's first tap take on the padded line, if it moves one pixel at a time?
    """
    if exercise not in EXERCISES:
        raise InputError(f"no exercise {exercise!r}: {suggest(exercise, EXERCISES)}")
    hints = EXERCISES[exercise].hints
    if step not in range(1, len(hints) + 1):
        raise InputError(f"exercise {exercise!r} has no hint {step!r}; expected 1 to {len(hints)}")
    print(f"Hint {step} of {len(hints)}: {hints[step - 1]}")


def glossary(word: str | None = None) -> None:
    """Print what a word means, or all words that are explained.

    Raises
    ------
    InputError
        If the word isn't there; the message suggests the nearest.

    >>> glossary("PSF")
    PSF: point spread function, the image that an instrument makes of a single point. A blurred image is the sharp one
    with every point replaced by it.
    """
    if word is None:
        print(", ".join(sorted(GLOSSARY, key=str.lower)))
        return
    names = {name.lower(): name for name in GLOSSARY}
    if word.lower() not in names:
        raise InputError(f"the glossary has no {word!r}: {suggest(word, GLOSSARY)}")
    print(textwrap.fill(f"{names[word.lower()]}: {GLOSSARY[names[word.lower()]]}", 116))
