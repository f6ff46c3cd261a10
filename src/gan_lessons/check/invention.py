"""Lesson 9: is there a spot, or is it noise? The matched filter, and how many places exceed chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.stats import norm

from gan_lessons.check.exercise import array_of, compare, exercise, require

Answer = Callable[..., Any]

SPOT = np.array([[0, 1, 0], [2, 5, 0], [0, 1, 3]], np.float64) / 12  # lopsided, so that a turned one shows
RATE = 0.05


@exercise
def spot_evidence(answer: Answer) -> str:
    """Check ``spot_evidence(difference, variance, spot)``: z around each pixel, dark beyond the border."""
    rng = np.random.default_rng(0)
    variance = rng.uniform(1, 9, (20, 24))
    difference = rng.normal(size=variance.shape) * np.sqrt(variance)

    def over(values: np.ndarray, spot: np.ndarray) -> np.ndarray:
        return ndimage.correlate(values, spot, mode="constant")

    light = over(difference / variance, SPOT)
    right = light / np.sqrt(over(1 / variance, SPOT**2))
    turned = SPOT[::-1, ::-1]
    mistakes = {
        "it isn't divided by its own deviation, √Σ k²/v, so it doesn't count in standard deviations.": light,
        "the variance isn't used as a weight: uncertain pixels count as much as sure ones.": over(difference, SPOT)
        / np.sqrt(over(variance, SPOT**2)),
        "the root in the denominator is missing.": light / over(1 / variance, SPOT**2),
        "k isn't squared in the denominator.": light / np.sqrt(over(1 / variance, SPOT)),
        "the shape is turned around: correlate, don't convolve.": over(difference / variance, turned)
        / np.sqrt(over(1 / variance, turned**2)),
        "differences are divided by deviations in place of variances.": over(difference / np.sqrt(variance), SPOT)
        / np.sqrt(over(1 / variance, SPOT**2)),
    }
    found = array_of("spot_evidence", answer(difference, variance, SPOT), variance.shape)
    compare("spot_evidence", found, right, mistakes)
    return "of pure noise it is standard normal, everywhere."


@exercise
def count_spots(answer: Answer) -> str:
    """Check ``count_spots(z, rate)``: connected places of |z| above what any pixel reaches with that probability."""
    z = np.zeros((64, 64))
    limit = float(norm.isf(RATE / 2 / z.size))
    one_look, one_side = float(norm.isf(RATE / 2)), float(norm.isf(RATE / z.size))
    z[8:11, 8:11] = limit + 1  # a place of nine pixels
    z[30, 30] = z[31, 31] = limit + 0.5  # one place, that touches at a corner
    z[50, 10] = -limit - 1  # a hole is a place too
    z[5, 50:60:2] = one_look + 0.5  # chance
    z[60, 60] = (one_side + limit) / 2
    found = answer(z, RATE)
    require(found is not None and found is not ..., "count_spots: it returns nothing yet.")
    told = {
        9 + 2 + 1: "it counts pixels; pixels that touch are one place: ndimage.label.",
        2: "holes are left out: what is missing counts too, so take |z|.",
        4: "places that touch at a corner are counted apart: give ndimage.label np.ones((3, 3)).",
        9: "its threshold is that of a single look: divide the rate by the number of pixels too.",
    }
    number = int(found[1] if isinstance(found, tuple) else found)
    if number == 4 and int(answer(np.where(z == (one_side + limit) / 2, 0, z), RATE)) == 3:
        told[4] = "its threshold is for one sign; both count, so halve the rate."
    require(number == 3, f"count_spots: {told.get(number, f'it finds {number} places in a map that has 3.')}")
    require(not isinstance(found, tuple), "count_spots: it returns labels and number; expected the number alone.")
    return "noise alone gives any at all in one image of twenty."
