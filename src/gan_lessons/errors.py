"""What a user may be told: one line that names the file or layer, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from numbers import Integral
from typing import Any


class InputError(ValueError):
    """The input can't be used as it is. The message is one line and complete: faces print it and nothing else."""


class UnknownAxes(InputError):
    """A file doesn't say what its dimensions are; ``shape`` is what they measure."""

    def __init__(self, message: str, shape: tuple[int, ...]) -> None:
        super().__init__(message)
        self.shape = shape


class InputWarning(UserWarning):
    """The input can be used, but the result deserves a second look (saturation, sampling, unlike training data)."""


class Cancelled(Exception):
    """The user asked long work to stop; nothing half-finished was kept."""


def suggest(name: str, names: Iterable[str]) -> str:
    """End the message of an unknown name: which one may have been meant, or which there are.

    >>> suggest("unett", ["unet", "resnet"]), suggest("x", ["unet", "resnet"])
    ("did you mean 'unet'?", 'expected one of unet, resnet')
    """
    known = list(names)
    lower = {one.lower(): one for one in known}
    if near := difflib.get_close_matches(str(name).lower(), lower, n=1):
        return f"did you mean {lower[near[0]]!r}?"
    return f"expected one of {', '.join(known)}" if known else "there are none"


def check_counts(**counts: Any) -> None:
    """Raise `InputError` unless all are whole numbers from 1 on.

    >>> check_counts(width=64, depth=1)
    """
    for name, count in counts.items():
        if not isinstance(count, Integral) or count < 1:
            raise InputError(f"{name} {count!r}: expected a whole number, 1 or more")
