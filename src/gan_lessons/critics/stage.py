"""The stage that critics are made of: a 4×4 convolution, a norm, a LeakyReLU."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal, TypeAlias

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lessons.blocks import Norm, conv_class, make_norm
from gan_lessons.critics.virtual_norm import VirtualBatchNorm

CriticNorm: TypeAlias = Norm | Literal["virtual"]

Padding: TypeAlias = int | Literal["same"]
"""On each side, or Keras's: one before and two after, which gives ``⌈side / stride⌉``."""

KERNEL = 4


def make_convolution(
    in_channels: int,
    out_channels: int,
    *,
    stride: int = 1,
    padding: Padding = 1,
    bias: bool = True,
    spectral: bool = False,
    dimensions: int = 2,
) -> nn.Module:
    """Return a convolution with kernel 4; weights from N(0, 0.02) (Radford et al. 2016, arXiv:1511.06434), bias 0.

    ``spectral`` divides the weight by its largest singular value, followed by one power iteration a training step
    (Miyato et al. 2018, arXiv:1802.05957).
    """
    amount = 0 if padding == "same" else padding
    conv = conv_class(dimensions)(in_channels, out_channels, KERNEL, stride, amount, bias=bias)
    nn.init.normal_(conv.weight, std=0.02)
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    layer: nn.Module = spectral_norm(conv) if spectral else conv
    if padding != "same":
        return layer
    return nn.Sequential(nn.ZeroPad2d((1, 2) * 2) if dimensions == 2 else nn.ZeroPad3d((1, 2) * 3), layer)


def make_stage(
    in_channels: int,
    out_channels: int,
    *,
    norm: CriticNorm = "batch",
    stride: int = 2,
    padding: Padding = 1,
    bias: bool = True,
    spectral: bool = False,
    dimensions: int = 2,
) -> nn.Sequential:
    """Return convolution, norm and LeakyReLU 0.2; the gain of a batch norm is drawn from N(1, 0.02), as in DCGAN."""
    conv = make_convolution(
        in_channels, out_channels, stride=stride, padding=padding, bias=bias, spectral=spectral, dimensions=dimensions
    )
    if norm == "virtual":
        normalize: nn.Module = VirtualBatchNorm(out_channels)
    else:
        normalize = make_norm(norm, out_channels, dimensions, affine=norm != "instance")
    if norm in ("batch", "virtual"):
        nn.init.normal_(normalize.weight, mean=1, std=0.02)  # type: ignore[arg-type]
    return nn.Sequential(OrderedDict(conv=conv, norm=normalize, activation=nn.LeakyReLU(0.2, inplace=True)))


def side_after(side: int, stride: int, padding: Padding) -> int:
    """Return the side of a map after such a convolution.

    >>> side_after(256, 2, 1), side_after(32, 1, "same")
    (128, 32)
    """
    return (side + (3 if padding == "same" else 2 * padding) - KERNEL) // stride + 1
