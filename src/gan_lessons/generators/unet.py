"""The U-Net generator of pix2pix (Isola et al. 2017, arXiv:1611.07004)."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from gan_lessons.blocks import (
    Activation,
    Interval,
    Norm,
    SelfAttention,
    Upsampling,
    conv_class,
    crop_like,
    initialize,
    join,
    make_activation,
    make_norm,
    make_upsampling,
    measure_field,
    norm_is_local,
    pad_to_multiple,
    through_conv,
    through_upsampling,
)
from gan_lessons.generators.base import Generator

LARGEST = 8
"""Channels stop doubling at so many times the width."""


class UNet(Generator):
    """Map an image to an image: halve it ``depth`` times, enlarge it as often, and hand each level across.

    Convolutions 4×4 with stride 2 and LeakyReLU 0.2 on the way down, ReLU on the way up; no norm at the first and the
    deepest level; dropout in the first decoder layers. Weights start as N(0, 0.02).

    Unlike the original: in evaluation batch norm uses its running statistics and dropout rests, where pix2pix keeps
    both as in training; any size is padded by replication to a multiple of ``2**depth``.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
    width : int
        Channels after the first convolution; doubled at each level, at most eight times as many.
    depth : int
        8 brings 256×256 to one pixel: the paper's "U-Net 256" with 54.414 M parameters.
    dimensions : {2, 3}
        Planes or volumes.
    norm : {"batch", "instance", "layer", "group", "none"}
        Batch in the paper; instance is without gain and offset.
    upsampling : {"transposed", "resize", "pixel_shuffle"}
        Transposed 4×4 in the paper.
    dropout : float
        0.5 in the paper: in the decoder's first ``depth - 5`` layers, three at depth 8.
    activation : {"tanh", "sigmoid", "none"}
        Of the output.
    attention : bool
        Self-attention (4 heads of 64) at the deepest level.
    skips : bool
        False makes a plain encoder and decoder.
    bottom_norm : bool
        A norm at the deepest level as well. It can't train on a single pixel.
    bias : bool, optional
        By default where no norm with an offset follows.

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, H, W), or with a depth before H. Values in [-1, 1] both, with tanh.

    >>> UNet(1, 1, width=4, depth=3)(torch.zeros(1, 1, 65, 33)).shape
    torch.Size([1, 1, 65, 33])
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        width: int = 64,
        depth: int = 8,
        dimensions: int = 2,
        norm: Norm = "batch",
        upsampling: Upsampling = "transposed",
        dropout: float = 0.5,
        activation: Activation = "tanh",
        attention: bool = False,
        skips: bool = True,
        bottom_norm: bool = False,
        bias: bool | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, dimensions=dimensions, width=width, depth=depth)
        self.skips, self.stride = skips, 2**depth
        self.least = self.stride * (2 if bottom_norm else 1)
        back = partial(_walk_back, depth=depth, upsampling=upsampling, skips=skips)
        field, self.halo = measure_field(back, self.stride)
        self.receptive_field = field if norm_is_local(norm) and not attention else None
        bias = norm in ("instance", "none") if bias is None else bias
        conv = partial(conv_class(dimensions), kernel_size=4, stride=2, padding=1, bias=bias)
        enlarge = partial(make_upsampling, upsampling, dimensions=dimensions)
        normalize = partial(make_norm, norm, dimensions=dimensions, affine=norm != "instance")

        widths = [width * min(2**level, LARGEST) for level in range(depth)]
        self.encoder = nn.ModuleList([conv(in_channels, width)])
        for level in range(1, depth):
            down = nn.Sequential(nn.LeakyReLU(0.2, inplace=True), conv(widths[level - 1], widths[level]))
            if level < depth - 1 or bottom_norm:
                down.append(normalize(widths[level]))
            self.encoder.append(down)
        self.attention = SelfAttention(widths[-1], dimensions=dimensions) if attention else nn.Identity()
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (2 if skips and level < depth - 1 else 1)
            up = nn.Sequential(nn.ReLU(inplace=True), enlarge(joined, widths[level - 1], bias=bias))
            up.append(normalize(widths[level - 1]))
            if level > 4 and dropout:
                up.append(nn.Dropout(dropout))
            self.decoder.append(up)
        joined = width * (2 if skips and depth > 1 else 1)
        self.last = nn.Sequential(
            nn.ReLU(inplace=True), enlarge(joined, self.out_channels), make_activation(activation)
        )
        initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Translate."""
        x = pad_to_multiple(self.checked(image), self.stride, least=self.least)
        skips: list[Tensor] = []
        for down in self.encoder:
            x = down(x)  # (N, widths[level], H/2^(level + 1), W/2^(level + 1))
            skips.append(x)  # the next LeakyReLU works in it: ReLU on the way up sees no difference
        x = self.attention(skips.pop())
        for up in self.decoder:
            x = up(x)  # (N, widths[level - 1], H/2^level, W/2^level)
            x = torch.cat([skips.pop(), x], 1) if self.skips else x
        return crop_like(self.last(x), image)  # (N, out_channels, H, W)


def _walk_back(seen: Interval, depth: int, upsampling: Upsampling, skips: bool) -> Interval:
    levels = []
    for _ in range(depth):
        seen = through_upsampling(seen, upsampling)
        levels.append(seen)
    for across in reversed(levels):
        seen = through_conv(join(seen, across) if skips else seen, 4, 2, 1)
    return seen
