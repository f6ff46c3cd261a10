"""Figures and pictures of pairs that stay the same through a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from gan_lessons.data.pair import Pairs
from gan_lessons.generators import Generator
from gan_lessons.io import written_beside
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim
from gan_lessons.training.batch import Batch, collate

MOST = 8
"""Pairs that are looked at."""

SHOWN = 4
"""Pairs in a picture."""

FIGURES = ("validation psnr", "validation ssim", "input psnr", "input ssim")
"""Names of what `measure` returns."""


class View(NamedTuple):
    """A pair beside what the generator makes of it: images (C, Y, X) in [0, 1]."""

    degraded: np.ndarray
    restored: np.ndarray
    sharp: np.ndarray


def choose(pairs: Pairs, patch: int, seed: int, dimensions: int = 2) -> list[Batch]:
    """Draw pairs once for all, spread over the source."""
    places = np.linspace(0, len(pairs) - 1, min(MOST, len(pairs))).astype(int)
    return [
        collate([pairs.draw(int(place), patch, np.random.default_rng([seed, int(place)]))], dimensions)
        for place in places
    ]


@torch.no_grad()
def look(generator: Generator, batches: Sequence[Batch], value_range: tuple[float, float]) -> list[View]:
    """Restore the middle item of each batch, in evaluation mode."""
    black, span = value_range[0], value_range[1] - value_range[0]
    device = next(generator.parameters()).device
    was_training, _ = generator.training, generator.eval()
    views = []
    for batch in batches:
        middle = len(batch.image) // 2
        one = batch.each(lambda x: x[middle : middle + 1].to(device)).shifted(*value_range)  # noqa: B023
        restored = (generator(*one.given()).float()[0].cpu().numpy() - black) / span
        image, sharp = batch.image[middle].numpy(), batch.truth[middle].numpy()
        begin = (len(image) - len(restored)) // 2  # a plane among its neighbors
        views.append(View(image[begin : begin + len(restored)], restored, sharp))
    generator.train(was_training)
    return views


def measure(views: Sequence[View]) -> dict[str, float]:
    """Return mean PSNR (dB) and SSIM over the views, in [0, 1], and those of the degraded images."""
    figures = {"validation psnr": [psnr(v.restored, v.sharp, 1.0) for v in views]}
    figures["validation ssim"] = [ssim(v.restored, v.sharp, 1.0) for v in views]
    if all(v.degraded.shape == v.sharp.shape for v in views):
        figures["input psnr"] = [psnr(v.degraded, v.sharp, 1.0) for v in views]
        figures["input ssim"] = [ssim(v.degraded, v.sharp, 1.0) for v in views]
    return {name: float(np.mean(values)) for name, values in figures.items()}


def draw_picture(views: Sequence[View], path: Path) -> None:
    """Write a PNG: degraded | restored | sharp, a row each."""
    from PIL import Image as Picture

    rows = [np.concatenate([_screen(image, view.sharp) for image in view], 1) for view in views[:SHOWN]]
    widest = max(row.shape[1] for row in rows)
    rows = [np.pad(row, ((0, 2), (0, widest - row.shape[1]), (0, 0))) for row in rows]
    with written_beside(path, overwrite=True) as part:
        Picture.fromarray(np.concatenate(rows)).save(part, format="PNG")


def _screen(image: np.ndarray, sharp: np.ndarray) -> np.ndarray:
    """Return (Y, X, 3) of 8 bits, as large as the sharp image; of volumes and bands the middle one."""
    image = image[:, image.shape[1] // 2] if image.ndim == 4 else image
    image = image if len(image) == 3 else image[len(image) // 2 :][:1].repeat(3, 0)
    times = max(1, sharp.shape[-1] // image.shape[-1])
    image = image.repeat(times, -1).repeat(times, -2)
    return np.round(np.moveaxis(np.nan_to_num(image), 0, -1).clip(0, 1) * 255).astype(np.uint8)
