"""A network's step downhill: its optimizers, the longest gradient allowed, and a stop where nothing is finite."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import nn

from gan_lessons.errors import InputError
from gan_lessons.training.optimizers import build_optimizers, set_rate
from gan_lessons.training.sections import Optimizer


class Diverged(InputError):
    """A gradient that isn't finite."""


class Descent:
    """The optimizers of a network.

    Parameters
    ----------
    clip : float, optional
        Longest gradient over all weights; longer ones are shortened.

    Attributes
    ----------
    weights : list of Parameter
        All of the network, gathered once: to walk through its modules takes as long as a small layer.
    """

    def __init__(self, network: nn.Module, options: Optimizer, clip: float | None) -> None:
        self.network, self.clip = network, clip
        self.weights = list(network.parameters())
        self.optimizers = build_optimizers(network, options)

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of all weights."""
        set_rate(self.optimizers, rate)

    def begin(self) -> None:
        """Forget the gradients."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()

    def step(self, losses: Mapping[str, float], at: int) -> float:
        """Move the weights along the gradients; return the gradient's length before it was clipped.

        Raises
        ------
        Diverged
            If it isn't finite, before anything moves; the message names the terms of ``losses`` that aren't either.
        """
        norm = nn.utils.get_total_norm([weight.grad for weight in self.weights if weight.grad is not None])
        length = float(norm)
        if not math.isfinite(length):
            raise Diverged(_explain(type(self.network).__name__, losses, at))
        if self.clip is not None and length > self.clip:
            nn.utils.clip_grads_with_norm_(self.weights, self.clip, norm)
        for optimizer in self.optimizers:
            optimizer.step()
        return length


def _explain(network: str, losses: Mapping[str, float], at: int) -> str:
    sums = ("loss", "content")
    bad = [f"{name} is {value}" for name, value in losses.items() if not math.isfinite(value) and name not in sums]
    found = " and ".join(bad) if bad else "every loss is finite, its gradient is not"
    return (
        f"step {at + 1}, {network}: {found}; stopped before the weights changed: look for values in the data that "
        "aren't finite, or lower the rate"
    )
