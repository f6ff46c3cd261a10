"""How the learning rate goes down."""

from __future__ import annotations

import math

from gan_lessons.training.sections import Rate


def rate_at(rate: Rate, share: float, epochs: float = 0.0) -> float:
    """Return the learning rate after a share of a phase, 0 … 1, which is so many whole epochs.

    >>> rate_at(Rate(first=1.0, last=0.0, along="linear"), 0.25)
    0.75
    >>> rate_at(Rate(first=1.0, along="epochs", falls=0.01), 0.5, epochs=2.7)
    0.9801
    """
    last = rate.first if rate.last is None else rate.last
    if rate.along == "linear":
        return last + (rate.first - last) * (1 - share)
    if rate.along == "cosine":
        return cosine((rate.first, last), share)
    return rate.first * (1 - rate.falls) ** int(epochs)


def cosine(rate: tuple[float, float], share: float) -> float:
    """Return the learning rate after a share of a phase, from ``rate[0]`` to ``rate[1]``.

    >>> cosine((1.0, 0.0), 0.5)
    0.5
    """
    return rate[1] + (rate[0] - rate[1]) * 0.5 * (1 + math.cos(math.pi * share))
