"""sRGB to CIELAB and back, differentiable, without checks: `gan_lessons.losses.color.rgb_to_lab` has them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

# sRGB (IEC 61966-2-1) to XYZ, each row divided by the white of daylight D65 (0.95047, 1, 1.08883; 2° observer)
_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
_WHITE = (0.95047, 1.0, 1.08883)
_LAB = ((0.0, 116.0, 0.0), (500.0, -500.0, 0.0), (0.0, 200.0, -200.0))  # of f(X), f(Y), f(Z); L less 16
_DELTA = 6 / 29
_BACK = ((1 / 116, 1 / 500, 0.0), (1 / 116, 0.0, 0.0), (1 / 116, 0.0, -1 / 200))  # of L + 16, a, b


def srgb_to_lab(image: Tensor) -> Tensor:
    """Return CIELAB (CIE 1976, D65); gradients are finite everywhere, black included.

    Shape
    -----
    (N, 3, Y, X), sRGB in [0, 1], beyond it along the same curves → (N, 3, Y, X): L in [0, 100], a and b around 0
    """
    curved = ((image.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    linear = torch.where(image > 0.04045, curved, image / 12.92)
    xyz = _mix(linear, [[m / white for m in row] for row, white in zip(_XYZ, _WHITE, strict=True)])
    root = xyz.clamp(min=_DELTA**3) ** (1 / 3)
    f = torch.where(xyz > _DELTA**3, root, xyz / (3 * _DELTA**2) + 4 / 29)
    return _mix(f, _LAB) - image.new_tensor([16.0, 0.0, 0.0]).view(3, 1, 1)


def lab_to_srgb(lab: Tensor) -> Tensor:
    """Return the sRGB that `srgb_to_lab` would bring here; colors that no screen has lie outside [0, 1].

    >>> image = torch.rand(1, 3, 2, 2)
    >>> torch.allclose(lab_to_srgb(srgb_to_lab(image)), image, atol=1e-5)
    True
    """
    f = _mix(lab + lab.new_tensor([16.0, 0.0, 0.0]).view(3, 1, 1), _BACK)
    xyz = torch.where(f > _DELTA, f.clamp(min=_DELTA) ** 3, 3 * _DELTA**2 * (f - 4 / 29))
    back = torch.tensor(_XYZ, dtype=torch.float64).inverse().tolist()
    linear = _mix(xyz, [[m * white for m, white in zip(row, _WHITE, strict=True)] for row in back])
    curved = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, 12.92 * linear)


def _mix(channels: Tensor, matrix: Sequence[Sequence[float]]) -> Tensor:
    """Multiply each pixel's channels by a matrix; elementwise, so that autocast leaves it in full precision."""
    return (channels.unsqueeze(1) * channels.new_tensor(matrix).view(1, 3, 3, 1, 1)).sum(2)
