"""Training pairs, made on the fly: a truth is blurred, photographed with noise, and seen through guides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.data.pair import Pair
from gan_lessons.restoration.guides import FILTERED, Guides
from gan_lessons.training.blurs import Blur, typical_guides
from gan_lessons.training.on_the_fly import Guidance, Noise
from gan_lessons.training.photograph import add_noise, center, crop, weigh

SLACK = 32
"""Pixels a side by which a turned photograph may be smaller than asked for: blurs are longer than wide."""

DIM = 0.1
"""Patches darker than this share of their image's peak are not brightened: they stay background."""

REACH = 44
"""Pixels around a patch that its guides are made of: more would cost more than it teaches."""

BLANK = 2.0
"""Peak that the photons of a field without specimen are counted at: large, so that its noise weighs in the loss."""


@dataclass(frozen=True, eq=False)
class Shot:
    """A photograph of a truth."""

    image: Tensor  # (C, Y, X), in light: 0 where there is none
    truth: Tensor  # (C, Y + more, X + more)
    blur: Blur
    photons: float  # of its peak
    offset: float  # see `add_noise`


class PlanePairs:
    """Pairs of planes, photographs or bands.

    Parameters
    ----------
    truths : list of float32 arrays (C, Y, X)
        Brightest structures around 1, dark ones around 0.
    files : int
        How many of them, at the end of the list, come from files.
    files_share : float
        Share of samples from those.
    blank : float
        Share of samples without specimen.
    blurs, noise, guidance :
        See `Blur` and the recipe.
    moving : float
        Share of samples parts of which move in another way than the rest.
    guides : int
        Copies that the network is shown of an image.
    gamma : float
        Exponent between stored values and light: 2.2 for photographs, whose blur happens in light; 1 elsewhere.
    """

    def __init__(
        self,
        truths: list[np.ndarray],
        blurs: list[Blur],
        noise: Noise,
        guidance: Guidance | None,
        *,
        files: int = 0,
        files_share: float = 0.0,
        blank: float = 0.0,
        moving: float = 0.0,
        gamma: float = 1.0,
        guides: int = FILTERED,
    ) -> None:
        self.truths, self.blurs, self.noise, self.guidance = truths, blurs, noise, guidance
        self.files, self.files_share, self.blank = files, files_share, blank
        self.moving, self.gamma = moving, gamma
        self.guides = guides
        self.typical = typical_guides(guides) if guidance and guidance.estimated else {}

    def __len__(self) -> int:
        """Return the number of truths."""
        return len(self.truths)

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Make a pair; ``index`` decides nothing, since truths of files and drawn ones have shares of their own."""
        reach = REACH if self.guidance else 0
        shot = self._photograph(patch + 2 * reach, rng)
        noisy = torch.sign(shot.image) * shot.image.abs() ** (1 / self.gamma) - shot.offset
        image = center(noisy, [patch, patch])  # (C, P, P)
        sharp = center(shot.truth, [patch, patch]) - shot.offset
        return Pair(image, sharp, self._guides(noisy, image, shot.blur, rng), weigh(shot.photons, self.noise))

    def noisy(self, side: int, rng: np.random.Generator) -> tuple[Tensor, float]:
        """Draw one blurred and noisy image (C, side, side), and the cut-off of its blur in cycles a pixel."""
        shot = self._photograph(side + SLACK, rng)
        return center(shot.image, [side, side]), shot.blur.cutoff

    def _guides(self, noisy: Tensor, image: Tensor, blur: Blur, rng: np.random.Generator) -> Tensor | None:
        """Guide by the image and its surroundings; where the network is told nothing, the image stands in."""
        if self.guidance is None:
            return None
        told = self._told(blur, rng)
        if told is None:
            return image.repeat(self.guides, 1, 1)
        return center(told(noisy[:, None]).transpose(0, 1).flatten(0, 1), image.shape[1:])

    def _photograph(self, side: int, rng: np.random.Generator) -> Shot:
        blur = self._choose_blur(rng)
        others = [self._choose_blur(rng)] if rng.random() < self.moving else []
        lost = [max(sides) - 1 for sides in zip(*(b.psf.shape for b in (blur, *others)), strict=True)]
        truth = crop(self._choose(rng), [side + n for n in lost], rng)  # (C, side + k - 1, …)
        blank = rng.random() < self.blank
        if blank:
            truth = np.zeros_like(truth)
        light = torch.from_numpy(truth) ** self.gamma
        clean = blur.apply(light).clamp(min=0)  # (C, side, side) or a little more
        for other in others:
            apart = other.apply(light).clamp(min=0)
            sides = [min(pair) for pair in zip(clean.shape[1:], apart.shape[1:], strict=True)]
            clean = torch.lerp(center(clean, sides), center(apart, sides), patches(sides, rng))
        peak = BLANK if blank else max(float(np.percentile(clean, 99.9)), DIM)
        noisy, photons, offset = add_noise(clean, self.noise, rng, peak)
        return Shot(noisy, torch.from_numpy(truth), blur, photons, offset)

    def _choose_blur(self, rng: np.random.Generator) -> Blur:
        return self.blurs[rng.integers(len(self.blurs))]

    def _told(self, blur: Blur, rng: np.random.Generator) -> Guides | None:
        """Choose what the network is told of the PSF: nothing, an estimate of its width, or itself."""
        assert self.guidance
        chance = rng.random()
        if chance < self.guidance.dropped:
            return None
        if chance < self.guidance.dropped + self.guidance.estimated:
            estimate = np.log(blur.cutoff) + rng.normal(0, self.guidance.estimate_error)
            return self.typical[min(self.typical, key=lambda cutoff: abs(np.log(cutoff) - estimate))]
        return blur.guides

    def _choose(self, rng: np.random.Generator) -> np.ndarray:
        drawn = len(self.truths) - self.files
        from_file = self.files and (not drawn or rng.random() < self.files_share)
        index = drawn + rng.integers(self.files) if from_file else rng.integers(drawn)
        return self.truths[index]


def patches(sides: Sequence[int], rng: np.random.Generator) -> Tensor:
    """Draw a mask of a few large patches with soft borders: (Y, X), 0 … 1."""
    coarse = torch.from_numpy(rng.random((1, 1, 4, 4)).astype(np.float32))
    fine = F.interpolate(coarse, size=tuple(sides), mode="bicubic", align_corners=False)[0, 0]
    return torch.sigmoid(30 * (fine - 0.5))
