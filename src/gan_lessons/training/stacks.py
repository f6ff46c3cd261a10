"""Training samples of stacks: planes seen through their neighbors, and through three-dimensional guide filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_lessons.data.pair import Pair
from gan_lessons.restoration.guidance import RADIUS
from gan_lessons.training.blurs import Blur
from gan_lessons.training.on_the_fly import Guidance, Noise
from gan_lessons.training.photograph import add_noise, center, crop, weigh


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


PLANES = 8
"""Of a pair: filtering a slab costs little more than filtering one plane with what it needs around it."""


class StackPairs:
    """Pairs of slabs: neighboring planes of a stack, each seen with the planes around it.

    Parameters
    ----------
    stacks : list of Stack
        Blurred beforehand: a 3D convolution costs more than a training step.
    context : int
        Odd number of planes that the network sees at once.
    blank : float
        Share of pairs without specimen.
    """

    def __init__(
        self, stacks: list[Stack], context: int, noise: Noise, guidance: Guidance, *, blank: float = 0.0
    ) -> None:
        self.stacks, self.context, self.noise, self.guidance, self.blank = stacks, context, noise, guidance, blank

    def __len__(self) -> int:
        """Return the number of stacks."""
        return len(self.stacks)

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        """Photograph a slab of a stack: images (context, planes, P, P), guides (3, planes, P, P), truth (1, …)."""
        stack = self.stacks[index]
        reach = RADIUS[3]
        planes = min(PLANES, stack.clean.shape[1] - 2 * reach[0])
        sides = (planes + 2 * reach[0], patch + 2 * reach[1], patch + 2 * reach[2])
        both = torch.cat([stack.truth, stack.clean]).numpy()
        truth, clean = torch.from_numpy(crop(both, sides, rng))  # each (Z, Y, X)
        if rng.random() < self.blank:
            truth, clean = torch.zeros_like(truth), torch.zeros_like(clean)
        noisy, photons, offset = add_noise(clean, self.noise, rng, stack.peak)
        noisy = noisy - offset
        half = self.context // 2
        slab = center(noisy, (planes + 2 * half, patch, patch))
        image = slab.unfold(0, self.context, 1).movedim(-1, 0)  # (context, planes, P, P)
        guides = image[half].repeat(3, 1, 1, 1)
        if stack.blur.guides and rng.random() >= self.guidance.dropped:
            guides = center(stack.blur.guides(noisy[None, None])[0], (planes, patch, patch))
        sharp = center(truth, (planes, patch, patch))[None] - offset
        return Pair(image.contiguous(), sharp, guides.contiguous(), weigh(photons, self.noise))
