"""Color losses in CIELAB, where distances are about as large as they look."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_lessons.blocks.lab import srgb_to_lab
from gan_lessons.losses.term import Term, check_image, check_pair, check_rgb, mean_per_image


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
    return srgb_to_lab(image)


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
