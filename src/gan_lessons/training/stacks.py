"""Training samples of stacks: planes seen through their neighbors, and through three-dimensional guide filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_lessons.restoration.guidance import RADIUS
from gan_lessons.training.pairs import WEIGHT, Batch, Blur, add_noise, center, crop
from gan_lessons.training.recipe import Guidance, Noise


@dataclass(frozen=True, eq=False)
class Stack:
    """A truth, what the microscope makes of it before noise, and the PSF between them."""

    truth: Tensor  # (1, Z, Y, X)
    clean: Tensor  # (1, Z, Y, X)
    blur: Blur
    peak: float  # 99.9th percentile of ``clean``


BRIGHTEST = 6.0
"""Of a truth: a few spots twenty times as bright as the 99.9th percentile would otherwise rule the loss."""


def blur_stack(truth: np.ndarray, blur: Blur) -> Stack:
    """Blur a drawn specimen (Z, Y, X) and keep the part that saw the whole PSF."""
    truth = np.minimum(truth, BRIGHTEST)
    clean = blur.apply(torch.from_numpy(truth)[None]).clamp(min=0)
    return Stack(
        center(torch.from_numpy(truth)[None], clean.shape[1:]).clone(), clean, blur, float(np.percentile(clean, 99.9))
    )


class StackPairs:
    """Samples of planes of stacks.

    Parameters
    ----------
    stacks : list of Stack
        Blurred beforehand: a 3D convolution costs more than a training step.
    context : int
        Odd number of planes that the network sees at once.
    blank : float
        Share of samples without specimen.
    """

    def __init__(
        self, stacks: list[Stack], context: int, noise: Noise, guidance: Guidance, *, blank: float = 0.0
    ) -> None:
        self.stacks, self.context, self.noise, self.guidance, self.blank = stacks, context, noise, guidance, blank

    def batch(self, size: int, patch: int, rng: np.random.Generator) -> Batch:
        """Draw ``size`` neighboring planes of one stack."""
        stack = self.stacks[rng.integers(len(self.stacks))]
        reach = RADIUS[3]
        planes = min(size, stack.clean.shape[1] - 2 * reach[0])
        sides = (planes + 2 * reach[0], patch + 2 * reach[1], patch + 2 * reach[2])
        both = torch.cat([stack.truth, stack.clean]).numpy()
        truth, clean = torch.from_numpy(crop(both, sides, rng))  # each (Z, Y, X)
        if rng.random() < self.blank:
            truth, clean = torch.zeros_like(truth), torch.zeros_like(clean)
        noisy, photons, offset = add_noise(clean, self.noise, rng, stack.peak)
        noisy = noisy - offset
        half = self.context // 2
        slab = center(noisy, (planes + 2 * half, patch, patch))
        image = slab.unfold(0, self.context, 1).movedim(-1, 1)  # (planes, context, P, P)
        middle = image[:, half : half + 1]
        guides = middle.repeat(1, 3, 1, 1)
        if stack.blur.filters and rng.random() >= self.guidance.dropped:
            filtered = stack.blur.filters(noisy[None, None])[0]  # (3, Z, Y, X)
            guides = center(filtered, (planes, patch, patch)).transpose(0, 1)
        sharp = center(truth, (planes, patch, patch))[:, None] - offset
        return Batch(image.contiguous(), guides.contiguous(), sharp, torch.full((planes,), photons**WEIGHT))
