"""What a user may be told: one line that names the file or layer, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """The input can't be used as it is. The message is one line and complete: faces print it and nothing else."""


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
    if near := difflib.get_close_matches(name, known, n=1):
        return f"did you mean {near[0]!r}?"
    return f"expected one of {', '.join(known)}" if known else "there are none"
