"""Color losses in CIELAB, where distances are about as large as they look, and the differentiable way there."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_lessons.losses.term import Term, check_image, check_pair, check_rgb, mean_per_image

# sRGB (IEC 61966-2-1) to XYZ, each row divided by the white of daylight D65 (0.95047, 1, 1.08883; 2° observer)
_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
_WHITE = (0.95047, 1.0, 1.08883)
_LAB = ((0.0, 116.0, 0.0), (500.0, -500.0, 0.0), (0.0, 200.0, -200.0))  # of f(X), f(Y), f(Z); L less 16
_DELTA = 6 / 29


def rgb_to_lab(image: Tensor) -> Tensor:
    """Return CIELAB (CIE 1976, D65) of sRGB; gradients are finite everywhere, black included.

    Values beyond [0, 1] follow the same curves: below 0 along the straight part, above 1 along the power.

    Shape
    -----
    (N, 3, Y, X), sRGB in [0, 1] → (N, 3, Y, X): L in [0, 100], a in [-86.2, 98.3], b in [-107.9, 94.5]

    >>> rgb_to_lab(torch.ones(1, 3, 1, 1)).flatten().round().abs()
    tensor([100.,   0.,   0.])
    """
    image = check_image("rgb_to_lab", image, dimensions=(2,))
    check_rgb("rgb_to_lab", image)
    curved = ((image.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    linear = torch.where(image > 0.04045, curved, image / 12.92)
    xyz = _mix(linear, [[m / white for m in row] for row, white in zip(_XYZ, _WHITE, strict=True)])
    root = xyz.clamp(min=_DELTA**3) ** (1 / 3)
    f = torch.where(xyz > _DELTA**3, root, xyz / (3 * _DELTA**2) + 4 / 29)
    return _mix(f, _LAB) - image.new_tensor([16.0, 0.0, 0.0]).view(3, 1, 1)


def _mix(channels: Tensor, matrix: list[list[float]] | tuple[tuple[float, ...], ...]) -> Tensor:
    """Multiply each pixel's channels by a matrix; elementwise, so that autocast leaves it in full precision."""
    return (channels.unsqueeze(1) * channels.new_tensor(matrix).view(1, 3, 3, 1, 1)).sum(2)


def color_consistency(image: Tensor, truth: Tensor) -> Tensor:
    """Return the mean absolute error of a and b of CIELAB, over 100: colors pixel by pixel, lightness left alone.

    For generators that recolor. Needs RGB: a gray image has no colors that could be wrong.

    Shape
    -----
    (N, 3, Y, X) twice, sRGB in [0, 1] → (N,), from 0 to about 2

    >>> color_consistency(torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4)).shape
    torch.Size([1])
    """
    image, truth = check_pair("color-consistency", image, truth, dimensions=(2,))
    check_rgb("color-consistency", image)
    return mean_per_image((_chroma(image) - _chroma(truth)).abs()) / 100


def color_cast(image: Tensor, truth: Tensor) -> Tensor:
    """Return the distance between the mean (a, b) of CIELAB of image and truth, over 100: the shift of the whole image.

    Blind to where colors lie, so blur costs nothing. At equality the gradient is zero.

    Shape
    -----
    (N, 3, Y, X) twice, sRGB in [0, 1] → (N,), from 0 to about 2

    >>> color_cast(torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4)).shape
    torch.Size([1])
    """
    image, truth = check_pair("color-cast", image, truth, dimensions=(2,))
    check_rgb("color-cast", image)
    shift = (_chroma(image) - _chroma(truth)).mean((2, 3))  # (N, 2)
    return torch.linalg.vector_norm(shift, dim=1) / 100


def _chroma(image: Tensor) -> Tensor:
    return rgb_to_lab(image)[:, 1:]  # (N, 2, Y, X)


class ColorConsistency(Term):
    """`color_consistency` as a module."""

    unit_range = True

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return color_consistency(image, truth)


class ColorCast(Term):
    """`color_cast` as a module."""

    unit_range = True

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return color_cast(image, truth)
