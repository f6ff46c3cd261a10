"""SRGAN's generator (Ledig et al. 2017, arXiv:1609.04802): 9×9, residual blocks, pixel-shuffle, 9×9."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from gan_lessons.blocks import (
    Interval,
    Norm,
    Upsampling,
    crop_like,
    make_norm,
    make_upsampling,
    measure_field,
    norm_is_local,
    pad_to_multiple,
    through_conv,
    through_upsampling,
)
from gan_lessons.errors import InputError
from gan_lessons.generators.base import Generator


class SRGAN(Generator):
    """Enlarge an image twice or four times; with ``scale=1`` the same network, simplified, removes blur.

    Weights start as in torch (Kaiming, uniform): the paper doesn't say. A transposed 9×9 convolution of stride 1, which
    some write at the end, is the convolution by the turned kernel; this is a convolution. A single row or column is
    doubled first, so that batch norm can train on it.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
    scale : {4, 2, 1}
    width : int
        Channels of all feature maps.
    depth : int
        Residual blocks: 16 in the paper.
    long_skip : bool
        A convolution after the blocks, and what went into the first block added to it. The simplified form has none.
    activation : {"prelu", "relu"}
        PReLU has one learned slope a layer.
    norm : {"batch", "instance", "layer", "group", "none"}
    upsampling : {"pixel_shuffle", "resize", "transposed"}

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, scale·H, scale·W), any H and W. Values in [-1, 1] by custom, not clipped.

    >>> import torch
    >>> SRGAN(width=8, depth=1, scale=2)(torch.zeros(1, 3, 5, 7)).shape
    torch.Size([1, 3, 10, 14])
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        scale: Literal[4, 2, 1] = 4,
        width: int = 64,
        depth: int = 16,
        long_skip: bool = True,
        activation: Literal["prelu", "relu"] = "prelu",
        norm: Norm = "batch",
        upsampling: Upsampling = "pixel_shuffle",
    ) -> None:
        super().__init__(in_channels, out_channels, width=width, depth=depth)
        if scale not in (1, 2, 4):
            raise InputError(f"scale {scale}: expected 1, 2 or 4")
        self.scale, self.upsampling = scale, upsampling
        act = {"prelu": nn.PReLU, "relu": nn.ReLU}[activation]
        self.first = nn.Sequential(nn.Conv2d(in_channels, width, 9, padding=4), act())
        self.blocks = nn.Sequential(*(ResidualBlock(width, norm, act) for _ in range(depth)))
        after = [nn.Conv2d(width, width, 3, padding=1), make_norm(norm, width)] if long_skip else []
        self.after_blocks = nn.Sequential(*after) if long_skip else None
        self.enlarge = nn.Sequential(
            *(nn.Sequential(make_upsampling(upsampling, width, width), act()) for _ in range(scale // 2))
        )
        self.last = nn.Conv2d(width, self.out_channels, 9, padding=4)
        field, self.halo = measure_field(self._back, 1, scale)
        self.receptive_field = field if norm_is_local(norm) else None

    def forward(self, image: Tensor) -> Tensor:
        """Enlarge, or remove blur."""
        first = self.first(pad_to_multiple(self.checked(image), 1, least=2))  # (N, width, H, W)
        x = self.blocks(first)
        if self.after_blocks is not None:
            x = first + self.after_blocks(x)
        x = self.enlarge(x)  # (N, width, scale·H, scale·W)
        return crop_like(self.last(x), image, self.scale)  # (N, out_channels, scale·H, scale·W)

    def _back(self, seen: Interval) -> Interval:
        seen = through_conv(seen, 9)
        for _ in self.enlarge:
            seen = through_upsampling(seen, self.upsampling)
        for _ in range(2 * len(self.blocks) + (self.after_blocks is not None)):
            seen = through_conv(seen, 3)
        return through_conv(seen, 9)


class ResidualBlock(nn.Module):
    """Convolution, norm, activation, convolution, norm; the input added, and nothing after the sum."""

    def __init__(self, width: int, norm: Norm, activation: type[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            make_norm(norm, width),
            activation(),
            nn.Conv2d(width, width, 3, padding=1),
            make_norm(norm, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Add."""
        return x + self.layers(x)
