"""Lesson 3: what the critic and the generator of a GAN minimize."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.check.exercise import array_of, compare, exercise

Answer = Callable[..., Any]
WEIGHT = 100.0
"""Of L1, as in pix2pix."""


def cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """Return the critic's loss."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def number(name: str, answer: Any) -> np.ndarray:
    """Return a scalar answer, (1,)."""
    return array_of(name, answer, ()).reshape(1)


def numbers(told: dict[str, Tensor]) -> dict[str, np.ndarray]:
    """Return what each mistake gives, (1,) each."""
    return {sentence: value.numpy().reshape(1) for sentence, value in told.items()}


@exercise
def critic_loss(answer: Answer) -> str:
    """Check ``critic_loss(real, fake)``: cross-entropy of scores with the labels 1 and 0, added up."""
    torch.manual_seed(0)
    real, fake = torch.randn(2, 3, 1, 4, 5, dtype=torch.float64) * 2
    right, p, q = cross_entropy(real, fake), real.sigmoid(), fake.sigmoid()
    mistakes = {
        "sigmoid is taken twice: binary_cross_entropy_with_logits has one inside, so give it the scores.": (
            cross_entropy(p, q)
        ),
        "the labels are exchanged: real images have 1, restored ones 0.": cross_entropy(fake, real),
        "only real images count; the scores of restored ones belong in, with label 0.": F.softplus(-real).mean(),
        "only restored images count; the scores of real ones belong in, with label 1.": F.softplus(fake).mean(),
        "the label of restored images is 1 as well: that is what the generator wishes.": (
            F.softplus(-real).mean() + F.softplus(-fake).mean()
        ),
        "it is half of it. pix2pix halves the critic's loss; here the two are added.": right / 2,
        "the sign is turned: the critic goes downhill, so the loss is low where it is right.": -right,
        "it is a sum over scores; take means, or larger images would count more.": right * real.numel(),
    }
    compare("critic_loss", number("critic_loss", answer(real, fake)), right.numpy().reshape(1), numbers(mistakes))
    return f"{2 * np.log(2):.3f} for a critic that can't decide."


@exercise
def generator_loss(answer: Answer) -> str:
    """Check ``generator_loss(fake, restored, sharp, weight=100)``: cross-entropy with label 1, and weighted L1."""
    torch.manual_seed(1)
    fake = torch.randn(3, 1, 4, 5, dtype=torch.float64) * 2
    restored, sharp = torch.rand(2, 3, 1, 8, 8, dtype=torch.float64)
    said, l1 = F.softplus(-fake).mean(), (restored - sharp).abs().mean()
    mistakes = {
        "it rewards being found out: the generator wants its images to be scored as real, label 1.": (
            F.softplus(fake).mean() + WEIGHT * l1
        ),
        "this is minimax, -log(1 - p): its gradient vanishes where the critic is sure. Take label 1.": (
            WEIGHT * l1 - F.softplus(fake).mean()
        ),
        "sigmoid is taken twice: binary_cross_entropy_with_logits has one inside, so give it the scores.": (
            F.softplus(-fake.sigmoid()).mean() + WEIGHT * l1
        ),
        "the weight of L1 isn't used.": said + l1,
        "the weight stands on the critic's part; it belongs to L1.": WEIGHT * said + l1,
        "L1 is missing: nothing holds the image to its truth.": said,
        "the critic's part is missing: this is training without a critic.": WEIGHT * l1,
        "this is the squared error; L1 is the mean absolute one.": said + WEIGHT * (restored - sharp).square().mean(),
        "L1 is summed over pixels; it is a mean.": said + WEIGHT * l1 * sharp.numel(),
    }
    found = number("generator_loss", answer(fake, restored, sharp, weight=WEIGHT))
    compare("generator_loss", found, (said + WEIGHT * l1).numpy().reshape(1), numbers(mistakes))
    return "to be taken for real, and to be near the truth."
