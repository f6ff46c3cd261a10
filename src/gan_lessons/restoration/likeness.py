"""Tell whether an image is like those that a model learned from."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from gan_lessons.errors import InputWarning
from gan_lessons.image import Normalization
from gan_lessons.metrics.noise import noise_deviation
from gan_lessons.restoration.statistics import central
from gan_lessons.zoo import Card

SIDE = 256  # pixels of the part that is looked at
SLACK = 1.25  # a limit is a percentile of a small sample
MEANING = {
    "noise": "noisier than what {model} learned from ({found:.2f} of its range, there at most {limit:.2f}): "
    "expose longer, or bin",
    "brightness": "brighter in most places than what {model} learned from ({found:.2f} of its range, there at most "
    "{limit:.2f}): is it of the kind that the model is for?",
}


def traits(plane: np.ndarray) -> dict[str, float]:
    """Describe a normalized plane (Y, X).

    Returns
    -------
    ``noise``, its deviation, and ``brightness``, the median; both as shares of the range.

    >>> traits(np.zeros((8, 8), np.float32))
    {'noise': 0.0, 'brightness': 0.0}
    """
    return {"noise": noise_deviation(plane), "brightness": float(np.median(plane))}


def warn_if_unlike(
    middles: Sequence[np.ndarray], normalizations: Sequence[Normalization], card: Card, name: str
) -> None:
    """Warn, once a trait, where a channel goes beyond what the card says that training showed.

    Parameters
    ----------
    middles : sequence of (Y, X) arrays
        The middle plane of each channel, or the middle of it.
    """
    told: set[str] = set()
    for middle, normalization in zip(middles, normalizations, strict=True):
        found = traits(normalization.apply(np.asarray(central(middle, SIDE))))
        for trait, limit in card.seen.items():
            if trait not in told and found[trait] > SLACK * limit:
                told.add(trait)
                text = MEANING[trait].format(model=card.name, found=found[trait], limit=limit)
                warnings.warn(f"{name}: {text}", InputWarning, stacklevel=3)


def warn_if_for_looks(card: Card, name: str) -> None:
    """Warn where a critic had a say in the model's training."""
    if card.for_looks:
        text = f"{card.name} learned from a critic, and draws detail that the image doesn't show"
        warnings.warn(f"{name}: {text}: to look at, not to count or measure", InputWarning, stacklevel=3)
