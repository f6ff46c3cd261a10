"""The ways that networks enlarge their feature maps, by name."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

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
        enlarge = nn.Upsample(scale_factor=float(scale))
        return nn.Sequential(enlarge, conv(in_channels, out_channels, 3, padding=1, bias=bias))
    if kind == "pixel_shuffle":
        inner = conv(in_channels, out_channels * scale**dimensions, 3, padding=1, bias=bias)
        _start_as_nearest(inner, scale**dimensions)
        return nn.Sequential(inner, PixelShuffle(scale, dimensions))
    raise InputError(f"unknown upsampling {kind!r}; expected one of {', '.join(get_args(Upsampling))}")


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
            return nn.functional.pixel_shuffle(x, self.scale)
        n, _, depth, height, width = x.shape
        s = self.scale
        x = x.reshape(n, -1, s, s, s, depth, height, width).permute(0, 1, 5, 2, 6, 3, 7, 4)
        return x.reshape(n, -1, depth * s, height * s, width * s)  # (N, C, D, s, H, s, W, s) joined


def _start_as_nearest(conv: nn.Conv2d | nn.Conv3d, copies: int) -> None:
    """Give the channels that become one pixel's block the same weights."""
    with torch.no_grad():
        conv.weight.copy_(conv.weight[::copies].repeat_interleave(copies, 0))
        if conv.bias is not None:
            conv.bias.copy_(conv.bias[::copies].repeat_interleave(copies, 0))
