"""A few steps of Richardson–Lucy, accelerated: what positivity alone makes of an image whose PSF is known."""

from __future__ import annotations

from collections.abc import Callable

import torch
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.restoration.guidance import center_at_origin

COUNTS = (6, 20)
"""Iterations: a little, and as much as a hundred plain ones do."""

REACH = 96
"""Pixels beyond which nothing changes the last iterate by more than 1e-5 of the range, for PSFs of up to 61 pixels."""

BORDER = 48
"""Pixels by which the image is continued, so that opposite borders don't meet in the periodic transform."""

FLOOR = 0.02
"""Of the range: is added to image and model alike, as read noise would be (Snyder et al. 1993)."""


class GuideIterations:
    """Deconvolve with Richardson and Lucy's iteration, Nesterov's momentum and no other prior than positivity.

    Where few spots stand on a dark ground, positivity brings back frequencies that the PSF removed and no linear filter
    can: there 20 of these steps were 0.3 to 1.7 dB ahead of a network that was guided by filters alone. The momentum's
    schedule is fixed, so that a tile gives what the whole image gives.

    Parameters
    ----------
    psf : Tensor
        (Y, X), odd sides, centered, sum 1.
    border : int
        Pixels by which the image is continued; fewer where only its middle counts.

    Shape
    -----
    normalized image (N, 1, Y, X) → (N, len(COUNTS), Y, X)
    """

    reach = (REACH, REACH)

    def __init__(self, psf: Tensor, border: int = BORDER) -> None:
        self.psf, self.border = psf.float(), border

    def __call__(self, image: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """Deconvolve each image of a batch; beyond its border the image is continued by replication.

        Before each step ``check`` is called, which may raise.
        """
        (rows, columns), border = image.shape[-2:], self.border
        shape = [next_fast_len(side + 2 * border, real=True) for side in (rows, columns)]
        more = [wanted - side - border for wanted, side in zip(shape, (rows, columns), strict=True)]
        image = F.pad(image, [border, more[1], border, more[0]], mode="replicate")
        transfer = torch.fft.rfft2(center_at_origin(self.psf, shape)).to(image.device)

        def filtered(x: Tensor, spectrum: Tensor) -> Tensor:
            return torch.fft.irfft2(torch.fft.rfft2(x) * spectrum, shape)

        seen = (image + FLOOR).clamp(min=0)
        ahead = last = image.clamp(min=0.01)
        kept = []
        for step in range(1, COUNTS[-1] + 1):
            if check:
                check()
            ratio = seen / (filtered(ahead, transfer) + FLOOR).clamp(min=1e-3)
            now = ahead * filtered(ratio, transfer.conj())
            ahead = (now + (step - 1) / (step + 2) * (now - last)).clamp(min=1e-4)
            last = now
            if step in COUNTS:
                kept.append(now[..., border : border + rows, border : border + columns])
        return torch.cat(kept, 1)
