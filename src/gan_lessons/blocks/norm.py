"""The norms that networks choose from, by name."""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.errors import InputError

Norm = Literal["batch", "instance", "layer", "group", "none"]


def norm_is_local(kind: Norm, *, running_statistics: bool = False) -> bool:
    """Say whether the norm treats a pixel without regard to its neighbors in evaluation, so that tiles equal the whole.

    >>> norm_is_local("batch"), norm_is_local("instance")
    (True, False)
    """
    return kind in ("batch", "layer", "none") or (kind == "instance" and running_statistics)


def make_norm(
    kind: Norm, channels: int, dimensions: int = 2, *, affine: bool = True, running_statistics: bool = False
) -> nn.Module:
    """Return a norm over (N, channels, …).

    Parameters
    ----------
    kind : {"batch", "instance", "layer", "group", "none"}
        Ioffe & Szegedy 2015, arXiv:1502.03167; Ulyanov et al. 2016, arXiv:1607.08022; Ba et al. 2016, arXiv:1607.06450
        over the channels of a pixel, as in NAFNet; Wu & He 2018, arXiv:1803.08494 with 32 groups, or as many of 2, 4, …
        32 as divide the channels; none.
    dimensions : {1, 2, 3}
        Of space.
    affine : bool
        Whether a gain and an offset are learned. pix2pix and DeblurGAN learn none with instance norm.
    running_statistics : bool
        Only instance norm: use averaged statistics in evaluation, as DeblurGAN-v2.

    >>> make_norm("layer", 8)(torch.ones(1, 8, 2, 2)).abs().max()
    tensor(0., grad_fn=<MaxBackward1>)
    """
    if kind == "batch":
        return {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[dimensions](channels, affine=affine)
    if kind == "instance":
        layer = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}[dimensions]
        return layer(channels, affine=affine, track_running_stats=running_statistics)
    if kind == "layer":
        return LayerNorm(channels, affine=affine)
    if kind == "group":
        return nn.GroupNorm(math.gcd(32, channels), channels, affine=affine)
    if kind == "none":
        return nn.Identity()
    raise InputError(f"unknown norm {kind!r}; expected one of {', '.join(get_args(Norm))}")


class LayerNorm(nn.Module):
    """Norm over the channels of each pixel (Ba et al. 2016, arXiv:1607.06450, as NAFNet takes it: ε = 1e-6).

    Shape
    -----
    (N, channels, …) → the same
    """

    def __init__(self, channels: int, *, affine: bool = True, epsilon: float = 1e-6) -> None:
        super().__init__()
        self.channels, self.epsilon = channels, epsilon
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalize."""
        pixels = F.layer_norm(x.movedim(1, -1), (self.channels,), self.weight, self.bias, self.epsilon)
        return pixels.movedim(-1, 1)
