"""What blurs a truth: a PSF, and the guides of what the network is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from scipy.fft import next_fast_len
from torch import Tensor

from gan_lessons.restoration.guides import FILTERED, Guides
from gan_lessons.restoration.typical_psf import CUTOFFS, fit_cutoff, typical_psf
from gan_lessons.training.on_the_fly import Guidance

BORDER = 4
"""Pixels by which patches are continued to be deconvolved: they have surroundings of their own (`pairs.REACH`).

With 48, as images are restored, the patch differs by 2e-6 of its deviation in the median, by 0.6 % for the widest PSF.
"""


@dataclass(frozen=True, eq=False)
class Blur:
    """A PSF, and the guides of what the network is told of it."""

    psf: Tensor  # (Y, X) or (Z, Y, X), odd
    guides: Guides | None = None
    cutoff: float = 0.0  # of the typical PSF nearest to it

    def apply(self, truth: Tensor) -> Tensor:
        """Convolve (C, …) where the PSF lies wholly inside the truth: each axis loses its side less one."""
        axes = tuple(range(-self.psf.ndim, 0))
        shape = [next_fast_len(side, real=True) for side in truth.shape[1:]]
        product = torch.fft.rfftn(truth, shape, dim=axes) * torch.fft.rfftn(self.psf, shape, dim=axes)
        inside = tuple(slice(k - 1, side) for k, side in zip(self.psf.shape, truth.shape[1:], strict=True))
        return torch.fft.irfftn(product, shape, dim=axes)[(..., *inside)]


def make_blurs(
    psfs: Sequence[np.ndarray], guidance: Guidance | None, rng: np.random.Generator, count: int = FILTERED
) -> list[Blur]:
    """Prepare each PSF and its ``count`` guides."""
    blurs = []
    for psf in psfs:
        guides = told_guides(psf, guidance, rng, count) if guidance else None
        cutoff = fit_cutoff(psf) if guidance and guidance.estimated else 0.0
        blurs.append(Blur(torch.from_numpy(psf.astype(np.float32)), guides, cutoff))
    return blurs


def told_guides(psf: np.ndarray, guidance: Guidance, rng: np.random.Generator, count: int) -> Guides:
    """Prepare ``count`` guides of a PSF as it is told: half of the time its width is a little wrong."""
    error = rng.uniform(-1, 1) * guidance.width_error if rng.random() < 0.5 else 0.0
    return Guides(torch.from_numpy(widen(psf, 1 + error)), count, border=BORDER)


def typical_guides(count: int) -> dict[float, Guides]:
    """Prepare guides for typical PSFs of all widths, 9 % apart."""
    steps = int(np.log(CUTOFFS[1] / CUTOFFS[0]) / 0.09)
    cutoffs = np.geomspace(*CUTOFFS, steps)
    return {float(c): Guides(torch.from_numpy(typical_psf(c)), count, trusted=False) for c in cutoffs}


def widen(psf: np.ndarray, factor: float) -> np.ndarray:
    """Return the PSF magnified laterally about its center on the same grid, sum 1."""
    scale = np.array([1.0, 1 / factor, 1 / factor][-psf.ndim :])
    center = (np.array(psf.shape) - 1) / 2
    wide = ndimage.affine_transform(psf, scale, offset=center - scale * center, order=1)
    return (wide / wide.sum()).astype(np.float32)
