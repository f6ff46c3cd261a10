"""Losses on differences of neighboring pixels: total variation, gradients, edges."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_lessons.losses.content import charbonnier
from gan_lessons.losses.term import Term, check_image, check_pair


def total_variation(image: Tensor) -> Tensor:
    """Return the absolute differences of neighbors along every axis, summed and divided by the number of values.

    The anisotropic form of Rudin, Osher and Fatemi (1992, doi:10.1016/0167-2789(92)90242-F), whose own takes the
    gradient's length: along an axis both agree, a diagonal edge costs up to √2 more here.

    Shape
    -----
    (N, C, [Z,] Y, X) → (N,), from 0; in the image's units per pixel.

    >>> total_variation(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]]))
    tensor([0.5000])
    """
    image = check_image("total-variation", image)
    values = image[0].numel()
    differences = [image.diff(dim=axis).abs().flatten(1).sum(1) for axis in range(2, image.ndim)]
    return torch.stack(differences).sum(0) / values


def gradient_difference(image: Tensor, truth: Tensor) -> Tensor:
    """Return how far forward differences are from the truth's, absolutely: `total_variation` of the error.

    After Mathieu et al. (2016, arXiv:1511.05440), who compare the differences' magnitudes; here a dark edge in place of
    a bright one is an error.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), from 0; in the image's units per pixel.

    >>> ramp = torch.arange(4.0).view(1, 1, 1, 4)
    >>> gradient_difference(ramp, ramp + 7)
    tensor([0.])
    """
    image, truth = check_pair("gradient", image, truth)
    return total_variation(image - truth)


def edge(image: Tensor, truth: Tensor, epsilon: float = 1e-3) -> Tensor:
    """Return the Charbonnier distance of the Laplacians (Zamir et al. 2021, MPRNet, arXiv:2102.02808).

    Departure: the paper's code takes an image less its blurred, decimated and enlarged self; here the Laplacian is the
    sum of second differences along every axis, which sees finer edges. Borders are replicated.

    Parameters
    ----------
    epsilon : float
        In the image's units, > 0; the paper's 1e-3.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), from 0; in the image's units per pixel².

    >>> ramp = torch.arange(4.0).view(1, 1, 1, 4)
    >>> edge(ramp, ramp)
    tensor([0.])
    """
    image, truth = check_pair("edge", image, truth)
    return charbonnier(laplacian(image), laplacian(truth), epsilon)


def laplacian(image: Tensor) -> Tensor:
    """Return the second differences summed over the spatial axes, as if borders went on unchanged.

    Shape
    -----
    (N, C, [Z,] Y, X) → the same

    >>> laplacian(torch.tensor([[[[0.0, 0.0, 3.0]]]]))
    tensor([[[[ 0.,  3., -3.]]]])
    """
    total = torch.zeros_like(image)
    for axis in range(2, image.ndim):
        flat = torch.zeros_like(image.narrow(axis, 0, 1))
        total = total + image.diff(dim=axis).diff(dim=axis, prepend=flat, append=flat)
    return total


class TotalVariation(Term):
    """`total_variation` as a module."""

    needs = ("image",)

    def per_image(self, image: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return total_variation(image)


class GradientDifference(Term):
    """`gradient_difference` as a module."""

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return gradient_difference(image, truth)


class Edge(Term):
    """`edge` as a module."""

    def __init__(self, epsilon: float = 1e-3) -> None:
        super().__init__()
        self.epsilon = epsilon

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return edge(image, truth, self.epsilon)
