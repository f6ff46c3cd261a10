"""The U-Net with two convolutions a level (Ronneberger et al. 2015, arXiv:1505.04597)."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

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


class DoubleConvUNet(Generator):
    """Map an image to an image: a milder U-Net than pix2pix's, which keeps the finest level at full size.

    Two 3×3 convolutions with ReLU a level, max-pooling between levels, channels doubled at each; on the way up a
    transposed 2×2 convolution, the skip, two 3×3. Weights start as He et al. 2015.

    Unlike the original: convolutions pad, so that the size stays; any size is padded by replication to a multiple of
    ``2**(depth - 1)``, two at least; as many output as input channels, where the original gives classes.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
    width : int
        Channels of the finest level.
    depth : int
        Levels.
    dimensions : {2, 3}
        Planes or volumes.
    norm : {"batch", "instance", "layer", "group", "none"}
        After each 3×3 convolution; none in the paper.
    upsampling : {"transposed", "resize", "pixel_shuffle"}
    activation : {"tanh", "sigmoid", "none"}
        Of the output.
    attention : bool
        Self-attention (4 heads of 64) at the deepest level.

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, H, W), or with a depth before H. Values in [-1, 1] out, with tanh.

    >>> DoubleConvUNet(1, 1, width=4, depth=3)(torch.zeros(1, 1, 65, 33)).shape
    torch.Size([1, 1, 65, 33])
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        width: int = 64,
        depth: int = 5,
        dimensions: int = 2,
        norm: Norm = "none",
        upsampling: Upsampling = "transposed",
        activation: Activation = "none",
        attention: bool = False,
    ) -> None:
        super().__init__(in_channels, out_channels, dimensions=dimensions, width=width, depth=depth)
        self.stride = 2 ** (depth - 1)
        field, self.halo = measure_field(partial(_walk_back, depth=depth, upsampling=upsampling), self.stride)
        self.receptive_field = field if norm_is_local(norm) and not attention else None
        widths = [width * 2**level for level in range(depth)]
        pool = {2: nn.MaxPool2d, 3: nn.MaxPool3d}[dimensions](2)

        self.encoder = nn.ModuleList([_twice(in_channels, width, norm, dimensions)])
        self.up, self.decoder = nn.ModuleList(), nn.ModuleList()
        for fine, coarse in pairwise(widths):
            self.encoder.append(nn.Sequential(pool, _twice(fine, coarse, norm, dimensions)))
            self.up.insert(0, make_upsampling(upsampling, coarse, fine, dimensions, kernel=2))
            self.decoder.insert(0, _twice(2 * fine, fine, norm, dimensions))
        self.attention = SelfAttention(widths[-1], dimensions=dimensions) if attention else nn.Identity()
        self.last = nn.Sequential(conv_class(dimensions)(width, self.out_channels, 1), make_activation(activation))
        initialize(self, "kaiming")

    def forward(self, image: Tensor) -> Tensor:
        """Translate."""
        x = pad_to_multiple(self.checked(image), self.stride, least=2 * self.stride)
        skips: list[Tensor] = []
        for encode in self.encoder:
            x = encode(x)  # (N, widths[level], H/2^level, W/2^level)
            skips.append(x)
        x = self.attention(skips.pop())
        for up, decode in zip(self.up, self.decoder, strict=True):
            x = decode(torch.cat([skips.pop(), up(x)], 1))  # (N, widths[level], H/2^level, W/2^level)
        return crop_like(self.last(x), image)  # (N, out_channels, H, W)


def _twice(in_channels: int, out_channels: int, norm: Norm, dimensions: int) -> nn.Sequential:
    """Two 3×3 convolutions with norm and ReLU; a bias where no norm brings an offset."""
    layers: list[nn.Module] = []
    for channels in (in_channels, out_channels):
        layers.append(conv_class(dimensions)(channels, out_channels, 3, padding=1, bias=norm in ("instance", "none")))
        layers += [make_norm(norm, out_channels, dimensions, affine=norm != "instance"), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


def _walk_back(seen: Interval, depth: int, upsampling: Upsampling) -> Interval:
    skips = []
    for _ in range(depth - 1):
        seen = through_conv(seen, 5)  # two 3×3
        skips.append(seen)
        seen = through_upsampling(seen, upsampling, kernel=2)
    seen = through_conv(seen, 5)
    for across in reversed(skips):
        seen = through_conv(join((2 * seen[0], 2 * seen[1] + 1), across), 5)
    return seen
