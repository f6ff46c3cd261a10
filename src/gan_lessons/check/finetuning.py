"""Lesson 8: where the reference lies, what is kept apart, and which weights are kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage
from torch import nn

from gan_lessons.check.exercise import array_of, compare, exercise, require

Answer = Callable[..., Any]

SHIFT = (-3.35, 5.8)  # rows up, columns right: of different size and sign, so that what is exchanged shows


@exercise
def find_shift(answer: Answer) -> str:
    """Check ``find_shift(raw, reference)``: (rows, columns) that the reference has to be moved by, to 1/20 pixel."""
    shape = (64, 48)
    raw = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=shape), 2, mode="wrap")
    reference = np.fft.ifft2(ndimage.fourier_shift(np.fft.fft2(raw), [-step for step in SHIFT])).real
    found, right = array_of("find_shift", answer(raw, reference), (2,)), np.array(SHIFT)
    mistakes = {
        "the sign is turned: that is how the reference lies, not what it has to be moved by. The conjugate belongs to "
        "the reference's spectrum.": -right,
        "rows and columns are exchanged; expected (rows, columns).": right[::-1],
        "this is to whole pixels. Evaluate the correlation between them, at every twentieth.": right.round(),
        "a shift beyond half of the image is one to the other side: subtract the side.": right % np.array(shape),
        "the fine search isn't added to the coarse one.": right - right.round(),
    }
    compare("find_shift", found, right, mistakes, tolerance=0.026 / max(map(abs, SHIFT)))
    return f"it finds {SHIFT} to a twentieth of a pixel."


@exercise
def three_regions(answer: Answer) -> str:
    """Check ``three_regions(length, gap)``: three slices by role, a gap between them."""
    for length, gap in ((480, 48), (301, 20)):
        found = answer(length, gap)
        roles = ("training", "validation", "test")
        require(
            isinstance(found, dict) and set(found) == set(roles) and all(isinstance(r, slice) for r in found.values()),
            f"three_regions: it returns {found!r}; expected a dict of three slices: {', '.join(roles)}.",
        )
        strips = [(found[role].start or 0, length if found[role].stop is None else found[role].stop) for role in roles]
        require(
            all(0 <= start < stop <= length for start, stop in strips),
            f"three_regions: of {length} columns it makes {strips}; a strip is empty or ends outside.",
        )
        pairs = zip(roles, roles[1:], strips, strips[1:], strict=False)
        for one, other, (_, stop), (start, _) in pairs:
            require(start >= stop, f"three_regions: {one} and {other} share {stop - start} columns; expected none.")
            require(
                start - stop >= gap,
                f"three_regions: between {one} and {other} lie {start - stop} columns, but the network looks {gap} to "
                "each side: it would be judged by pixels that it was trained on.",
            )
        small = int(0.2 * (length - 2 * gap))
        sides = [stop - start for start, stop in strips]
        require(
            abs(sides[1] - small) <= 1 and abs(sides[2] - small) <= 1,
            f"three_regions: validation and test have {sides[1]} and {sides[2]} columns; expected {small}, a fifth of "
            f"the {length - 2 * gap} that the two gaps leave.",
        )
        require(
            strips[0][0] == 0 and strips[2][1] == length and sum(sides) + 2 * gap == length,
            f"three_regions: {length - sum(sides) - 2 * gap} columns are in no region and no gap; training gets them.",
        )
    return "nothing that is trained on can be seen from where it is judged."


@exercise
def keep_best(answer: Answer) -> str:
    """Check ``KeepBest()``: ``offer(step, loss, network)`` keeps ``step``, ``loss``, ``weights`` of the least loss."""
    network = nn.Linear(2, 1)
    offers = {0: 0.8, 100: 0.5, 200: 0.6, 300: math.nan}
    keeper = answer()
    for step, loss in offers.items():
        nn.init.constant_(network.weight, step)
        keeper.offer(step, loss, network)
        require(
            all(hasattr(keeper, name) for name in ("step", "loss", "weights")),
            "keep_best: after the first offer there is no step, loss or weights; keep the start too: fine-tuning may "
            "make a model worse.",
        )
    sentences = {
        0: "it kept the start, though step 100 had less loss.",
        200: "it kept step 200, whose loss was more than that of step 100: compare with the best, not with the last.",
        300: "it took a loss that isn't a number for the best: ask `loss < best`, which is false for nan.",
    }
    require(keeper.step in offers, f"keep_best: its step is {keeper.step!r}; expected the one that was offered.")
    require(keeper.step == 100, f"keep_best: {sentences.get(keeper.step, '')}")
    require(
        isinstance(keeper.weights, dict) and "weight" in keeper.weights,
        "keep_best: its weights aren't a state dict; copy `network.state_dict()`.",
    )
    kept = float(keeper.weights["weight"][0, 0])
    require(
        kept == 100,
        f"keep_best: the weights kept at step 100 are now {kept:g}: they have changed along with the network. "
        "`state_dict()` hands out the tensors themselves; clone each.",
    )
    require(keeper.loss == 0.5, f"keep_best: its loss is {keeper.loss!r}; expected 0.5, that of step 100.")
    return "a copy of the best, the start included."
