"""Signs that training goes wrong, told in words: a critic that won, swings, a still generator, outputs all alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

WINDOW, BLOCK = 100, 10
"""Steps that are looked back at, and that are averaged before swings are counted."""

ADVICE = {
    "critic won": "the critic is nearly always right ({found:.2g} of the loss of one that can't decide), so the "
    "generator learns little from it: give the critic noise or smoothing, a lower critic_rate, or a penalty",
    "unbounded": "the critic's scores run away ({found:.3g}): give it a penalty, or spectral norm",
    "swings": "the adversarial loss swings ({found:.2g} up and down, {turns} turns within {window} steps): generator "
    "and critic chase each other; lower both rates, or the first beta of Adam to 0.5 or 0",
    "still": "the generator's gradient has all but vanished ({found:.1e} of its length at the beginning): an objective "
    "that saturates (minimax), dead layers, or a rate that has reached its end",
    "diverges": "the loss is {found:.1f} times what it was at its best: lower the rate, or set clip",
    "alike": "restored images differ from each other {found:.2g} times as much as the sharp ones do: mode collapse; "
    "give the content terms more weight, or the critic the degraded image (conditional: true)",
}


class Health:
    """Watch a run.

    Parameters
    ----------
    undecided : mapping of str to float
        Name of each critic's loss in the log, and its value where the critic scores all images alike.
    """

    def __init__(self, undecided: Mapping[str, float]) -> None:
        self.undecided = undecided
        self.past: dict[str, deque[float]] = {}
        self.first: dict[str, float] = {}
        self.best = np.inf
        self.told: set[str] = set()
        self.phase = self.steps = 0

    def add(self, losses: Mapping[str, float], phase: int = 0) -> list[str]:
        """Take in a step; return what looks wrong for the first time. A new phase has terms and levels of its own."""
        if phase != self.phase:
            self.phase, self.past, self.first, self.best = phase, {}, {}, np.inf
        for name, value in losses.items():
            self.past.setdefault(name, deque(maxlen=WINDOW)).append(value)
        self.steps += 1
        if self.steps % BLOCK:  # looking back takes as long as a small step
            return []
        signs = [self._content(), self._gradient()]
        for critic, undecided in self.undecided.items():
            signs += [self._critic(critic, undecided), self._swings(critic.replace("critic", "adversarial"), undecided)]
        return self._new([sign for sign in signs if sign])

    def compare(self, restored: Sequence[np.ndarray], sharp: Sequence[np.ndarray]) -> list[str]:
        """Take in restored images of different inputs, in [0, 1], beside the sharp ones."""
        ratio = _spread(restored) / max(_spread(sharp), 1e-6) if len(restored) > 2 else 1.0
        return self._new([("alike", ADVICE["alike"].format(found=ratio))] if ratio < 0.25 else [])

    def _new(self, signs: Sequence[tuple[str, str]]) -> list[str]:
        new = [text for sign, text in signs if sign not in self.told]
        self.told |= {sign for sign, _ in signs}
        return new

    def _critic(self, name: str, undecided: float) -> tuple[str, str] | None:
        values = self.past.get(name)
        if not values or len(values) < WINDOW:
            return None
        found = float(np.mean(values))
        if undecided > 0 and found < 0.05 * undecided:
            return "critic won", ADVICE["critic won"].format(found=found / undecided)
        if undecided == 0 and abs(found) > 1000:
            return "unbounded", ADVICE["unbounded"].format(found=found)
        return None

    def _swings(self, name: str, undecided: float) -> tuple[str, str] | None:
        values = self.past.get(name)
        if not values or len(values) < WINDOW:
            return None
        steps = np.diff(np.array(values).reshape(-1, BLOCK).mean(1))
        large = steps[np.abs(steps) > 0.5 * max(undecided, 1.0)]
        turns = int((np.diff(np.sign(large)) != 0).sum())
        if turns < 3:
            return None
        return "swings", ADVICE["swings"].format(found=float(np.abs(large).mean()), window=WINDOW, turns=turns)

    def _gradient(self) -> tuple[str, str] | None:
        values = self.past.get("gradient", ())
        if len(values) < WINDOW:
            return None
        now = float(np.median(values))
        before = self.first.setdefault("gradient", now)
        return ("still", ADVICE["still"].format(found=now / before)) if now < 1e-4 * before else None

    def _content(self) -> tuple[str, str] | None:
        """Look at the content alone: what a critic says has no level of its own."""
        values = self.past.get("content", self.past.get("loss", ()))
        if len(values) < WINDOW or min(values) <= 0:
            return None
        now = float(np.median(values))
        self.best = min(self.best, now)
        return ("diverges", ADVICE["diverges"].format(found=now / self.best)) if now > 4 * self.best else None


def _spread(images: Sequence[np.ndarray]) -> float:
    """Return the mean distance of two images, after each lost its mean: brightness alone is no difference."""
    flat = [image - image.mean() for image in images]
    pairs = [np.abs(a - b).mean() for a, b in combinations(flat, 2) if a.shape == b.shape]
    return float(np.mean(pairs)) if pairs else 0.0
