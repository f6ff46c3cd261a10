"""Patches for a network that is judged by photons it didn't see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.restoration.network import with_neighbors
from gan_lessons.training.blurs import Blur
from gan_lessons.training.finetuning.scenes import Scene, place

SHARE = 0.2  # of the photons is held out
NEAR = 2.0  # pixels: σ of the mean that a pixel's variance is taken from
MOST_VALUES = 2**19  # of a batch of whole columns


@dataclass(frozen=True, eq=False)
class Thinned(Scene):
    """A scene whose target are photons held out.

    Parameters
    ----------
    target : Tensor, (Z, S, Y, X)
        Held-out counts.
    psf : array, (Y, X) or (Z, Y, X)
    camera : PoissonGaussian
    """

    psf: np.ndarray
    camera: PoissonGaussian

    def expected(self, blurred: Tensor) -> Tensor:
        """Return the held-out counts to expect where the specimen looks so, in the model's scale."""
        n, c = self.normalization, self.camera
        assert c.electrons_per_unit is not None
        photons = (blurred * n.scale + n.offset - c.offset) * c.electrons_per_unit + c.read_noise**2
        return photons * SHARE


class Photons(NamedTuple):
    """A batch of one scene: any planes, or all in order where the PSF is a volume."""

    image: Tensor  # (N, in_channels, P, P)
    guides: Tensor | None  # (N, out_channels·guides, P, P)
    truth: Tensor  # (N, out_channels, P, P), held-out counts
    weight: Tensor  # (N, out_channels, P, P), one over their variance
    scene: Thinned
    blur: Blur

    def given(self) -> tuple[Tensor, ...]:
        """Return what a generator takes."""
        return (self.image,) if self.guides is None else (self.image, self.guides)


class ThinnedBatches:
    """Patches of the training regions; they aren't turned, since the PSF isn't."""

    def __init__(self, scenes: Sequence[Thinned], context: int) -> None:
        self.scenes = [scene for scene in scenes if "training" in scene.regions]
        self.blurs = [Blur(torch.from_numpy(scene.psf)) for scene in self.scenes]
        self.weights = [1 / variance(scene) for scene in self.scenes]
        self.context = context
        self.largest = min(min(scene.regions["training"].sides) for scene in self.scenes)

    def batch(self, size: int, patch: int, rng: np.random.Generator) -> Photons:
        """Draw patches of one scene, or one column through all its planes."""
        number = int(rng.integers(len(self.scenes)))
        scene, region = self.scenes[number], self.scenes[number].regions["training"]
        depth = len(scene.image)
        if scene.psf.ndim == 3:
            patch = min(patch, max(2 * max(scene.psf.shape[1:]), math.isqrt(MOST_VALUES // depth)))
            column = place(region, patch, rng)
            cuts = [(plane, *column) for plane in range(depth)]
        else:
            cuts = [(int(rng.integers(depth)), *place(region, patch, rng)) for _ in range(size)]
        told = scene.guides[0]
        return Photons(
            torch.cat([with_neighbors(scene.image[:, :, r, c], [plane], self.context) for plane, r, c in cuts]),
            None if told is None else torch.stack([told[plane, :, r, c] for plane, r, c in cuts]),
            torch.stack([scene.target[plane, :, r, c] for plane, r, c in cuts]),
            torch.stack([self.weights[number][plane, :, r, c] for plane, r, c in cuts]),
            scene,
            self.blurs[number],
        )


def variance(scene: Thinned) -> Tensor:
    """Return the variance of the held-out counts: their mean, taken from the seen photons nearby."""
    near = ndimage.gaussian_filter(scene.image.numpy(), (0, 0, NEAR, NEAR))
    return scene.expected(torch.from_numpy(near)).clamp(min=SHARE)
