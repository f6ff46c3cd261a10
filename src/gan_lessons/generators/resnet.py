"""The residual generator of DeblurGAN (Kupyn et al. 2018, arXiv:1711.07064)."""

from __future__ import annotations

from functools import partial
from typing import Literal, get_args

from torch import Tensor, nn

from gan_lessons.blocks import (
    Interval,
    Norm,
    Upsampling,
    check_residual,
    conv_class,
    crop_like,
    initialize,
    make_norm,
    make_upsampling,
    measure_field,
    middle_channels,
    norm_is_local,
    pad_to_multiple,
    through_conv,
    through_upsampling,
)
from gan_lessons.errors import InputError
from gan_lessons.generators.base import Generator

Residual = Literal["added", "halved", "none"]


class ResNetGenerator(Generator):
    """Learn what to add to a blurred image, with residual blocks at a quarter of its size (Johnson et al. 2016).

    A 7×7 convolution, two 3×3 with stride 2, nine blocks of two 3×3 with dropout between, two transposed 3×3, a 7×7,
    tanh. The blocks and the 7×7 convolutions pad by reflection. Weights start as N(0, 0.02).

    Unlike the original: in evaluation dropout rests; any size is padded by replication to a multiple of 4, 8 at least.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
        The residual is added to the middle ``out_channels`` of the input.
    width : int
        Channels after the first convolution; four times as many in the blocks.
    blocks : int
    dimensions : {2, 3}
        Planes or volumes.
    norm : {"batch", "instance", "layer", "group", "none"}
        Instance without gain and offset in the paper's code: the whole image counts.
    upsampling : {"transposed", "resize", "pixel_shuffle"}
        Transposed 3×3 in the paper's code.
    dropout : float
        0.5 in the paper.
    residual : {"added", "halved", "none"}
        ``clamp(image + tanh, -1, 1)`` as the paper; ``(image + tanh) / 2`` as the Keras form, which halves the contrast
        of what it leaves alone; ``tanh``.
    bias : bool, optional
        By default where no norm with an offset follows.

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, H, W), or with a depth before H. Values in [-1, 1] both.

    >>> import torch
    >>> ResNetGenerator(1, 1, width=4, blocks=1)(torch.zeros(1, 1, 65, 33)).shape
    torch.Size([1, 1, 65, 33])
    """

    stride = 4

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        width: int = 64,
        blocks: int = 9,
        dimensions: int = 2,
        norm: Norm = "instance",
        upsampling: Upsampling = "transposed",
        dropout: float = 0.5,
        residual: Residual = "added",
        bias: bool | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, dimensions=dimensions, width=width, blocks=blocks)
        if residual not in get_args(Residual):
            raise InputError(f"unknown residual {residual!r}; expected one of {', '.join(get_args(Residual))}")
        if residual != "none":
            check_residual(in_channels, self.out_channels)
        self.residual = residual
        field, self.halo = measure_field(partial(_walk_back, blocks=blocks, upsampling=upsampling), self.stride)
        self.receptive_field = field if norm_is_local(norm) else None
        bias = norm in ("instance", "none") if bias is None else bias
        conv = partial(conv_class(dimensions), bias=bias)

        def normalized(layer: nn.Module, channels: int) -> nn.Sequential:
            affine = norm != "instance"
            return nn.Sequential(layer, make_norm(norm, channels, dimensions, affine=affine), nn.ReLU(inplace=True))

        self.first = normalized(conv(in_channels, width, 7, padding=3, padding_mode="reflect"), width)
        self.down = nn.Sequential(
            normalized(conv(width, 2 * width, 3, 2, 1), 2 * width),
            normalized(conv(2 * width, 4 * width, 3, 2, 1), 4 * width),
        )
        self.blocks = nn.Sequential(
            *(ResidualBlock(4 * width, norm, dropout, dimensions, bias=bias) for _ in range(blocks))
        )
        up = partial(make_upsampling, upsampling, dimensions=dimensions, kernel=3, bias=bias)
        self.up = nn.Sequential(
            normalized(up(4 * width, 2 * width), 2 * width), normalized(up(2 * width, width), width)
        )
        self.last = conv_class(dimensions)(width, self.out_channels, 7, padding=3, padding_mode="reflect")
        initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Deblur."""
        x = self.first(pad_to_multiple(self.checked(image), self.stride, least=8))  # (N, width, H, W)
        x = self.down(x)  # (N, 4·width, H/4, W/4)
        x = self.blocks(x)
        x = self.up(x)  # (N, width, H, W)
        change = crop_like(self.last(x).tanh(), image)  # (N, out_channels, H, W)
        if self.residual == "added":
            return (middle_channels(image, self.out_channels) + change).clamp(-1, 1)
        if self.residual == "halved":
            return (middle_channels(image, self.out_channels) + change) / 2
        return change


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions around a shortcut, padded by reflection, with dropout between."""

    def __init__(self, channels: int, norm: Norm, dropout: float, dimensions: int, *, bias: bool) -> None:
        super().__init__()
        conv = partial(conv_class(dimensions), padding=1, padding_mode="reflect", bias=bias)
        affine = norm != "instance"
        self.body = nn.Sequential(
            conv(channels, channels, 3),
            make_norm(norm, channels, dimensions, affine=affine),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            conv(channels, channels, 3),
            make_norm(norm, channels, dimensions, affine=affine),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Add what the convolutions find."""
        return x + self.body(x)


def _walk_back(seen: Interval, blocks: int, upsampling: Upsampling) -> Interval:
    seen = through_conv(seen, 7)
    for _ in range(2):
        seen = through_upsampling(seen, upsampling, kernel=3)
    for _ in range(2 * blocks):
        seen = through_conv(seen, 3)
    for _ in range(2):
        seen = through_conv(seen, 3, stride=2, padding=1)
    return through_conv(seen, 7)
