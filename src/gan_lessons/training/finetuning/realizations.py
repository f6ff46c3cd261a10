"""More raw images of the same field: references blurred, with the noise that the raw image has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from gan_lessons.training.finetuning.fitted import blurred
from gan_lessons.training.finetuning.scenes import Scene
from gan_lessons.training.finetuning.views import guides_of

MOST = 7  # beside the raw image itself: minutes learn the noise of one by heart
MOST_PIXELS = 2**22  # of all together; of larger images minutes don't see every patch twice
ALIKE = 2000  # pixels: so many neighbors in brightness exchange their noise


def realizations(scenes: Sequence[Scene], psfs: Sequence[np.ndarray | None], copies: int) -> Iterator[Scene]:
    """Yield scenes to train on whose noise is drawn anew, of those whose PSF is known.

    What a reference, blurred, leaves unexplained of the raw image is noise. It is exchanged among pixels of about the
    same brightness, so that nothing has to be known of the camera. Only the training region's pixels take part.

    Parameters
    ----------
    scenes : sequence of Scene
    psfs : sequence of array or None
        What blurs each reference into its raw image.
    copies : int
        Filtered copies that the model takes.
    """
    known = [(s, psf) for s, psf in zip(scenes, psfs, strict=True) if psf is not None and "training" in s.regions]
    rng = np.random.default_rng(0)
    for _ in range(min(MOST, MOST_PIXELS // max(1, sum(scene.image.numel() for scene, _ in known)))):
        for scene, psf in known:
            yield _again(scene, psf, copies, rng)


def _again(scene: Scene, psf: np.ndarray, copies: int, rng: np.random.Generator) -> Scene:
    region = scene.regions["training"]
    at = (..., region.rows, region.columns)
    clean, image = blurred(scene.target.numpy()[None], psf)[0], scene.image.numpy().copy()
    image[at] = clean[at] + exchanged(image[at] - clean[at], clean[at], rng)
    drawn = torch.from_numpy(image)
    return replace(scene, image=drawn, guides=guides_of(drawn, scene.told, copies), regions={"training": region})


def exchanged(noise: np.ndarray, brightness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Exchange the noise of pixels of about the same brightness; it stays the same values.

    >>> noise, brightness = np.arange(4.0), np.array([0.0, 9.0, 0.1, 9.1])
    >>> sorted(exchanged(noise, brightness, np.random.default_rng(0)))
    [np.float64(0.0), np.float64(1.0), np.float64(2.0), np.float64(3.0)]
    """
    order = np.argsort(brightness, axis=None)
    moved = np.argsort(np.arange(order.size) + rng.uniform(0, ALIKE, order.size))
    result = np.empty(order.size, noise.dtype)
    result[order] = noise.ravel()[order[moved]]
    return result.reshape(noise.shape)
