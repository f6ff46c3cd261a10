"""Wiener filters of finite support: what the network sees of an image whose PSF is known."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn import functional as F

STRENGTHS = (0.1, 0.01, 0.001)
"""Noise-to-signal power ratios of the filters: from the noisiest image worth restoring to the cleanest."""

RADIUS = {2: (32, 32), 3: (8, 24, 24)}
"""Reach of the filters in pixels, by the number of dimensions of the PSF."""


class GuideFilters:
    """Filter an image by ``conj(H) / (|H|² + strength)``, H the PSF's spectrum (Wiener 1949), at several strengths.

    The kernels are cut to a finite support with a cosine taper, so that a tile with a margin of ``radius`` gives what
    the whole image gives, and sum to one, so that the filtered copies follow every change of gain and offset.

    Parameters
    ----------
    psf : Tensor
        (Y, X) or (Z, Y, X), odd sides, centered, sum 1.
    strengths : sequence of float
        Noise-to-signal power ratios.
    radius : sequence of int, optional
        Reach along each axis; `RADIUS` by default.

    Attributes
    ----------
    kernels : Tensor
        (S, 2·radius + 1 along each axis), float32.
    """

    def __init__(
        self, psf: Tensor, strengths: Sequence[float] = STRENGTHS, radius: Sequence[int] | None = None
    ) -> None:
        self.radius = tuple(radius or RADIUS[psf.ndim])
        # The kernels' tails fall off slowly where noise is low: a grid twice as wide keeps them from wrapping round.
        shape = [max(4 * r, 2 * side) for r, side in zip(self.radius, psf.shape, strict=True)]
        axes = tuple(range(psf.ndim))
        spectrum = torch.fft.fftn(_center_at_origin(psf.double(), shape))
        kernels = [torch.fft.ifftn(spectrum.conj() / (spectrum.abs() ** 2 + s)).real for s in strengths]
        cut = [torch.roll(k, self.radius, axes)[tuple(slice(2 * r + 1) for r in self.radius)] for k in kernels]
        taper = _cosine_taper(self.radius)
        self.kernels = torch.stack([k * taper / (k * taper).sum() for k in cut]).float()
        self._spectra: dict[tuple[int, ...], Tensor] = {}

    def __call__(self, image: Tensor) -> Tensor:
        """Filter each image of a batch; beyond its border the image is continued by replication.

        Shape
        -----
        (N, 1, (Z), Y, X) → (N, S, (Z), Y, X)
        """
        sides = image.shape[2:]
        axes = tuple(range(-len(sides), 0))
        padded = F.pad(image, [r for r in reversed(self.radius) for _ in range(2)], mode="replicate")
        shape = tuple(next_fast_len(side, real=True) for side in padded.shape[2:])
        spectra = self._spectra_at(shape).to(image.device)
        image_spectrum = torch.fft.rfftn(padded, shape, dim=axes)
        inside = tuple(slice(2 * r, 2 * r + side) for r, side in zip(self.radius, sides, strict=True))
        filtered = [torch.fft.irfftn(image_spectrum * s, shape, dim=axes)[(..., *inside)] for s in spectra]
        return torch.cat(filtered, 1)

    def _spectra_at(self, shape: tuple[int, ...]) -> Tensor:
        """Transform the kernels to a shape, once: a run has few different tiles."""
        if shape not in self._spectra:
            self._spectra[shape] = torch.fft.rfftn(self.kernels, shape, dim=tuple(range(-len(shape), 0)))
        return self._spectra[shape]


def _center_at_origin(psf: Tensor, shape: Sequence[int]) -> Tensor:
    """Embed a centered PSF into zeros, its center at index 0 of every axis."""
    grid = torch.zeros(*shape, dtype=psf.dtype)
    grid[tuple(slice(side) for side in psf.shape)] = psf
    return torch.roll(grid, [-(side // 2) for side in psf.shape], tuple(range(psf.ndim)))


def _cosine_taper(radius: Sequence[int]) -> Tensor:
    """Return 1 over the inner half of each axis, falling to 0 just outside the support."""
    taper = torch.ones((), dtype=torch.float64)
    for r in radius:
        distance = torch.arange(-r, r + 1, dtype=torch.float64).abs() / (r + 1)  # 0 … < 1
        side = 0.5 + 0.5 * torch.cos(torch.pi * ((distance - 0.5) * 2).clamp(0, 1))
        taper = taper[..., None] * side
    return taper
