"""Photograph a clean image: noise, and the window that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.training.on_the_fly import Noise

Picture = TypeVar("Picture", np.ndarray, Tensor)

WEIGHT = 0.35
"""Errors fall with about this power of the photons: so weighted, bright images count as much as dim ones."""


def weigh(photons: float, noise: Noise) -> float:
    """Return how much an image of so many photons counts; 1 on average over the photons that the noise has.

    >>> weigh(50, Noise(photons=(50, 50)))
    1.0
    """
    least, most = noise.photons
    if least == most:
        return 1.0
    mean = (most**WEIGHT - least**WEIGHT) / (WEIGHT * np.log(most / least))
    return float(photons**WEIGHT / mean)


def add_noise(clean: Tensor, noise: Noise, rng: np.random.Generator, peak: float) -> tuple[Tensor, float, float]:
    """Photograph a clean image.

    Parameters
    ----------
    peak : float
        The clean value at which the photons are counted.

    Returns
    -------
    The noisy image in the clean one's units, its background subtracted; the photons of its peak; and the value that a
    whole image's first percentile would have: up to 2.3 deviations of the background's noise below zero.
    """
    photons, background, read_noise = (
        _log_uniform(r, rng) for r in (noise.photons, noise.background, noise.read_noise)
    )
    camera = PoissonGaussian(electrons_per_unit=photons / peak, offset=-background * peak, read_noise=read_noise)
    noisy = torch.from_numpy(camera.apply(clean.numpy(), rng))
    deviation = np.sqrt(camera.variance(np.zeros(1)).item())
    return noisy, photons, float(-rng.uniform(0, 2.3) * deviation)


def _log_uniform(limits: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))


def crop(image: np.ndarray, sides: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Cut a random window of the last axes, flipped and turned at random; a small image is continued by reflection."""
    short = [max(0, want - have) for want, have in zip(sides, image.shape[-len(sides) :], strict=True)]
    if any(short):
        lead = [(0, 0)] * (image.ndim - len(sides))
        image = np.pad(image, [*lead, *[(s // 2, s - s // 2) for s in short]], mode="reflect")
    starts = [rng.integers(have - want + 1) for want, have in zip(sides, image.shape[-len(sides) :], strict=True)]
    window: Any = (..., *(slice(a, a + want) for a, want in zip(starts, sides, strict=True)))
    image = np.rot90(image[window], int(rng.integers(4)), axes=(-2, -1))
    return np.ascontiguousarray(image[..., ::-1] if rng.random() < 0.5 else image)


def center(image: Picture, sides: Sequence[int]) -> Picture:
    """Cut the middle of the last axes."""
    return image[_middle(image.shape, sides)]


def _middle(shape: Sequence[int], sides: Sequence[int]) -> Any:
    starts = [(have - want) // 2 for want, have in zip(sides, shape[-len(sides) :], strict=True)]
    return (..., *(slice(a, a + want) for a, want in zip(starts, sides, strict=True)))
