"""The ways that networks enlarge their feature maps, by name."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.blocks.convolution import conv_class
from gan_lessons.errors import InputError

Upsampling = Literal["transposed", "resize", "pixel_shuffle"]


def make_upsampling(
    kind: Upsampling,
    in_channels: int,
    out_channels: int,
    dimensions: int = 2,
    *,
    scale: int = 2,
    kernel: int = 4,
    bias: bool = True,
) -> nn.Module:
    """Return a layer that enlarges every side ``scale`` times.

    Parameters
    ----------
    kind : {"transposed", "resize", "pixel_shuffle"}
        A transposed convolution, which can leave a checkerboard; nearest-neighbor enlargement and a 3×3 convolution
        (Odena et al. 2016, doi:10.23915/distill.00003), which doesn't; a 3×3 convolution and a pixel-shuffle (Shi et
        al. 2016, arXiv:1609.05158), started as if nearest-neighbor (Aitken et al. 2017, arXiv:1707.02937).
    dimensions : {2, 3}
    kernel : int
        Of the transposed convolution: 4 in pix2pix, 3 in DeblurGAN. The others take 3.

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, scale·H, scale·W)

    >>> make_upsampling("pixel_shuffle", 8, 4)(torch.zeros(1, 8, 3, 5)).shape
    torch.Size([1, 4, 6, 10])
    """
    conv = conv_class(dimensions)
    if kind == "transposed":
        transposed = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}[dimensions]
        padding, odd = -(-(kernel - scale) // 2), (kernel - scale) % 2
        return transposed(in_channels, out_channels, kernel, scale, padding, output_padding=odd, bias=bias)
    if kind == "resize":
        return nn.Sequential(Enlarge(scale), conv(in_channels, out_channels, 3, padding=1, bias=bias))
    if kind == "pixel_shuffle":
        return SubPixelConv(in_channels, out_channels, dimensions, scale=scale, bias=bias)
    raise InputError(f"unknown upsampling {kind!r}; expected one of {', '.join(get_args(Upsampling))}")


def enlarge(x: Tensor, scale: int = 2) -> Tensor:
    """Repeat each pixel along every side, as nearest-neighbor enlargement does.

    >>> enlarge(torch.tensor([[[[1.0, 2.0]]]]))
    tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]])
    """
    if not torch.compiler.is_dynamo_compiling():
        return F.interpolate(x, scale_factor=float(scale))
    for axis in range(2, x.ndim):  # torch.compile fails on interpolate where sizes are open (seen in torch 2.15)
        x = x.repeat_interleave(scale, axis)
    return x


class Enlarge(nn.Module):
    """`enlarge` as a layer."""

    def __init__(self, scale: int = 2) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Enlarge."""
        return enlarge(x, self.scale)


class PixelShuffle(nn.Module):
    """Bring channels to space, in planes (as `torch.nn.PixelShuffle`) or volumes.

    Shape
    -----
    (N, C·scale², H, W) → (N, C, scale·H, scale·W), or (N, C·scale³, D, H, W) → (N, C, scale·D, scale·H, scale·W)

    >>> PixelShuffle(2, 3)(torch.zeros(1, 8, 2, 3, 4)).shape
    torch.Size([1, 1, 4, 6, 8])
    """

    def __init__(self, scale: int, dimensions: int = 2) -> None:
        super().__init__()
        self.scale, self.dimensions = scale, dimensions

    def forward(self, x: Tensor) -> Tensor:
        """Shuffle."""
        if self.dimensions == 2:
            return F.pixel_shuffle(x, self.scale)
        n, _, depth, height, width = x.shape
        s = self.scale
        x = x.reshape(n, -1, s, s, s, depth, height, width).permute(0, 1, 5, 2, 6, 3, 7, 4)
        return x.reshape(n, -1, depth * s, height * s, width * s)  # (N, C, D, s, H, s, W, s) joined


class SubPixelConv(nn.Sequential):
    """A 3×3 convolution and a pixel-shuffle; see `make_upsampling`."""

    def __init__(self, in_channels: int, out_channels: int, dimensions: int, *, scale: int, bias: bool) -> None:
        self.copies = scale**dimensions
        conv = conv_class(dimensions)(in_channels, out_channels * self.copies, 3, padding=1, bias=bias)
        super().__init__(conv, PixelShuffle(scale, dimensions))
        self.start_as_nearest()

    @torch.no_grad()
    def start_as_nearest(self) -> None:
        """Give the channels that become the block of one pixel the same weights."""
        for weights in self[0].parameters():
            weights.copy_(weights[:: self.copies].repeat_interleave(self.copies, 0))
