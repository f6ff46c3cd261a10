"""Training samples of stacks: photographs of drawn specimens, and all that a network is shown of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_lessons.data.pair import Pair
from gan_lessons.image import Normalization, measure_normalization
from gan_lessons.restoration.blur_estimate import estimate_cutoff
from gan_lessons.restoration.guides import Guides
from gan_lessons.restoration.typical_psf import typical_psf
from gan_lessons.training.blurs import Blur, told_guides
from gan_lessons.training.on_the_fly import Guidance, Noise
from gan_lessons.training.photograph import add_noise, center, crop, weigh
from gan_lessons.zoo.gauge import BlurGauge

BRIGHTEST = 6.0
"""Of a truth: a few spots twenty times as bright as the 99.9th percentile would otherwise rule the loss."""

PLANES = 8
"""Of a pair: neighboring planes share what is computed of them."""


@dataclass(frozen=True, eq=False)
class Stack:
    """A photograph in the network's range, and all that belongs to it; in half precision, since there are many."""

    image: Tensor  # (1, Z, Y, X)
    truth: Tensor  # (1, Z, Y, X)
    told: Tensor  # (G, Z, Y, X), guides of its PSF, or of one that is a little wrong
    guessed: Tensor  # (G, Z, Y, X), guides of a typical PSF as wide as its middle plane seems blurred
    weight: float


def confine(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Keep a sheet of 1 to 16 planes of a specimen (Z, Y, X), brought to the range that it had; the rest is empty.

    From volumes full of structure a network learns that haze comes from everywhere, and dims what lies in one sheet.
    """
    half = np.exp(rng.uniform(np.log(0.5), np.log(8)))
    middle = len(truth) / 2 + rng.uniform(-8, 8)
    depth = np.abs(np.arange(len(truth)) - middle) / half
    sheet = truth * (1 / (1 + np.exp(np.clip((depth - 1) * 6, -30, 30))))[:, None, None]
    return (sheet / max(float(np.percentile(sheet[depth < 1.5], 99.5)), 1e-3)).astype(np.float32)


def photograph_stack(
    truth: np.ndarray,
    psf: np.ndarray,
    noise: Noise,
    guidance: Guidance,
    gauge: BlurGauge,
    guides: int,
    rng: np.random.Generator,
) -> Stack:
    """Blur a specimen (Z, Y, X), 0 for a blank one, keep what saw the whole PSF, count photons, and make the guides.

    Once for all its patches: the iterations of a whole stack take as long as five training steps.
    """
    blank = not truth.any()
    truth = np.minimum(truth, BRIGHTEST)
    clean = Blur(torch.from_numpy(psf)).apply(torch.from_numpy(truth)[None])[0].clamp(min=0)
    noisy, photons, _ = add_noise(clean, noise, rng, 1.0 if blank else float(np.percentile(clean, 99.9)))
    normalization = measure_normalization(noisy.numpy())
    image = torch.from_numpy(normalization.apply(noisy.numpy()))
    sharp = torch.from_numpy(normalization.apply(center(truth, clean.shape)))
    told = told_guides(psf, guidance, rng, guides)
    cutoff = estimate_cutoff(noisy.numpy()[None, :, None], gauge)
    guessed = Guides(torch.from_numpy(typical_psf(cutoff)), guides, trusted=False)
    return Stack(
        image[None].half(),
        sharp[None].half(),
        _all_planes(told, image),
        _all_planes(guessed, image),
        weigh(photons, noise) * _importance(normalization, blank),
    )


def _importance(normalization: Normalization, blank: bool) -> float:
    """Let errors count in the truth's units: in those of the image a hazy stack would outweigh all others."""
    return 1.0 if blank else 2 * normalization.scale


def _all_planes(guides: Guides, image: Tensor) -> Tensor:
    return guides.of_planes(image[:, None], slice(len(image))).transpose(0, 1).half()


class StackPairs:
    """Pairs of slabs: neighboring planes of a stack, each seen with the planes around it.

    Parameters
    ----------
    stacks : list of Stack
    context : int
        Odd number of planes that the network sees at once.
    guidance : Guidance
        ``estimated`` is the share of pairs whose PSF isn't told.
    """

    def __init__(self, stacks: list[Stack], context: int, guidance: Guidance) -> None:
        self.stacks, self.context, self.guidance = stacks, context, guidance

    def __len__(self) -> int:
        """Return the number of stacks."""
        return len(self.stacks)

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Cut a slab out of a stack: images (context, planes, P, P), guides (G, planes, P, P), truth (1, …)."""
        stack = self.stacks[index]
        guides = stack.guessed if rng.random() < self.guidance.estimated else stack.told
        half, depth = self.context // 2, stack.image.shape[1]
        planes = min(PLANES, depth)
        first = rng.integers(depth - planes + 1)
        around = np.clip(np.arange(first - half, first + planes + half), 0, depth - 1)  # ends go on, as in `Restorer`
        together = torch.cat([part[:, around] for part in (stack.image, stack.truth, guides)]).numpy()
        slab = torch.from_numpy(crop(together, (patch, patch), rng)).float()
        image = slab[0].unfold(0, self.context, 1).movedim(-1, 0)  # (context, planes, P, P)
        inner = slab[1:, half : half + planes]
        return Pair(image.contiguous(), inner[:1].contiguous(), inner[1:].contiguous(), stack.weight)
