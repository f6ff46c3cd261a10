"""U-Net critic with spectral norm (Wang et al. 2021, Real-ESRGAN, arXiv:2107.10833): a score for every pixel."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from gan_lessons.blocks import Interval, crop_like, join, measure_field, pad_to_multiple, through_conv
from gan_lessons.critics.base import Critic
from gan_lessons.errors import check_counts


class UNetCritic(Critic):
    """Score every pixel by what is near and what is around it; skips are added, enlargement is bilinear.

    4,376,897 parameters for RGB. Real-ESRGAN judges the sharpened truth against the result. Differences from its
    code: any size (padded by replication, cropped), not only multiples of 8.

    Parameters
    ----------
    in_channels, condition_channels : int
        As `PatchGAN`.
    width : int
        Channels at full resolution, doubled at each of three halvings.

    Shape
    -----
    image (N, in_channels, H, W), condition (N, condition_channels, H, W) → (N, 1, H, W), any H and W

    >>> import torch
    >>> UNetCritic(1, width=8)(torch.zeros(1, 1, 33, 20)).shape
    torch.Size([1, 1, 33, 20])
    """

    def __init__(self, in_channels: int = 3, *, condition_channels: int = 0, width: int = 64) -> None:
        super().__init__()
        check_counts(in_channels=in_channels, width=width)
        self.in_channels, self.condition_channels = in_channels, condition_channels
        self.receptive_field, _ = measure_field(_back, stride=8)
        widths = [width * 2**level for level in range(4)]
        self.first = nn.Conv2d(in_channels + condition_channels, width, 3, padding=1)
        self.down = nn.ModuleList(_conv(*channels, kernel=4, stride=2) for channels in pairwise(widths))
        self.up = nn.ModuleList(_conv(*channels) for channels in pairwise(reversed(widths)))
        self.refine = nn.ModuleList(_conv(width, width) for _ in range(2))
        self.score = nn.Conv2d(width, 1, 3, padding=1)
        self.activation = nn.LeakyReLU(0.2, inplace=True)

    def forward(self, image: Tensor, condition: Tensor | None = None) -> Tensor:
        """Score every pixel."""
        x = self.first(pad_to_multiple(self.join(image, condition), 8))
        x = self.activation(x)  # (N, width, H, W)
        skips = []
        for down in self.down:
            skips.append(x)
            x = self.activation(down(x))  # (N, 2·width, H/2, W/2), …, (N, 8·width, H/8, W/8)
        for up in self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear")
            x = self.activation(up(x)) + skips.pop()  # (N, 4·width, H/4, W/4), …, (N, width, H, W)
        for refine in self.refine:
            x = self.activation(refine(x))  # (N, width, H, W)
        return crop_like(self.score(x), image)  # (N, 1, H, W)


def _conv(in_channels: int, out_channels: int, *, kernel: int = 3, stride: int = 1) -> nn.Module:
    return spectral_norm(nn.Conv2d(in_channels, out_channels, kernel, stride, 1, bias=False))


def _back(seen: Interval) -> Interval:
    """Walk from scores to the pixels that they depend on."""
    for _ in range(3):
        seen = through_conv(seen, 3)  # score and refinement
    return through_conv(_below(seen, 0), 3)


def _below(seen: Interval, level: int) -> Interval:
    """Walk down from a level's sum: what comes through the skip, and what comes from the levels below."""
    if level == 3:
        return seen
    first, last = through_conv(seen, 3)
    enlarged = (first - 1) // 2, (last + 1) // 2  # bilinear: the nearest two
    return join(seen, through_conv(_below(enlarged, level + 1), 4, 2, 1))
