"""All that a network is shown of an image whose PSF is known, or estimated."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gan_lessons.errors import InputError
from gan_lessons.restoration.guidance import STRENGTHS, GuideFilters
from gan_lessons.restoration.guide_iterations import COUNTS, REACH, GuideIterations

FILTERED, DECONVOLVED = len(STRENGTHS), len(COUNTS)
"""Number of copies by Wiener filters, and by Richardson and Lucy's iteration."""


class Guides:
    """Filtered copies of an image, and deconvolved ones for networks that take more.

    Parameters
    ----------
    psf : Tensor
        (Y, X) or (Z, Y, X), odd sides, centered, sum 1.
    count : int
        `FILTERED`, or for planes `FILTERED` + `DECONVOLVED`: how many copies the network takes.
    trusted : bool
        Whether the PSF is known. Iterations amplify what is wrong in an estimate, and take time: there the image stands
        in for what they would give.

    Attributes
    ----------
    radius : tuple of int
        Pixels that the copies look at around each one, along each axis of the PSF.

    Raises
    ------
    InputError
        If there are no guides of that number.
    """

    def __init__(self, psf: Tensor, count: int, *, trusted: bool = True) -> None:
        known = (FILTERED, FILTERED + DECONVOLVED) if psf.ndim == 2 else (FILTERED,)
        if count not in known:
            raise InputError(f"{count} guides for a PSF of {psf.ndim} axes; expected {' or '.join(map(str, known))}")
        self.count, self.filters = count, GuideFilters(psf)
        self.iterations = GuideIterations(psf) if trusted and count > FILTERED else None
        self.radius = (REACH, REACH) if self.iterations else self.filters.radius

    def __call__(self, image: Tensor, planes: slice | None = None, check: Callable[[], None] | None = None) -> Tensor:
        """Make the copies, calling ``check``, which may raise, now and then.

        Shape
        -----
        (N, 1, Y, X) → (N, count, Y, X), or (N, 1, Z, Y, X) → (N, count, planes, Y, X)
        """
        filtered = self.filters(image, planes)
        if self.count == FILTERED:
            return filtered
        more = self.iterations(image, check) if self.iterations else image.repeat(1, self.count - FILTERED, 1, 1)
        return torch.cat([filtered, more], 1)

    def of_planes(self, x: Tensor, planes: slice, check: Callable[[], None] | None = None) -> Tensor:
        """Make the copies of some planes of a volume.

        Shape
        -----
        (Z, S, Y, X) → (planes, count·S, Y, X), the guides' order before the samples'
        """
        if len(self.radius) == 3:
            return self(x[None, None, :, 0], planes)[0].transpose(0, 1)
        x = x[planes]
        depth, samples, rows, columns = x.shape
        copies = self(x.reshape(-1, 1, rows, columns), check=check)  # (Z·S, G, Y, X)
        return copies.reshape(depth, samples, -1, rows, columns).transpose(1, 2).flatten(1, 2)
