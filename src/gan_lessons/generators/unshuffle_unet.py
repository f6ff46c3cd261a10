"""The shipped models' generator: a dense U-Net behind a pixel-unshuffle, without norm and without bias."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.blocks import DoubleConv, Interval, enlarge, join, measure_field, pad_to_multiple, through_conv
from gan_lessons.generators.base import Generator


class UnshuffleUNet(Generator):
    """Add a learned residual to a blurred image, guided by Wiener-filtered copies of it where the PSF is known.

    Pixel-unshuffle (Shi et al. 2016, arXiv:1609.05158) brings the image to ``1 / unshuffle`` of its size with all its
    values kept as channels; a U-Net (Ronneberger et al. 2015, arXiv:1505.04597) works there at full arithmetic speed.
    No norm: the result doesn't depend on the tile. No bias: ``f(a·x) = a·f(x)`` for a > 0 (Mohan et al. 2020,
    arXiv:1906.05478). The last layer starts at zero: untrained, the network returns its input.

    Parameters
    ----------
    in_channels, out_channels : int
        The residual is added to the middle ``out_channels`` of the input: all of an RGB image, the central of an odd
        number of neighbouring z planes.
    guides : int
        Number of filtered copies of each output channel; 0 for a blind network.
    unshuffle : int
        Factor of the pixel-unshuffle.
    widths : sequence of int
        Channels at each level, finest first; each level halves height and width.

    Shape
    -----
    image (N, in_channels, H, W), guides (N, out_channels·guides, H, W) → (N, out_channels, H, W), any H and W.

    >>> UnshuffleUNet(1, 1, guides=3)(torch.zeros(1, 1, 65, 33)).shape
    torch.Size([1, 1, 65, 33])
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        *,
        guides: int = 0,
        unshuffle: int = 2,
        widths: Sequence[int] = (48, 64, 96),
    ) -> None:
        super().__init__(in_channels, out_channels, unshuffle=unshuffle)
        self.guides, self.unshuffle = guides, unshuffle
        self.stride = unshuffle * 2 ** (len(widths) - 1)
        back = partial(_walk_back, levels=len(widths), unshuffle=unshuffle)
        self.receptive_field, self.halo = measure_field(back, self.stride)

        first = (in_channels + out_channels * guides) * unshuffle**2
        self.encoder = nn.ModuleList(DoubleConv(i, o) for i, o in pairwise((first, *widths)))
        self.decoder = nn.ModuleList(DoubleConv(deep + skip, skip) for skip, deep in reversed(list(pairwise(widths))))
        self.last = nn.Conv2d(widths[0], out_channels * unshuffle**2, 3, padding=1, bias=False)
        nn.init.zeros_(self.last.weight)

    def forward(self, image: Tensor, guides: Tensor | None = None) -> Tensor:
        """Restore; without guides the image stands in for its own filtered copies."""
        height, width = self.checked(image).shape[-2:]
        begin = (self.in_channels - self.out_channels) // 2
        blurred = image[:, begin : begin + self.out_channels]  # (N, out, H, W)
        if self.guides:
            guides = blurred.repeat(1, self.guides, 1, 1) if guides is None else guides
            image = torch.cat([image, guides], 1)
        x = F.pixel_unshuffle(pad_to_multiple(image, self.stride), self.unshuffle)
        skips = []
        for level, encode in enumerate(self.encoder):
            x = encode(F.max_pool2d(x, 2) if level else x)  # (N, widths[level], H/r/2^level, W/r/2^level)
            skips.append(x)
        skips.pop()
        for decode in self.decoder:
            x = decode(torch.cat([enlarge(x), skips.pop()], 1))
        residual = F.pixel_shuffle(self.last(x), self.unshuffle)  # (N, out, H, W), padded
        return blurred + residual[..., :height, :width]


def _walk_back(seen: Interval, levels: int, unshuffle: int) -> Interval:
    seen = through_conv((seen[0] // unshuffle, seen[1] // unshuffle), 3)
    skips = []
    for _ in range(levels - 1):
        seen = through_conv(seen, 5)  # two 3×3
        skips.append(seen)
        seen = seen[0] // 2, seen[1] // 2
    seen = through_conv(seen, 5)
    for across in reversed(skips):
        seen = through_conv(join((2 * seen[0], 2 * seen[1] + 1), across), 5)
    return unshuffle * seen[0], unshuffle * (seen[1] + 1) - 1
