"""ESRGAN's generator (Wang et al. 2018, arXiv:1809.00219): residual-in-residual dense blocks, then enlargement."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

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


class RRDBNet(Generator):
    """Enlarge an image four times, or restore one from its pixel-unshuffled form.

    Scales 2 and 1 are Real-ESRGAN's (Wang et al. 2021, arXiv:2107.10833): the image is first pixel-unshuffled, by 2 or
    4. Weights start as in the paper: Kaiming, times 0.1 in the dense blocks. Different from the original: sizes that
    the unshuffle doesn't divide are padded by replication; norm and upsampling can be chosen, the paper has no norm.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
    scale : {4, 2, 1}
    width, growth : int
        Channels of the trunk, and those that each convolution of a dense block adds.
    depth : int
        Residual-in-residual blocks: 23 in the paper, 6 in Real-ESRGAN's small form for drawings.
    norm : {"none", "batch", "instance", "layer", "group"}
    upsampling : {"resize", "transposed", "pixel_shuffle"}

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, scale·H, scale·W), any H and W. Values in [0, 1] by custom, not clipped.

    >>> RRDBNet(width=8, growth=4, depth=1)(torch.zeros(1, 3, 5, 7)).shape
    torch.Size([1, 3, 20, 28])
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        scale: Literal[4, 2, 1] = 4,
        width: int = 64,
        growth: int = 32,
        depth: int = 23,
        norm: Norm = "none",
        upsampling: Upsampling = "resize",
    ) -> None:
        super().__init__(in_channels, out_channels, width=width, growth=growth, depth=depth)
        if scale not in (1, 2, 4):
            raise InputError(f"scale {scale}: expected 1, 2 or 4")
        self.scale, self.stride, self.depth, self.upsampling = scale, 4 // scale, depth, upsampling
        self.first = nn.Conv2d(in_channels * self.stride**2, width, 3, padding=1)
        self.trunk = nn.Sequential(*(ResidualInResidual(width, growth, norm) for _ in range(depth)))
        self.after_trunk = nn.Conv2d(width, width, 3, padding=1)
        self.enlarge = nn.ModuleList(make_upsampling(upsampling, width, width) for _ in range(2))
        self.before_last = nn.Conv2d(width, width, 3, padding=1)
        self.last = nn.Conv2d(width, self.out_channels, 3, padding=1)
        field, self.halo = measure_field(self._back, self.stride, scale)
        self.receptive_field = field if norm_is_local(norm) else None

    def forward(self, image: Tensor) -> Tensor:
        """Enlarge."""
        x = F.pixel_unshuffle(pad_to_multiple(self.checked(image), self.stride), self.stride)
        x = self.first(x)  # (N, width, H/stride, W/stride)
        x = x + self.after_trunk(self.trunk(x))
        for enlarge in self.enlarge:
            x = F.leaky_relu(enlarge(x), 0.2, inplace=True)  # twice and four times that
        x = F.leaky_relu(self.before_last(x), 0.2, inplace=True)
        return crop_like(self.last(x), image, self.scale)  # (N, out_channels, scale·H, scale·W)

    def _back(self, seen: Interval) -> Interval:
        seen = through_conv(through_conv(seen, 3), 3)
        for _ in self.enlarge:
            seen = through_upsampling(seen, self.upsampling)
        for _ in range(2 + 15 * self.depth):
            seen = through_conv(seen, 3)
        return through_conv(seen, self.stride, self.stride, 0)


class ResidualInResidual(nn.Sequential):
    """Three dense blocks, and a fifth of their result added to what came in."""

    def __init__(self, width: int, growth: int, norm: Norm) -> None:
        super().__init__(*(DenseBlock(width, growth, norm) for _ in range(3)))

    def forward(self, x: Tensor) -> Tensor:
        """Add."""
        return torch.add(x, super().forward(x), alpha=0.2)


class DenseBlock(nn.Module):
    """Four convolutions that each see all before them, a fifth that brings them together; a fifth of that is added."""

    def __init__(self, width: int, growth: int, norm: Norm) -> None:
        super().__init__()
        self.grow = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width + i * growth, growth, 3, padding=1),
                make_norm(norm, growth),
                nn.LeakyReLU(0.2, inplace=True),
            )
            for i in range(4)
        )
        self.fuse = nn.Conv2d(width + 4 * growth, width, 3, padding=1)
        for conv in self.modules():
            if isinstance(conv, nn.Conv2d):
                nn.init.kaiming_normal_(conv.weight)
                with torch.no_grad():
                    conv.weight.mul_(0.1)
                nn.init.zeros_(conv.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Grow, fuse, add."""
        grown = x
        for layer in self.grow:
            grown = torch.cat([grown, layer(grown)], 1)  # (N, width + i·growth, H, W)
        return torch.add(x, self.fuse(grown), alpha=0.2)
