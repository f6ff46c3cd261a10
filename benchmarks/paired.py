"""Two that do the same, timed in turn: the median of the rounds' ratios, and how sure it is.

Both meet the same moment of the machine in each round, so that what else it does strikes them alike. The interval is
one of order statistics: it supposes nothing of how times scatter.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import binom
from torch import nn

TURNS = 4
"""Runs of each in a round that count."""


class Ratio(NamedTuple):
    """Seconds of both, their ratio, and the ends of its one-sided 95 % intervals.

    Attributes
    ----------
    ours, theirs : float
        Medians.
    median, lower, upper : float
        Of ours over theirs; each end is on its side of the true median in 95 % of runs.
    """

    ours: float
    theirs: float
    median: float
    lower: float
    upper: float


def compare(ours: list[float], theirs: list[float]) -> Ratio:
    """Compare the seconds of rounds.

    >>> compare([1, 2, 3, 4, 5], [1, 1, 1, 1, 1])
    Ratio(ours=3.0, theirs=1.0, median=3.0, lower=1.0, upper=5.0)
    """
    ratios = np.sort(np.array(ours) / np.array(theirs))
    last = len(ratios) - 1
    end = min(last, int(binom.ppf(0.95, len(ratios), 0.5)))
    median = float(np.median(ratios))
    return Ratio(
        float(np.median(ours)), float(np.median(theirs)), median, float(ratios[last - end]), float(ratios[end])
    )


def race(ours: nn.Module, theirs: nn.Module, run: Callable[[int, nn.Module], object], rounds: int) -> Ratio:
    """Time ``run(0, ours)`` and ``run(1, theirs)`` on a thread's processor time.

    Each round has copies of its own, because where weights come to lie in memory alone makes 10 % between equal
    networks. After a run that doesn't count they run in turn, and the least time of each counts: what else the machine
    does only adds, by more than we want to tell.
    """
    seconds: tuple[list[float], list[float]] = [], []
    for turn in range(rounds):
        order = (0, 1) if turn % 2 else (1, 0)
        networks = {which: copy.deepcopy((ours, theirs)[which]) for which in order}
        for which in order:
            run(which, networks[which])
        least = [float("inf"), float("inf")]
        for which in order * TURNS:
            begin = time.process_time()
            run(which, networks[which])
            least[which] = min(least[which], time.process_time() - begin)
        for times, time_of_one in zip(seconds, least, strict=True):
            times.append(time_of_one)
    return compare(*seconds)
