"""Gaussian windows over two images, a strip that fits the processor's cache at a time, in float64."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from gan_lessons.losses.structure import SIGMA, TAPS

REACH = TAPS // 2
ROWS = 64  # of a strip, whose planes fit a processor's cache: 5 times as fast as whole planes
_GAUSS = [math.exp(-((k - REACH) ** 2) / (2 * SIGMA**2)) for k in range(TAPS)]
WEIGHTS = [weight / sum(_GAUSS) for weight in _GAUSS]


def similarity(x: np.ndarray, y: np.ndarray, data_range: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the maps of the luminance's similarity, of the contrast's and structure's, and where windows are finite.

    Parameters
    ----------
    x, y : float64, (Y, X) or (Z + 10, Y, X)
        Planes are mirrored at their border here, a volume's ends by the caller.

    Returns
    -------
    float64, float64, bool; (Y, X) or (Z, Y, X)
    """
    x, y, known, level = _filled(x, y)
    luminance, structure = np.empty(known.shape), np.empty(known.shape)
    for strip, light, contrast in _strips(x, y, level, data_range):
        luminance[..., strip, :], structure[..., strip, :] = light, contrast
    return luminance, structure, known


def similarity_product(x: np.ndarray, y: np.ndarray, data_range: float) -> tuple[np.ndarray, np.ndarray]:
    """Return both maps of `similarity` multiplied: SSIM's; and where windows are finite."""
    x, y, known, level = _filled(x, y)
    product = np.empty(known.shape)
    for strip, light, contrast in _strips(x, y, level, data_range):
        torch.mul(light, contrast, out=torch.from_numpy(product[..., strip, :]))
    return product, known


def _filled(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Fill what isn't finite; return where windows are, too, and a level less which squares keep their digits."""
    finite = np.isfinite(x) & np.isfinite(y)
    known = finite
    whole = bool(finite.all())
    level = float((y if whole else y[finite]).mean()) if finite.any() else 0.0
    if not whole:
        x, y = (np.where(finite, array, level) for array in (x, y))
        known = ndimage.minimum_filter(finite, TAPS)
    return x, y, known[REACH:-REACH] if x.ndim == 3 else known, level


def _strips(x: np.ndarray, y: np.ndarray, level: float, data_range: float) -> Iterator[tuple[slice, Tensor, Tensor]]:
    height = x.shape[-2]
    for start in range(0, height, ROWS):
        strip = slice(start, min(start + ROWS, height))
        blocks = [_padded(array, strip, level) for array in (x, y)]
        yield strip, *_similarity(*blocks, level=level, data_range=data_range)


def _padded(image: np.ndarray, strip: slice, level: float) -> Tensor:
    """Return a strip less the level, with what its windows meet around it, mirrored at the image's border."""
    height, width = image.shape[-2:]
    around: slice | np.ndarray = slice(strip.start - REACH, strip.stop + REACH)
    if strip.start < REACH or strip.stop + REACH > height:
        around = mirrored(strip.start, strip.stop, height)
    block = torch.empty(*image.shape[:-2], strip.stop - strip.start + 2 * REACH, width + 2 * REACH, dtype=torch.float64)
    torch.sub(torch.from_numpy(image[..., around, :]), level, out=block[..., REACH:-REACH])
    columns = torch.from_numpy(mirrored(0, width, width)) + REACH
    for side in (slice(0, REACH), slice(width + REACH, width + 2 * REACH)):
        block[..., side] = block[..., columns[side]]
    return block


def _similarity(x: Tensor, y: Tensor, *, level: float, data_range: float) -> tuple[Tensor, Tensor]:
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    products, squares = _window(x * y), _window((x * x).addcmul_(y, y))
    x, y = _window(x), _window(y)
    products.addcmul_(x, y, value=-1)  # the covariance
    squares.addcmul_(x, x, value=-1).addcmul_(y, y, value=-1)  # both variances
    structure = products.mul_(2).add_(c2).div_(squares.add_(c2))
    x.add_(level), y.add_(level)
    return (2 * x * y).add_(c1).div_((x * x).addcmul_(y, y).add_(c1)), structure


def _window(x: Tensor) -> Tensor:
    """Average over the Gaussian window, an axis after the other; each becomes 10 shorter."""
    for axis in range(x.ndim):
        valid = x.shape[axis] - TAPS + 1
        mean = x.narrow(axis, REACH, valid) * WEIGHTS[REACH]
        for k in range(TAPS):
            if k != REACH:
                mean.add_(x.narrow(axis, k, valid), alpha=WEIGHTS[k])
        x = mean
    return x


def mirrored(start: int, stop: int, length: int) -> np.ndarray:
    """Return the indices from 5 before ``start`` to 5 behind ``stop``, mirrored at both ends.

    >>> mirrored(0, 2, 11).tolist()
    [4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5, 6]
    """
    places = np.arange(start - REACH, stop + REACH) % (2 * length)
    return np.minimum(places, 2 * length - 1 - places)
