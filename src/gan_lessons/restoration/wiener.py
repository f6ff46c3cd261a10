"""Wiener deconvolution (Wiener 1949) of an image continued smoothly beyond its border."""

from __future__ import annotations

from typing import Literal

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from gan_lessons.restoration.guidance import center_at_origin


def wiener(
    image: Tensor, psf: Tensor, noise_to_signal: float, *, boundary: Literal["reflect", "periodic"] = "reflect"
) -> Tensor:
    """Filter by ``conj(H) / (|H|² + noise_to_signal)``, H the PSF's spectrum; the mean stays as it is.

    Parameters
    ----------
    image : Tensor, (…, Y, X) or (…, Z, Y, X)
        Any units, float32 or float64; leading axes are images by themselves.
    psf : Tensor, (Y, X) or (Z, Y, X)
        Odd sides, centered, sum 1. Its number of axes says which axes of the image are blurred.
    noise_to_signal : float
        Ratio of the powers of noise and signal, > 0: about 0.1 where noise is strong, 0.001 where it is weak.
    boundary : {"reflect", "periodic"}
        ``"reflect"`` lets one border's mirror image fade into the other's, so that edges don't ring.

    >>> wiener(torch.full((4, 4), 7.0), torch.ones(1, 1), 0.1).mean().item()
    7.0
    """
    axes = tuple(range(-psf.ndim, 0))
    sides = image.shape[-psf.ndim :]
    mean = image.mean(axes, keepdim=True)
    x = image - mean
    if boundary == "reflect":
        for axis, side, reach in zip(axes, sides, psf.shape, strict=True):
            x = _close_circle(x, axis, next_fast_len(side + 2 * reach, real=True))
    grid = x.shape[-psf.ndim :]
    transfer = torch.fft.rfftn(center_at_origin(psf.to(image.dtype), grid).to(image.device))
    gain = transfer.conj() / (transfer.abs() ** 2 + noise_to_signal)
    restored = torch.fft.irfftn(torch.fft.rfftn(x, dim=axes) * gain, grid, dim=axes)
    return restored[(..., *(slice(side) for side in sides))] + mean


def _close_circle(x: Tensor, axis: int, length: int) -> Tensor:
    """Lengthen an axis so that its end leads back to its beginning: two mirror images, one fading into the other."""
    side = x.shape[axis]
    steps = torch.arange(length - side, device=x.device)
    after = x.index_select(axis, _mirror(side + steps, side))
    before = x.index_select(axis, _mirror(steps - len(steps), side))
    fade = 0.5 + 0.5 * torch.cos(torch.pi * (steps + 0.5).to(x.dtype) / len(steps))
    fade = fade.reshape(-1, *[1] * (-axis - 1))
    return torch.cat([x, after * fade + before * (1 - fade)], axis)


def _mirror(index: Tensor, side: int) -> Tensor:
    """Fold indices of any size into 0 … side − 1 as two facing mirrors do."""
    index = index % (2 * side)
    return torch.minimum(index, 2 * side - 1 - index)
