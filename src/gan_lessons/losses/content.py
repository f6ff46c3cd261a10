"""Content losses: how far a restored image is from its truth, pixel by pixel and structure by structure."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def charbonnier(image: Tensor, truth: Tensor, epsilon: float = 1e-3) -> Tensor:
    """Return ``sqrt(error² + epsilon²) - epsilon`` averaged over each image (Charbonnier et al. 1994).

    Quadratic for errors far below ``epsilon``, where it estimates the mean and keeps the flux; absolute far above.

    Shape
    -----
    (N, C, H, W), (N, C, H, W) → (N,)

    >>> charbonnier(torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 3.0), 4.0)
    tensor([1.])
    """
    return (((image - truth) ** 2 + epsilon**2).sqrt() - epsilon).mean((1, 2, 3))


def structural_dissimilarity(image: Tensor, truth: Tensor, data_range: float = 1.0) -> Tensor:
    """Return ``1 - SSIM`` of each image (Wang et al. 2004): Gaussian window of 11 pixels, σ = 1.5, no padding.

    Shape
    -----
    (N, C, H, W), (N, C, H, W) → (N,), H and W ≥ 11
    """
    channels = image.shape[1]
    distance = torch.arange(11, dtype=image.dtype, device=image.device) - 5
    gauss = torch.exp(-(distance**2) / (2 * 1.5**2))
    window = (gauss / gauss.sum()).expand(channels, 1, 1, 11)

    def smooth(x: Tensor) -> Tensor:
        return F.conv2d(F.conv2d(x, window, groups=channels), window.mT, groups=channels)

    mean_x, mean_y = smooth(image), smooth(truth)
    variance_x = smooth(image * image) - mean_x**2
    variance_y = smooth(truth * truth) - mean_y**2
    covariance = smooth(image * truth) - mean_x * mean_y
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (variance_x + variance_y + c2)
    return 1 - (luminance * structure).mean((1, 2, 3))
