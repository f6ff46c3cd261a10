"""Wiener filters of finite support: what the network sees of an image whose PSF is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn import functional as F

STRENGTHS = (0.15, 0.02, 0.003)
"""Noise-to-signal power ratios at `GRAIN`: from the noisiest image worth restoring to the cleanest."""

GRAIN = 0.1
"""The frequency, in cycles a pixel, at which a strength is the noise-to-signal ratio."""

RADIUS = {2: (32, 32), 3: (8, 24, 24)}
"""Reach of the filters in pixels, by the number of dimensions of the PSF."""

SPECTRA_OF_PLANES = 4
"""Shapes of tiles whose spectra are kept: a row of tiles has three."""


class GuideFilters:
    """Filter an image by ``conj(H) / (|H|² + strength · (f / GRAIN)²)``, H the PSF's spectrum, at several strengths.

    That is Wiener's filter (1949) for white noise on an image whose power falls with the square of the frequency f, as
    images' does (Field 1987, doi:10.1364/JOSAA.4.002379): on held-out planes its best strength is 0.2 to 1 dB ahead of
    the best for a white image.

    The kernels are cut to a finite support with a cosine taper, so that a tile with a margin of ``radius`` gives what
    the whole image gives, and sum to one, so that the filtered copies follow every change of gain and offset.

    Parameters
    ----------
    psf : Tensor
        (Y, X) or (Z, Y, X), odd sides, centered, sum 1.
    strengths : sequence of float
        Noise-to-signal power ratios at `GRAIN`.
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
        spectrum = torch.fft.fftn(center_at_origin(psf.double(), shape))
        frequencies = torch.meshgrid(*(torch.fft.fftfreq(side).double() for side in shape), indexing="ij")
        falling = sum(f**2 for f in frequencies) / GRAIN**2  # of the image's power, against the noise
        kernels = [torch.fft.ifftn(spectrum.conj() / (spectrum.abs() ** 2 + s * falling)).real for s in strengths]
        cut = [torch.roll(k, self.radius, axes)[tuple(slice(2 * r + 1) for r in self.radius)] for k in kernels]
        taper = _cosine_taper(self.radius)
        self.kernels = torch.stack([k * taper / (k * taper).sum() for k in cut]).float()
        self._spectra: dict[tuple[int, ...], Tensor] = {}

    def __call__(self, image: Tensor, planes: slice | None = None, check: Callable[[], None] | None = None) -> Tensor:
        """Filter each image of a batch; beyond its border the image is continued by replication.

        Before each strength ``check`` is called, which may raise.

        Parameters
        ----------
        planes : slice, optional
            Of a volume: the planes whose filtered copies are wanted, all by default.

        Shape
        -----
        (N, 1, Y, X) → (N, S, Y, X), or (N, 1, Z, Y, X) → (N, S, planes, Y, X)
        """
        rows, columns = image.shape[-2:]
        reach_y, reach_x = self.radius[-2:]
        # Volumes are transformed plane by plane too: a few products along Z cost less than a third transform.
        flat = F.pad(image.flatten(1, -3), [reach_x, reach_x, reach_y, reach_y], mode="replicate")  # (N, 1 or Z, Y, X)
        shape = tuple(next_fast_len(side, real=True) for side in flat.shape[-2:])
        spectra = self._spectra_at(shape).to(image.device)  # (S, (Z), Y, X/2)
        seen = torch.fft.rfft2(flat, shape)
        inside = (..., slice(2 * reach_y, 2 * reach_y + rows), slice(2 * reach_x, 2 * reach_x + columns))
        filtered = []
        for spectrum in spectra:
            if check:
                check()
            product = seen * spectrum if image.ndim == 4 else _convolve_planes(seen, spectrum, planes)
            filtered.append(torch.fft.irfft2(product, shape)[inside])
        return torch.cat(filtered, 1) if image.ndim == 4 else torch.stack(filtered, 1)

    def _spectra_at(self, shape: tuple[int, ...]) -> Tensor:
        """Transform the kernels' rows and columns to a shape; a run has few, but those of volumes are large."""
        if shape not in self._spectra:
            while len(self._spectra) >= (SPECTRA_OF_PLANES if self.kernels.ndim == 3 else 1):
                self._spectra.pop(next(iter(self._spectra)))
            self._spectra[shape] = torch.fft.rfft2(self.kernels, shape)
        return self._spectra[shape]


def _convolve_planes(seen: Tensor, kernel: Tensor, planes: slice | None) -> Tensor:
    """Convolve along Z what is transformed along Y and X: (N, Z, …), (2·radius + 1, …) → (N, planes, …)."""
    wanted = torch.arange(seen.shape[1], device=seen.device)[planes or slice(None)]
    radius = len(kernel) // 2
    total = torch.zeros_like(seen[:, : len(wanted)])
    for offset, weights in zip(range(radius, -radius - 1, -1), kernel, strict=True):
        total.addcmul_(seen[:, (wanted + offset).clamp(0, seen.shape[1] - 1)], weights)
    return total


def center_at_origin(psf: Tensor, shape: Sequence[int]) -> Tensor:
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
