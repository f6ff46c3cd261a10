"""How the learning rate goes down."""

from __future__ import annotations

import math


def cosine(rate: tuple[float, float], share: float) -> float:
    """Return the learning rate after a share of a phase, from ``rate[0]`` to ``rate[1]``.

    >>> cosine((1.0, 0.0), 0.5)
    0.5
    """
    return rate[1] + (rate[0] - rate[1]) * 0.5 * (1 + math.cos(math.pi * share))
