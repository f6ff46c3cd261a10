"""What every critic is and says of itself."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_lessons.blocks import describe_network
from gan_lessons.errors import InputError


class Critic(nn.Module):
    """A network that scores how real an image is, and its places: high for real, any number, no sigmoid.

    A conditional critic sees the image that the judged one was made from as well (Isola et al. 2017): is this a sharp
    version *of that*? Constructors fill in the attributes.

    Attributes
    ----------
    in_channels : int
        Of the judged image.
    condition_channels : int
        Of what it is judged beside; 0 for an unconditional critic.
    dimensions : {2, 3}
        Planes (N, C, H, W) or volumes (N, C, D, H, W).
    receptive_field : int or None
        Side of the input square that a score's convolutions see, the patch of a PatchGAN; what a norm or a minibatch
        deviation adds is not counted. None: the whole image.
    least_size : int
        The least height and width.
    weights : tuple of float
        What each output's loss counts, for the objectives; one for a critic with a single output.
    """

    in_channels: int
    condition_channels: int = 0
    dimensions: int = 2
    receptive_field: int | None = None
    least_size: int = 1
    weights: tuple[float, ...] = (1.0,)

    def join(self, image: Tensor, condition: Tensor | None) -> Tensor:
        """Concatenate the condition and the image, in pix2pix's order.

        Raises
        ------
        InputError
            If channels or sizes don't fit.
        """
        name = type(self).__name__
        found = 0 if condition is None else condition.shape[1]
        if found != self.condition_channels:
            raise InputError(
                f"{name}: a condition of {found} channels, expected {self.condition_channels}; "
                f"give condition_channels={found} when it is built"
            )
        if image.shape[1] != self.in_channels:
            raise InputError(f"{name}: an image of {image.shape[1]} channels, expected {self.in_channels}")
        if condition is not None and condition.shape[2:] != image.shape[2:]:
            raise InputError(f"{name}: image {_sides(image)}, condition {_sides(condition)}; expected the same size")
        if min(image.shape[2:]) < self.least_size:
            raise InputError(f"{name}: an image of {_sides(image)}, expected at least {self.least_size} a side")
        return image if condition is None else torch.cat([condition, image], 1)

    def describe(self, side: int = 256) -> str:
        """Return one line: name, parameters, multiplications and memory for a square image, receptive field."""
        channels = (self.in_channels, self.condition_channels) if self.condition_channels else (self.in_channels,)
        return describe_network(self, self.receptive_field, *[(1, c, *[side] * self.dimensions) for c in channels])


def _sides(image: Tensor) -> str:
    return "×".join(str(side) for side in image.shape[2:])
