"""A loss in the frequency domain: the magnitudes of the Fourier transform."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_lessons.losses.term import Term, check_pair


def fourier_magnitude(image: Tensor, truth: Tensor) -> Tensor:
    """Return the mean absolute difference of the Fourier magnitudes of each image.

    What a blur takes away is missing here, wherever in the image it lies: phases, and so places, aren't compared. The
    L1 of the frequency loss of Cho et al. (2021, MIMO-UNet, arXiv:2108.05054); departure: theirs is on the complex
    values, and so sees phases too. Unitary transform: magnitudes have the scale of pixel errors. The image is taken as
    periodic: opposite borders that differ add a cross of their own.

    Shape
    -----
    (N, C, [Z,] Y, X) twice → (N,), from 0; in the image's units. Over all spatial axes, each channel alone.

    >>> image = torch.rand(1, 1, 8, 8)
    >>> bool(fourier_magnitude(image, image.roll(3, -1)) < 1e-6)
    True
    """
    image, truth = check_pair("fourier", image, truth)
    axes, columns = tuple(range(2, image.ndim)), image.shape[-1]
    difference = _magnitude(image, axes) - _magnitude(truth, axes)  # (N, C, [Z,] Y, X // 2 + 1)
    column = torch.arange(columns // 2 + 1, device=image.device)
    counts = 1 + ((column > 0) & (2 * column < columns)).to(image)  # a column stands for its mirror image too
    return (difference.abs() * counts).flatten(1).sum(1) / image[0].numel()


def _magnitude(image: Tensor, axes: tuple[int, ...]) -> Tensor:
    return torch.fft.rfftn(image, dim=axes, norm="ortho").abs()


class FourierMagnitude(Term):
    """`fourier_magnitude` as a module."""

    def per_image(self, image: Tensor, truth: Tensor) -> Tensor:
        """Return one value an image, (N,)."""
        return fourier_magnitude(image, truth)
