"""What every content term shares: which tensors it looks at, what it accepts, and the mean over each image."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from gan_lessons.errors import InputError

LAYOUT = {2: "(N, C, Y, X)", 3: "(N, C, Z, Y, X)"}


class Term(nn.Module):
    """A loss as a module: it calls a pure function of the same file and averages over the batch.

    Attributes
    ----------
    needs : tuple of str
        Names of the tensors that ``forward`` takes, in order, as `WeightedSum` passes them.
    unit_range : bool
        Defined for images in [0, 1] alone: `WeightedSum` brings those of another range there first.
    per_image : callable
        A subclass's method, from the images that it needs to one value an image, (N,).
    """

    needs: ClassVar[tuple[str, ...]] = ("image", "truth")
    unit_range: ClassVar[bool] = False
    per_image: Callable[..., Tensor]

    def forward(self, *images: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the batch's mean, a scalar; each image counts with its weight, (N,), where there are any."""
        values = self.per_image(*images)
        return values.mean() if weight is None else (values * weight).mean()


def mean_per_image(x: Tensor) -> Tensor:
    """Average all but the batch.

    Shape
    -----
    (N, …) → (N,)

    >>> mean_per_image(torch.tensor([[1.0, 3.0], [4.0, 4.0]]))
    tensor([2., 4.])
    """
    return x.flatten(1).mean(1)


def check_image(term: str, image: Tensor, *, least: int = 1, dimensions: tuple[int, ...] = (2, 3)) -> Tensor:
    """Return the image in full precision: half and bfloat16 become float32, whose squares neither overflow nor vanish.

    Parameters
    ----------
    term : str
        Begins the message.
    least : int
        Least pixels along each spatial axis.
    dimensions : tuple of int
        Numbers of spatial axes that the term is defined for.

    Raises
    ------
    InputError
        If the layout is another, an axis is too short, or the values aren't floating point.
    """
    if image.ndim - 2 not in dimensions:
        expected = " or ".join(LAYOUT[n] for n in dimensions)
        raise InputError(f"{term}: the tensor has shape {tuple(image.shape)}; expected {expected}")
    if not image.is_floating_point():
        raise InputError(f"{term}: the tensor is {image.dtype}; expected floating point: convert with .float() / 255")
    if min(image.shape) < 1 or min(image.shape[2:]) < least:
        raise InputError(f"{term}: the tensor has shape {tuple(image.shape)}; expected axes of at least {least} pixels")
    return image.float() if image.dtype in (torch.float16, torch.bfloat16) else image


def check_pair(
    term: str, image: Tensor, truth: Tensor, *, least: int = 1, dimensions: tuple[int, ...] = (2, 3)
) -> tuple[Tensor, Tensor]:
    """Return both in full precision, as `check_image` does; nothing is broadcast.

    Raises
    ------
    InputError
        If the shapes differ, or either isn't an image.
    """
    if image.shape != truth.shape:
        raise InputError(f"{term}: image {tuple(image.shape)} and truth {tuple(truth.shape)} must have the same shape")
    image = check_image(term, image, least=least, dimensions=dimensions)
    return image, check_image(term, truth, least=least, dimensions=dimensions)


def check_rgb(term: str, image: Tensor) -> None:
    """Raise `InputError` unless there are the three channels of RGB."""
    if image.shape[1] != 3:
        raise InputError(f"{term}: the image has {image.shape[1]} channels; expected 3 (RGB): leave the term out")
