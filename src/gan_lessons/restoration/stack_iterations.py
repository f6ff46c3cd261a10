"""Steps of Richardson–Lucy for a stack, accelerated: what positivity and all its planes together make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from gan_lessons.restoration.guidance import center_at_origin
from gan_lessons.restoration.guide_iterations import FLOOR
from gan_lessons.restoration.richardson_lucy import HARDLY_SEEN

STACK_COUNTS = (10, 24)
"""Iterations: best for about 30 photons, and for about 300; as much as 40 and 130 plain ones do."""

START = 0.1
"""Of the range: where the iteration begins. The image would leave its noise where the PSF lets nothing through."""


STACK_REACH = (32, 64, 64)
"""Planes, rows and columns beyond which the last iterate changes by up to 0.6 % of the range, and never by nothing."""


class StackIterations:
    """Deconvolve a volume with Richardson and Lucy's iteration, Nesterov's momentum and an open boundary.

    A network that sees five planes can't know what the others say of the missing cone; these steps do. On held-out
    stacks the better of the two was between 0.3 dB behind and 0.9 dB ahead of the best of 200 plain ones.

    Parameters
    ----------
    psf : Tensor
        (Z, Y, X), odd sides, centered, sum 1.

    Shape
    -----
    normalized volume (N, 1, Z, Y, X) → (N, len(STACK_COUNTS), Z, Y, X)
    """

    reach = STACK_REACH

    def __init__(self, psf: Tensor) -> None:
        self.psf = psf.float()

    def __call__(self, image: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """Deconvolve each volume of a batch; light from beyond its border is estimated too (Bertero & Boccacci 2005).

        Before each step ``check`` is called, which may raise.
        """
        sides = image.shape[-3:]
        grid = [next_fast_len(side + k - 1, real=True) for side, k in zip(sides, self.psf.shape, strict=True)]
        transfer = torch.fft.rfftn(center_at_origin(self.psf, grid)).to(image.device)
        inside: tuple[Any, ...] = (..., *(slice(side) for side in sides))

        def filtered(x: Tensor, spectrum: Tensor) -> Tensor:
            return torch.fft.irfftn(torch.fft.rfftn(x, dim=(-3, -2, -1)).mul_(spectrum), grid, dim=(-3, -2, -1))

        seen = image.new_zeros(*image.shape[:2], *grid)
        seen[inside] = 1
        weight = filtered(seen, transfer.conj())
        weight = torch.where(weight > HARDLY_SEEN, weight, torch.inf)  # what isn't seen stays dark
        seen[inside] = (image + FLOOR).clamp(min=0)
        ahead = START * (weight < torch.inf)
        last = ahead.clone()
        kept = []
        for step in range(1, STACK_COUNTS[-1] + 1):
            if check:
                check()
            blurred = filtered(ahead, transfer).add_(FLOOR).clamp_(min=1e-3)
            now = filtered(torch.div(seen, blurred, out=blurred), transfer.conj()).mul_(ahead).div_(weight)
            momentum = (step - 1) / (step + 2)
            ahead = last.sub_(now).mul_(-momentum).add_(now).clamp_(min=1e-4)  # in place: volumes are large
            last = now
            if step in STACK_COUNTS:
                kept.append(now[inside].clone())
        return torch.cat(kept, 1)
