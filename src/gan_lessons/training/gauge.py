"""Train the gauge that tells a fluorescence image's blur, on the same images as the generator."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_lessons.data.pair import Pairs
from gan_lessons.errors import InputError
from gan_lessons.restoration.typical_psf import CUTOFFS
from gan_lessons.training.average import follow
from gan_lessons.training.checkpoint import write_state
from gan_lessons.training.descent import Descent
from gan_lessons.training.folder import GAUGE
from gan_lessons.training.on_the_fly import Gauge
from gan_lessons.training.pairs import PlanePairs
from gan_lessons.training.recipe import Recipe
from gan_lessons.training.schedule import cosine
from gan_lessons.training.sections import MUON
from gan_lessons.zoo import Model
from gan_lessons.zoo.gauge import BlurGauge

MARGIN = 96  # pixels by which the images exceed the crops


def find_gauge(recipe: Recipe, pairs: Pairs, run: Path, start: Model | None, *, resume: bool) -> BlurGauge | None:
    """Train the recipe's gauge, or read it from the run that goes on; without an own one, take the start's.

    Raises
    ------
    InputError
        If the recipe tells estimates of the blur, and neither it nor the start has a gauge for them.
    """
    if recipe.gauge is None:
        if not (recipe.guidance and recipe.guidance.estimated):
            return None
        if start is None or start.gauge is None:
            name = start.card.name if start else recipe.start
            raise InputError(f"recipe {recipe.name}: its start {name} has no gauge of the blur; add a section gauge")
        return start.gauge
    path = run / GAUGE
    if resume and path.is_file():
        gauge = BlurGauge()
        gauge.load_state_dict(torch.load(path, weights_only=True))
        return gauge.eval()
    if not isinstance(pairs, PlanePairs):
        raise InputError(f"recipe {recipe.name}: its gauge learns from degradations on the fly, not from other pairs")
    gauge = train_gauge(recipe.gauge, pairs, recipe.seed)
    write_state(gauge.state_dict(), path)
    return gauge


def train_gauge(
    recipe: Gauge, pairs: PlanePairs, seed: int, progress: Callable[[int, int], None] | None = None
) -> BlurGauge:
    """Draw images, and fit the gauge to the cut-offs of their blurs; returns the average of the weights."""
    rng = np.random.default_rng(seed + 3)
    torch.manual_seed(seed)
    drawn = [pairs.noisy(recipe.side + MARGIN, rng) for _ in range(recipe.images)]
    images = torch.cat([_standardized(image)[None].half() for image, _ in drawn])  # (N, 1, side, side)
    cutoffs = torch.tensor([cutoff for _, cutoff in drawn]).clamp(*CUTOFFS).log()
    gauge = BlurGauge()
    _learn_usual_spectra(gauge, images[:1000])
    average = copy.deepcopy(gauge).requires_grad_(False)
    descent = Descent(gauge, MUON, clip=None)
    for step in range(recipe.steps):
        descent.set_rate(cosine((recipe.rate + 1e-5, 1e-5), step / recipe.steps))
        chosen = torch.from_numpy(rng.integers(len(images), size=recipe.batch))
        with torch.autocast("cpu", torch.bfloat16):
            estimate = gauge(_crop(images[chosen], recipe.side, rng).float()).float()
        loss = surprise(estimate, cutoffs[chosen])
        descent.begin()
        loss.backward()
        descent.step({"surprise": float(loss.detach())}, at=step)
        follow(average, gauge, 0.995, step)
        if progress and step % 20 == 0:
            progress(step, recipe.steps)
    return average.eval()


def surprise(estimate: Tensor, truth: Tensor) -> Tensor:
    """Return the mean negative logarithm of Laplace's density: (N, 2), (N,) → ().

    The second output learns how far off the first may be.
    """
    error, scale = (estimate[:, 0] - truth).abs(), estimate[:, 1].clamp(-4, 2)
    return (error * torch.exp(-scale) + scale).mean()


def _standardized(image: Tensor) -> Tensor:
    deviation, mean = torch.std_mean(image)
    return (image - mean) / deviation.clamp(min=1e-12)


@torch.no_grad()
def _learn_usual_spectra(gauge: BlurGauge, images: Tensor) -> None:
    spectra = torch.cat([gauge.spectrum(some.float()) for some in images.split(50)])
    gauge.usual.copy_(spectra.mean(0))
    gauge.spread.copy_(spectra.std(0))


def _crop(images: Tensor, side: int, rng: np.random.Generator) -> Tensor:
    """Cut one window from all images, flipped and transposed at random."""
    y, x = rng.integers(images.shape[-1] - side + 1, size=2)
    window = images[..., y : y + side, x : x + side]
    window = window.flip(2) if rng.random() < 0.5 else window
    return window.transpose(2, 3) if rng.random() < 0.5 else window
