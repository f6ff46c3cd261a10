"""Pixel losses: how far a restored image is from its truth, pixel by pixel."""

from __future__ import annotations

from torch import Tensor

from gan_lessons.errors import InputError
from gan_lessons.losses.term import Term, check_pair, mean_per_image


def l1(image: Tensor, truth: Tensor) -> Tensor:
    """Return the mean absolute error of each image; its optimum is the median of what is plausible.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), from 0; in the image's units.

    >>> import torch
    >>> l1(torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, -3.0]]]]))
    tensor([2.])
    """
    image, truth = check_pair("l1", image, truth)
    return mean_per_image((image - truth).abs())


def mse(image: Tensor, truth: Tensor) -> Tensor:
    """Return the mean squared error of each image; its optimum is the mean of what is plausible, hence blurred.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), from 0; in the image's units squared.

    >>> import torch
    >>> mse(torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, -3.0]]]]))
    tensor([5.])
    """
    image, truth = check_pair("mse", image, truth)
    return mean_per_image((image - truth) ** 2)


def charbonnier(image: Tensor, truth: Tensor, epsilon: float = 1e-3) -> Tensor:
    """Return ``sqrt(error² + epsilon²) - epsilon`` averaged over each image (Charbonnier et al. 1994).

    Quadratic for errors far below ``epsilon``, where it estimates the mean and keeps the flux; absolute far above.
    Without the ``- epsilon`` of ours (Lai et al. 2017, arXiv:1704.03915, ``epsilon = 1e-3``) it isn't zero at equality;
    the gradients are the same.

    Parameters
    ----------
    epsilon : float
        In the image's units, > 0.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), from 0; in the image's units.

    >>> import torch
    >>> charbonnier(torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 3.0), 4.0)
    tensor([1.])
    """
    if not epsilon > 0:
        raise InputError(f"charbonnier: epsilon is {epsilon:g}; expected a positive number, in the image's units")
    image, truth = check_pair("charbonnier", image, truth)
    return mean_per_image(((image - truth) ** 2 + epsilon**2).sqrt() - epsilon)


class L1(Term):
    """`l1` as a module."""

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return l1(image, truth)


class MSE(Term):
    """`mse` as a module."""

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return mse(image, truth)


class Charbonnier(Term):
    """`charbonnier` as a module."""

    def __init__(self, epsilon: float = 1e-3) -> None:
        super().__init__()
        self.epsilon = epsilon

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return charbonnier(image, truth, self.epsilon)


class Cycle(Term):
    """Cycle consistency: `l1` between an image that went there and back, F(G(x)), and itself (Zhu et al. 2017).

    CycleGAN (arXiv:1703.10593) weights it by 10, in both directions.
    """

    needs = ("cycled", "source")

    def per_image(self, cycled: Tensor, source: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return l1(cycled, source)


class Identity(Term):
    """Identity: `l1` between a sharp image that went through the restorer, G(y), and itself (Zhu et al. 2017).

    It keeps colors where nothing is to be done. CycleGAN (arXiv:1703.10593, 5.2) weights it by half of the cycle's 10.
    """

    needs = ("unchanged", "truth")

    def per_image(self, unchanged: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return l1(unchanged, truth)
