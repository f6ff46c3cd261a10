"""The first weights that papers name."""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor, nn

from gan_lessons.blocks.norm import LayerNorm
from gan_lessons.blocks.upsampling import SubPixelConv
from gan_lessons.errors import InputError

Initialization = Literal["normal", "xavier", "kaiming"]

CONVOLUTIONS = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Linear)
NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, LayerNorm)


def initialize(network: nn.Module, kind: Initialization = "normal", *, deviation: float = 0.02) -> None:
    """Draw the weights of all convolutions and norms; biases and offsets become zero.

    Parameters
    ----------
    kind : {"normal", "xavier", "kaiming"}
        Of convolutions: N(0, ``deviation``) as pix2pix and DeblurGAN; Glorot & Bengio 2010 (normal) with a gain of
        ``deviation``; He et al. 2015, arXiv:1502.01852 for ReLU. Norms: N(1, ``deviation``); N(1, 0.02); one.
    """
    if kind not in get_args(Initialization):
        raise InputError(f"unknown initialization {kind!r}; expected one of {', '.join(get_args(Initialization))}")
    for layer in network.modules():
        if isinstance(layer, CONVOLUTIONS):
            _draw(layer.weight, kind, deviation)
        elif isinstance(layer, NORMS) and layer.weight is not None:
            nn.init.normal_(layer.weight, 1.0, 0.0 if kind == "kaiming" else 0.02)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    for layer in network.modules():
        if isinstance(layer, SubPixelConv):
            layer.start_as_nearest()


def _draw(weight: Tensor, kind: Initialization, deviation: float) -> None:
    if kind == "normal":
        nn.init.normal_(weight, 0.0, deviation)
    elif kind == "xavier":
        nn.init.xavier_normal_(weight, gain=deviation)
    else:
        nn.init.kaiming_normal_(weight, nonlinearity="relu")
