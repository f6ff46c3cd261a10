"""Structural similarity as losses: SSIM at one scale and at several."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lessons.errors import InputError
from gan_lessons.losses.term import Term, check_pair, mean_per_image

TAPS, SIGMA = 11, 1.5  # Wang et al. 2004, III.B
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang et al. 2003, finest first
_FLOOR = 1e-8  # of a scale's mean: a negative one has no fractional power, and zero no finite gradient


def structural_dissimilarity(image: Tensor, truth: Tensor, data_range: float = 1.0) -> Tensor:
    """Return ``1 - SSIM`` of each image (Wang et al. 2004, doi:10.1109/TIP.2003.819861).

    Gaussian window of 11 pixels and σ = 1.5, population covariance, no padding: a border of 5 pixels isn't seen as a
    window's center. The paper is for gray planes; channels are averaged, and a volume has a window of three axes.

    Parameters
    ----------
    data_range : float
        Largest less least possible value, in the image's units; 2 for images in [-1, 1].

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), in [0, 2]; axes of at least 11 pixels

    >>> structural_dissimilarity(torch.ones(1, 1, 11, 11), torch.ones(1, 1, 11, 11)).abs().item()
    0.0
    """
    image, truth = check_pair("ssim", image, truth, least=TAPS)
    return 1 - mean_per_image(torch.mul(*_similarity(image, truth, data_range)))


def multiscale_dissimilarity(
    image: Tensor, truth: Tensor, data_range: float = 1.0, weights: Sequence[float] = SCALE_WEIGHTS
) -> Tensor:
    """Return ``1 - MS-SSIM`` of each image (Wang et al. 2003, doi:10.1109/ACSSC.2003.1292216).

    Contrast and structure are compared at every scale, luminance at the coarsest; a scale is the mean of 2×2 pixels of
    the one before. The paper is for gray planes; here the channels' values are averaged, a volume's windows have three
    axes. Departure: where a scale's mean is below 1e-8, as for an inverted image, 1e-8 stands in for it.

    Parameters
    ----------
    data_range : float
        Largest less least possible value, in the image's units.
    weights : sequence of float
        Exponent of each scale, finest first; the paper's five by default.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), in [0, 1]; axes of at least ``11·2^(scales - 1)`` pixels, 176 for five scales

    >>> multiscale_dissimilarity(torch.ones(1, 1, 22, 22), torch.ones(1, 1, 22, 22), weights=(0.5, 0.5)).item()
    0.0
    """
    if not weights:
        raise InputError("ms-ssim: there are no scales; expected at least one weight")
    image, truth = check_pair("ms-ssim", image, truth, least=TAPS * 2 ** (len(weights) - 1))
    pool = F.avg_pool2d if image.ndim == 4 else F.avg_pool3d
    similarity = image.new_ones(image.shape[:2])  # (N, C)
    for scale, weight in enumerate(weights):
        image, truth = (pool(image, 2), pool(truth, 2)) if scale else (image, truth)
        luminance, structure = _similarity(image, truth, data_range)
        seen = luminance * structure if scale == len(weights) - 1 else structure
        similarity = similarity * seen.flatten(2).mean(2).clamp(min=_FLOOR) ** weight
    return 1 - similarity.mean(1)


def _similarity(image: Tensor, truth: Tensor, data_range: float) -> tuple[Tensor, Tensor]:
    """Return the maps of the luminance's similarity, and of the contrast's and structure's together."""
    if not (math.isfinite(data_range) and data_range > 0):
        raise InputError(f"ssim: data_range is {data_range:g}; expected a positive number, 1 for images in [0, 1]")
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_x, mean_y = _window(image), _window(truth)
    product, squares = mean_x * mean_y, mean_x**2 + mean_y**2
    covariance = _window(image * truth) - product
    variances = _window(image * image + truth * truth) - squares
    return (2 * product + c1) / (squares + c1), (2 * covariance + c2) / (variances + c2)


def _window(x: Tensor) -> Tensor:
    """Average over the Gaussian window, an axis after the other.

    Sums of slices: here they are quicker than depthwise convolutions, and autocast leaves them in full precision.
    """
    gauss = [math.exp(-((k - TAPS // 2) ** 2) / (2 * SIGMA**2)) for k in range(TAPS)]
    for axis in range(2, x.ndim):
        valid = x.shape[axis] - TAPS + 1
        mean = torch.zeros_like(x.narrow(axis, 0, valid))
        for k, tap in enumerate(gauss):
            mean = torch.add(mean, x.narrow(axis, k, valid), alpha=tap / sum(gauss))
        x = mean
    return x


class SSIM(Term):
    """`structural_dissimilarity` as a module: ``1 - SSIM``, so that less is better."""

    unit_range = True

    def __init__(self, data_range: float = 1.0) -> None:
        super().__init__()
        self.data_range = data_range

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return structural_dissimilarity(image, truth, self.data_range)


class MultiScaleSSIM(Term):
    """`multiscale_dissimilarity` as a module: ``1 - MS-SSIM``, so that less is better."""

    unit_range = True

    def __init__(self, data_range: float = 1.0, weights: Sequence[float] = SCALE_WEIGHTS) -> None:
        super().__init__()
        self.data_range, self.weights = data_range, tuple(weights)

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return multiscale_dissimilarity(image, truth, self.data_range, self.weights)
