"""Estimate how blurred a layer is where nobody says what its optics were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from gan_lessons.restoration.statistics import middle_of
from gan_lessons.restoration.typical_psf import CUTOFFS, typical_psf
from gan_lessons.zoo.gauge import BLOCK, BlurGauge

if TYPE_CHECKING:
    from gan_lessons.image import Array
    from gan_lessons.zoo import Model

SIDE = 256  # pixels of the parts that are looked at
MOST = 4  # of them, one in four, those with most contrast: on planes of 320 pixels more were no better
OWN = "the model's own, measured from the pairs that it was fine-tuned on"
LARGEST = 2048  # pixels a side of what is read of that plane


def estimate_missing(kernels: list[np.ndarray | None], model: Model, middles: Sequence[np.ndarray]) -> list[str]:
    """Put the model's own PSF, or a typical one, as wide as the image seems blurred, where none was given.

    Says of each where it is from.

    Parameters
    ----------
    kernels : list of (Y, X) arrays or None
        By channel; is changed.
    middles : sequence of (Y, X) arrays
        By channel, as `middle_of` reads up to `LARGEST` pixels a side.
    """
    origins = ["none" if kernel is None else "given" for kernel in kernels]
    for channel, kernel in enumerate(kernels):
        if kernel is None and model.psf is not None:
            kernels[channel], origins[channel] = model.psf.numpy(), OWN
        elif kernel is None and model.gauge:
            cutoff = cutoff_of(middles[channel], model.gauge)
            kernels[channel] = typical_psf(cutoff)
            origins[channel] = f"estimated: transfer 1/e at {cutoff:.3f} cycles a pixel"
    return origins


def estimate_cutoff(channel: Array, gauge: BlurGauge, nodata: float | None = None) -> float:
    """Return the cut-off of the typical PSF that blurred a channel, in cycles a pixel.

    Parameters
    ----------
    channel : array, (T, Z, S, Y, X)
        The middle of its middle plane is read, all of it up to `LARGEST` pixels a side.
    """
    return cutoff_of(middle_of(channel, LARGEST, nodata), gauge)


def cutoff_of(plane: np.ndarray, gauge: BlurGauge) -> float:
    """Return the same of a plane (Y, X) without gaps."""
    parts = _busiest((plane - np.median(plane)).astype(np.float32))
    with torch.inference_mode():
        estimates = gauge(torch.from_numpy(np.stack(parts))[:, None])  # (N, 2)
    certainty = torch.softmax(-estimates[:, 1], 0)
    return float(torch.exp((estimates[:, 0] * certainty).sum()).clamp(*CUTOFFS))


def _busiest(plane: np.ndarray) -> list[np.ndarray]:
    """Cut the parts with most contrast, all of one shape; a small image is continued by reflection."""
    short = [(0, max(0, BLOCK - side)) for side in plane.shape]
    plane = np.pad(plane, short, mode="symmetric")
    height, width = (min(SIDE, side) for side in plane.shape)
    starts = [(y, x) for y in _starts(plane.shape[0], height) for x in _starts(plane.shape[1], width)]
    parts = sorted((plane[y : y + height, x : x + width] for y, x in starts), key=np.std)
    return parts[-min(MOST, -(-len(parts) // 4)) :]


def _starts(length: int, side: int) -> list[int]:
    """Spread windows evenly over a length."""
    count = -(-length // side)
    return [round(i * (length - side) / max(1, count - 1)) for i in range(count)]
