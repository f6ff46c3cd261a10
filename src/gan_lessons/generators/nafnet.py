"""NAFNet (Chen et al. 2022, arXiv:2204.04676): a U-Net of blocks without activation functions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_lessons.blocks import (
    Interval,
    MeanPool,
    Norm,
    Upsampling,
    check_residual,
    crop_like,
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


class NAFNet(Generator):
    """Add a learned residual to the image. The defaults are the paper's network for motion blur (GoPro), width 32.

    Different from the original: sizes that the levels don't divide are padded by replication, not by zeros; the
    residual is added to the middle ``out_channels``; norm and upsampling can be chosen.

    The channels' weights come from the mean of the whole map, so that a tile's result depends on the tile. ``window``
    takes the mean around each pixel instead (TLC: Chu et al. 2022, arXiv:2112.04491), as the authors do when they test:
    384, for training on 256. Tiles then see nearly what the whole image sees. Strictly, each block moves on by half a
    window, so that the receptive field is all windows end to end, and much larger than one.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
    width : int
        Channels at full resolution; doubled at each level.
    encoder, decoder : sequence of int
        Blocks at each level on the way down and up; each of ``encoder`` ends in a halving.
    middle : int
        Blocks at the bottom.
    window : int, optional
        Side, in pixels of the image, of the square over which the mean is taken; None: the whole image. A multiple of
        2 to the number of levels.
    norm : {"layer", "batch", "instance", "group", "none"}
    upsampling : {"pixel_shuffle", "resize", "transposed"}
        The paper's pixel-shuffle follows a 1×1 convolution without bias.

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, H, W), any H and W. Values in [0, 1] by custom, not clipped.

    >>> NAFNet(1, 1, width=4, encoder=(1, 1), decoder=(1, 1))(torch.zeros(1, 1, 5, 7)).shape
    torch.Size([1, 1, 5, 7])
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        width: int = 32,
        encoder: Sequence[int] = (1, 1, 1, 28),
        middle: int = 1,
        decoder: Sequence[int] = (1, 1, 1, 1),
        window: int | None = None,
        norm: Norm = "layer",
        upsampling: Upsampling = "pixel_shuffle",
    ) -> None:
        super().__init__(in_channels, out_channels, width=width)
        check_residual(in_channels, self.out_channels)
        levels = len(encoder)
        if len(decoder) != levels:
            raise InputError(f"decoder of {len(decoder)} levels; expected {levels}, as the encoder has")
        self.stride = 2**levels
        if window is not None and window % self.stride:
            raise InputError(f"window {window}: expected a multiple of {self.stride}")
        self.window, self.upsampling = window, upsampling

        def blocks(level: int, count: int) -> nn.Sequential:
            side = None if window is None else window >> level
            return nn.Sequential(*(NAFBlock(width << level, side, norm) for _ in range(count)))

        self.first = nn.Conv2d(in_channels, width, 3, padding=1)
        self.encoder = nn.ModuleList(blocks(level, count) for level, count in enumerate(encoder))
        self.shrink = nn.ModuleList(nn.Conv2d(width << level, width << level + 1, 2, 2) for level in range(levels))
        self.middle = blocks(levels, middle)
        self.enlarge = nn.ModuleList(_enlarge(upsampling, width << level) for level in range(levels, 0, -1))
        self.decoder = nn.ModuleList(blocks(levels - 1 - i, count) for i, count in enumerate(decoder))
        self.last = nn.Conv2d(width, self.out_channels, 3, padding=1)
        field, self.halo = measure_field(self._back, self.stride)
        self.receptive_field = field if norm_is_local(norm) and window is not None else None

    def forward(self, image: Tensor) -> Tensor:
        """Restore."""
        x = self.first(pad_to_multiple(self.checked(image), self.stride))
        skips = []
        for encode, shrink in zip(self.encoder, self.shrink, strict=True):
            x = encode(x)  # (N, width·2^level, H/2^level, W/2^level)
            skips.append(x)
            x = shrink(x)
        x = self.middle(x)
        for enlarge, decode in zip(self.enlarge, self.decoder, strict=True):
            x = decode(enlarge(x) + skips.pop())  # (N, width·2^level, H/2^level, W/2^level)
        return middle_channels(image, self.out_channels) + crop_like(self.last(x), image)  # (N, out_channels, H, W)

    def _back(self, seen: Interval) -> Interval:
        seen = through_conv(seen, 3)
        for decode in reversed(self.decoder):
            seen = self._through_blocks(seen, decode)
            seen = self._through_enlarge(seen)
        seen = self._through_blocks(seen, self.middle)
        for encode in reversed(self.encoder):
            seen = self._through_blocks(through_conv(seen, 2, 2, 0), encode)
        return through_conv(seen, 3)

    def _through_enlarge(self, seen: Interval) -> Interval:
        if self.upsampling == "pixel_shuffle":
            return seen[0] // 2, seen[1] // 2
        return through_upsampling(seen, self.upsampling)

    @staticmethod
    def _through_blocks(seen: Interval, blocks: nn.Module) -> Interval:
        for block in blocks.children():
            assert isinstance(block, NAFBlock)
            seen = through_conv(through_conv(seen, block.window or 1), 3)
        return seen


class NAFBlock(nn.Module):
    """Mix space, weigh channels; mix channels. Gates, products of two halves, stand for activation functions."""

    def __init__(self, channels: int, window: int | None, norm: Norm) -> None:
        super().__init__()
        self.norm1, self.norm2 = make_norm(norm, channels), make_norm(norm, channels)
        self.expand = nn.Conv2d(channels, 2 * channels, 1)
        self.depthwise = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, groups=2 * channels)
        self.window, self.pool = window, MeanPool(window)
        self.attention = nn.Conv2d(channels, channels, 1)
        self.project = nn.Conv2d(channels, channels, 1)
        self.widen = nn.Conv2d(channels, 2 * channels, 1)
        self.narrow = nn.Conv2d(channels, channels, 1)
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Add what both halves find."""
        y = _gate(self.depthwise(self.expand(self.norm1(x))))  # (N, channels, H, W)
        y = self.project(y * self.attention(self.pool(y)))  # simplified channel attention
        x = torch.addcmul(x, y, self.beta)
        y = self.narrow(_gate(self.widen(self.norm2(x))))
        return torch.addcmul(x, y, self.gamma)


def _gate(x: Tensor) -> Tensor:
    left, right = x.chunk(2, 1)
    return left * right


def _enlarge(kind: Upsampling, channels: int) -> nn.Module:
    if kind == "pixel_shuffle":
        return nn.Sequential(nn.Conv2d(channels, 2 * channels, 1, bias=False), nn.PixelShuffle(2))
    return make_upsampling(kind, channels, channels // 2)
