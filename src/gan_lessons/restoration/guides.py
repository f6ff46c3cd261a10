"""All that a network is shown of an image whose PSF is known, or estimated."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gan_lessons.errors import InputError
from gan_lessons.restoration.guidance import STRENGTHS, GuideFilters
from gan_lessons.restoration.guide_iterations import BORDER, COUNTS, GuideIterations
from gan_lessons.restoration.stack_iterations import StackIterations

FILTERED, DECONVOLVED = len(STRENGTHS), len(COUNTS)
"""Number of copies by Wiener filters, and by Richardson and Lucy's iteration."""


class Guides:
    """Filtered copies of an image, and deconvolved ones for networks that take more.

    Parameters
    ----------
    psf : Tensor
        (Y, X) or (Z, Y, X), odd sides, centered, sum 1.
    count : int
        `FILTERED`, or `FILTERED` + `DECONVOLVED`: how many copies the network takes.
    trusted : bool
        Whether the PSF is known. Iterations amplify what is wrong in an estimate, and take time: there the image stands
        in for what they would give.
    border : int
        Pixels by which a plane is continued to be deconvolved; fewer where only its middle counts.

    Attributes
    ----------
    radius : tuple of int
        Pixels that the copies look at around each one, along each axis of the PSF.
    far : bool
        Whether what lies farther changes them still, if little.

    Raises
    ------
    InputError
        If there are no guides of that number.
    """

    def __init__(self, psf: Tensor, count: int, *, trusted: bool = True, border: int = BORDER) -> None:
        if count not in (FILTERED, FILTERED + DECONVOLVED):
            raise InputError(f"{count} guides; expected {FILTERED} or {FILTERED + DECONVOLVED}")
        self.count, self.filters = count, GuideFilters(psf)
        self.iterations: GuideIterations | StackIterations | None = None
        if trusted and count > FILTERED:
            self.iterations = GuideIterations(psf, border) if psf.ndim == 2 else StackIterations(psf)
        self.radius = self.iterations.reach if self.iterations else self.filters.radius
        self.far = isinstance(self.iterations, StackIterations)

    def __call__(self, image: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """Make the copies, calling ``check``, which may raise, now and then.

        Shape
        -----
        (N, 1, Y, X) → (N, count, Y, X), or (N, 1, Z, Y, X) → (N, count, Z, Y, X)
        """
        return torch.cat([self.filters(image, check=check), *self._deconvolved(image, check)], 1)

    def of_planes(self, x: Tensor, planes: slice, check: Callable[[], None] | None = None) -> Tensor:
        """Make the copies of some planes of a volume.

        Shape
        -----
        (Z, S, Y, X) → (planes, count·S, Y, X), the guides' order before the samples'
        """
        if len(self.radius) == 3:
            volume = x[None, None, :, 0]
            more = [copies[:, :, planes] for copies in self._deconvolved(volume, check)]
            return torch.cat([self.filters(volume, planes, check), *more], 1)[0].transpose(0, 1)
        x = x[planes]
        depth, samples, rows, columns = x.shape
        copies = self(x.reshape(-1, 1, rows, columns), check)  # (Z·S, G, Y, X)
        return copies.reshape(depth, samples, -1, rows, columns).transpose(1, 2).flatten(1, 2)

    def _deconvolved(self, image: Tensor, check: Callable[[], None] | None) -> list[Tensor]:
        """Return what comes after the filtered copies: nothing, iterates, or the image in their stead."""
        if self.count == FILTERED:
            return []
        return [self.iterations(image, check) if self.iterations else torch.cat([image] * DECONVOLVED, 1)]
