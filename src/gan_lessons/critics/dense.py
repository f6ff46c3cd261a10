"""The critic of DeblurGAN's Keras form: a PatchGAN whose map goes through two dense layers to a single score."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from gan_lessons.blocks import Norm
from gan_lessons.critics.base import Critic
from gan_lessons.critics.stage import make_convolution, make_stage, side_after
from gan_lessons.errors import InputError, check_counts


class DenseCritic(Critic):
    """Score the whole image at once; it takes one size only, since a dense layer counts its inputs.

    Kernels of 4 with Keras's padding: 64, 64, 128, 256 with stride 2, 512 and 1 with stride 1; then Dense 1024 with
    tanh and Dense 1. 3,096,450 parameters for RGB at 256. Differences from the Keras code: its sigmoid is an option,
    since objectives take scores; ε and momentum of the batch norm are torch's.

    Parameters
    ----------
    in_channels, condition_channels : int
        As `PatchGAN`.
    size : int
        Height and width of every image.
    width : int
        Channels after the first convolution.
    hidden : int
        Of the first dense layer.
    norm : {"batch", "instance", "layer", "group", "none"}
        From the second convolution on.
    sigmoid : bool
        Squash the score into (0, 1). Only for a Wasserstein loss without a penalty, which it keeps bounded.

    Shape
    -----
    image (N, in_channels, size, size) → (N, 1)

    Raises
    ------
    InputError
        If the image isn't of that size.

    >>> DenseCritic(1, size=32, width=8)(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 1])
    """

    def __init__(
        self,
        in_channels: int = 3,
        *,
        condition_channels: int = 0,
        size: int = 256,
        width: int = 64,
        hidden: int = 1024,
        norm: Norm = "batch",
        sigmoid: bool = False,
    ) -> None:
        super().__init__()
        check_counts(in_channels=in_channels, size=size, width=width, hidden=hidden)
        self.in_channels, self.condition_channels, self.least_size, self.size = (
            in_channels,
            condition_channels,
            size,
            size,
        )
        widths = [in_channels + condition_channels, width, width, 2 * width, 4 * width, 8 * width]
        strides = [2, 2, 2, 2, 1]
        self.stages = nn.Sequential(
            *(
                make_stage(*channels, norm=norm if level else "none", stride=strides[level], padding="same")
                for level, channels in enumerate(pairwise(widths))
            )
        )
        self.map = make_convolution(8 * width, 1, padding="same")
        side = size
        for stride in strides:
            side = side_after(side, stride, "same")
        self.hidden, self.score = nn.Linear(side**2, hidden), nn.Linear(hidden, 1)
        self.squash = nn.Sigmoid() if sigmoid else nn.Identity()
        self.apply(_initialize)

    def forward(self, image: Tensor, condition: Tensor | None = None) -> Tensor:
        """Score each image."""
        x = self.join(image, condition)  # (N, in + condition, size, size)
        if x.shape[2:] != (self.size, self.size):
            raise InputError(f"DenseCritic: an image of {tuple(x.shape[2:])}, expected {self.size} by {self.size}")
        x = self.map(self.stages(x)).flatten(1)  # (N, size/16 · size/16)
        return self.squash(self.score(torch.tanh(self.hidden(x))))  # (N, hidden), (N, 1)

    def describe(self, side: int | None = None) -> str:
        """Return one line for images of its size."""
        return super().describe(self.size if side is None else side)


def _initialize(layer: nn.Module) -> None:
    """Keras's defaults: Glorot uniform, bias 0, gain 1."""
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias) if layer.bias is not None else None
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.ones_(layer.weight)
