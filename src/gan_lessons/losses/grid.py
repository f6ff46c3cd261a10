"""A grid in an image: what a pixel shuffle or a strided layer draws at its own step, seen directly."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from gan_lessons.errors import InputError
from gan_lessons.losses.term import Term, check_pair, mean_per_image


def grid(image: Tensor, truth: Tensor, period: int = 2) -> Tensor:
    """Return how strongly an image's error repeats itself every ``period`` pixels along both axes.

    Its pixels fall into ``period ** 2`` sets, one for each place within a step of the grid; without a grid all are off
    by the same in the mean. Returned is the mean magnitude of how far their mean errors stray from each other. An
    adversary that asks for fine detail is served most cheaply by such a grid (Odena et al. 2016, "Deconvolution and
    checkerboard artifacts", doi:10.23915/distill.00003; of pixel shuffles, Aitken et al. 2017, arXiv:1707.02937). It is
    far below a pixel's error, so that the usual content terms hardly see it; this one averages over the whole image,
    and sees nothing else.

    Parameters
    ----------
    period : int
        Of the generator's last step, in pixels: ``unshuffle`` of `UnshuffleUNet`.

    Shape
    -----
    (N, C, Y, X) twice → (N,), from 0; in the image's units. Rows and columns after the last whole period don't count.

    Raises
    ------
    InputError
        If the period isn't at least 2, or the images are smaller than one.

    >>> import torch
    >>> board = torch.tensor([[0.1, -0.1], [-0.1, 0.1]]).repeat(1, 1, 16, 16)
    >>> truth = torch.rand(1, 1, 32, 32)
    >>> [round(float(grid(truth + error, truth)), 6) for error in (board, 0.1)]
    [0.1, 0.0]
    """
    if period < 2:
        raise InputError(f"grid: period {period}; expected at least 2 pixels")
    image, truth = check_pair("grid", image, truth, least=period, dimensions=(2,))
    height, width = (side // period * period for side in image.shape[-2:])
    error = (image - truth)[..., :height, :width]
    means = F.pixel_unshuffle(error, period).mean((2, 3)).unflatten(1, (-1, period**2))  # (N, C, period²)
    return mean_per_image((means - means.mean(2, keepdim=True)).abs())


class Grid(Term):
    """`grid` as a module."""

    def __init__(self, period: int = 2) -> None:
        super().__init__()
        self.period = period

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return grid(image, truth, self.period)
