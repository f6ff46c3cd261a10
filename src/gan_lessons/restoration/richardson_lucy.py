"""Richardson–Lucy deconvolution (Richardson 1972, Lucy 1974) with an open boundary, plain and with total variation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from gan_lessons.restoration.guidance import center_at_origin

HARDLY_SEEN = 0.01
"""Pixels beyond the border whose light reaches the image with less than this share aren't estimated."""


def richardson_lucy(
    image: Tensor,
    psf: Tensor,
    iterations: int,
    *,
    background: float = 0.0,
    tv: float = 0.0,
    boundary: Literal["open", "zero"] = "open",
    valid: Tensor | None = None,
) -> Tensor:
    """Return the last of `richardson_lucy_iterates`.

    >>> richardson_lucy(torch.ones(5, 5), torch.ones(1, 1), iterations=3).mean().item()
    1.0
    """
    iterates = richardson_lucy_iterates(image, psf, background=background, tv=tv, boundary=boundary, valid=valid)
    return next(islice(iterates, iterations - 1, None))


def richardson_lucy_iterates(
    image: Tensor,
    psf: Tensor,
    *,
    background: float = 0.0,
    tv: float = 0.0,
    boundary: Literal["open", "zero"] = "open",
    valid: Tensor | None = None,
) -> Iterator[Tensor]:
    """Yield the estimate after each iteration, without end.

    ``x ← x / (Hᵀm − tv·div(∇x/|∇x|)) · Hᵀ(m·y / (H x + background))``: H blurs, m is 1 where there is data.

    Parameters
    ----------
    image : Tensor, (…, Y, X) or (…, Z, Y, X)
        Counts ≥ 0 (what is negative counts as 0), float32 or float64; leading axes are images by themselves.
    psf : Tensor, (Y, X) or (Z, Y, X)
        Odd sides, centered, sum 1. Its number of axes says which axes of the image are blurred.
    background : float
        Known constant light (and offset) in the image, in its units; the result is without it.
    tv : float
        Strength of total variation (Dey et al. 2006, doi:10.1002/jemt.20294), 0.002 there; above 0.1 it isn't stable.
    boundary : {"open", "zero"}
        ``"open"`` estimates also the light beyond the border that the PSF brings into the image (Bertero & Boccacci
        2005, doi:10.1051/0004-6361:20052717), so that edges don't ring; ``"zero"`` says that there is none.
    valid : Tensor of bool, optional
        Where the image has data, same shape; elsewhere the estimate is what its surroundings tell.
    """
    sides, axes = image.shape[-psf.ndim :], tuple(range(-psf.ndim, 0))
    inside: tuple[Any, ...] = (..., *(slice(side) for side in sides))
    # The grid has room for one reach of the PSF on each side, where it is periodic.
    grid = [next_fast_len(side + k - 1, real=True) for side, k in zip(sides, psf.shape, strict=True)]
    transfer = torch.fft.rfftn(center_at_origin(psf.to(image.dtype), grid).to(image.device))

    def convolve(x: Tensor, transfer: Tensor) -> Tensor:
        return torch.fft.irfftn(torch.fft.rfftn(x, dim=axes) * transfer, grid, dim=axes)

    mask = image.new_zeros(*image.shape[: -psf.ndim], *grid)
    mask[inside] = 1.0 if valid is None else valid.to(image.dtype)
    data = torch.zeros_like(mask)
    data[inside] = image.clamp(min=0) if valid is None else torch.where(valid, image.clamp(min=0), 0)
    # What an FFT rounds to: no blurred light is less.
    faint = data.amax(axes, keepdim=True).clamp(min=torch.finfo(image.dtype).tiny) * torch.finfo(image.dtype).eps

    weight = convolve(mask, transfer.conj()) if boundary == "open" else torch.ones_like(mask)
    x = torch.ones_like(mask) if boundary == "open" else mask
    mean = data.sum(axes, keepdim=True) / mask.sum(axes, keepdim=True).clamp(min=1)
    x = torch.where(weight > HARDLY_SEEN, x * torch.maximum(mean - background, 0.01 * mean), 0)
    while True:
        ratio = data / convolve(x, transfer).add_(background).clamp_(min=faint)
        correction = convolve(ratio, transfer.conj()).clamp_(min=0)
        denominator = weight - tv * _curvature(x, axes, faint) if tv else weight
        x = x * correction / denominator.clamp(min=HARDLY_SEEN)
        yield x[inside]


def _curvature(x: Tensor, axes: tuple[int, ...], faint: Tensor) -> Tensor:
    """Return div(∇x / |∇x|) on the periodic grid, its step 1 along every axis."""
    slopes = [torch.roll(x, -1, axis) - x for axis in axes]
    length = sum((slope**2 for slope in slopes), faint**2).sqrt()
    divergence = torch.zeros_like(x)
    for slope, axis in zip(slopes, axes, strict=True):
        direction = slope / length
        divergence += direction - torch.roll(direction, 1, axis)
    return divergence
