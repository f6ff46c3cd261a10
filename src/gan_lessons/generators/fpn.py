"""DeblurGAN-v2's generator (Kupyn et al. 2019, arXiv:1908.03826): a feature pyramid over any encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.blocks import (
    Enlarge,
    Interval,
    Norm,
    check_residual,
    crop_like,
    enlarge,
    join,
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
from gan_lessons.generators.backbones import Backbone, Margin, Stages, make_backbone
from gan_lessons.generators.base import Generator

Enlargement = Literal["nearest", "transposed", "resize", "pixel_shuffle"]


class FPN(Generator):
    """Add a learned residual to the image, and clip the sum to [-1, 1].

    An encoder gives maps at strides 2 to 32. From the coarsest on, each is enlarged and added to the next finer (Lin et
    al. 2017, arXiv:1612.03144); what every level found is brought to a quarter of the image's size and joined.

    The defaults are the public code's MobileNet form; it keeps the encoder's layers that it never runs, this doesn't
    (2.107 M parameters instead of 3.313 M). Its Inception form is ``width=256``. ``separable=True`` is the paper's
    MobileNet-DSC, of which no code is public: each 3×3 convolution of the decoder becomes a depthwise one and a 1×1.
    Different from the original: images of any size are padded by replication (to 32, at least 64, for Inception 128);
    the residual is added to the middle ``out_channels``; norm and enlargement can be chosen. With instance norm the
    public code restores with the statistics of the image at hand (``train(True)``); here evaluation takes the averaged
    ones, and only then are tiles like the whole: for its behavior, put the network in training mode.

    Parameters
    ----------
    in_channels, out_channels : int
        As many out as in by default.
    backbone : str
        See `make_backbone`.
    width : int
        Channels of the pyramid: 128 for MobileNet, 256 for Inception. Heads have half of it, the last layers a quarter.
    separable : bool
        Depthwise-separable convolutions in the decoder.
    norm : {"instance", "batch", "layer", "group", "none"}
        Of the decoder; instance norm without gain, with averaged statistics in evaluation. The backbone keeps its own.
    upsampling : {"nearest", "transposed", "resize", "pixel_shuffle"}
        Of the last two enlargements. The original's nearest-neighbor ones have a convolution behind them.

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, H, W), any H and W. Values in [-1, 1].

    >>> FPN(1, 1, width=16)(torch.zeros(1, 1, 5, 70)).shape
    torch.Size([1, 1, 5, 70])
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int | None = None,
        *,
        backbone: str = "mobilenet_v2",
        width: int = 128,
        separable: bool = False,
        norm: Norm = "instance",
        upsampling: Enlargement = "nearest",
    ) -> None:
        super().__init__(in_channels, out_channels, width=width)
        check_residual(in_channels, self.out_channels)
        self.stride = 32
        trunk = make_backbone(backbone, in_channels)
        self.encoder, self.least, self.margins, self.upsampling = trunk.encoder, trunk.least, trunk.margins, upsampling

        def conv(inputs: int, outputs: int, *, bias: bool = False) -> nn.Module:
            if not separable:
                return nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)
            depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
            return nn.Sequential(depthwise, nn.Conv2d(inputs, outputs, 1, bias=bias))

        def smooth(inputs: int, outputs: int) -> nn.Sequential:
            normalize = make_norm(norm, outputs, affine=norm != "instance", running_statistics=True)
            return nn.Sequential(conv(inputs, outputs, bias=True), normalize, nn.ReLU(inplace=True))

        half, quarter = width // 2, width // 4
        outputs = (half, *[width] * 4)
        self.laterals = nn.ModuleList(
            nn.Conv2d(i, o, 1, bias=False) for i, o in zip(trunk.channels, outputs, strict=True)
        )
        self.top_down = nn.ModuleList(smooth(width, width) for _ in range(3))
        self.heads = nn.ModuleList(
            nn.Sequential(conv(width, half), nn.ReLU(inplace=True), conv(half, half), nn.ReLU(inplace=True))
            for _ in range(4)
        )
        self.merge, self.enlarge_merged = smooth(4 * half, half), _enlarge(upsampling, half)
        self.refine, self.enlarge_refined = smooth(half, quarter), _enlarge(upsampling, quarter)
        self.last = conv(quarter, self.out_channels, bias=True)
        field, self.halo = measure_field(lambda seen: self._back(seen, trunk), self.stride)
        self.receptive_field = field if trunk.path and norm_is_local(norm, running_statistics=True) else None

    def forward(self, image: Tensor) -> Tensor:
        """Restore."""
        maps = self.encoder(pad_to_multiple(self.checked(image), 32, least=self.least))
        maps = [_fill(lateral(x), m) for lateral, x, m in zip(self.laterals, maps, self.margins, strict=True)]
        pyramid = [maps.pop()]  # (N, width, H/32, W/32)
        for smooth in self.top_down:
            pyramid.append(smooth(maps.pop() + enlarge(pyramid[-1], 2)))  # (N, width, H/16, W/16), …, H/4
        heads = [enlarge(head(x), s) for head, x, s in zip(self.heads, pyramid, (8, 4, 2, 1), strict=True)]
        x = self.merge(torch.cat(heads, 1))  # (N, width/2, H/4, W/4)
        x = self.refine(self.enlarge_merged(x) + maps.pop())  # (N, width/4, H/2, W/2)
        x = torch.tanh(self.last(self.enlarge_refined(x)))  # (N, out_channels, H, W), padded
        return (middle_channels(image, self.out_channels) + crop_like(x, image)).clamp(-1, 1)

    def load_backbone(self, weights: Mapping[str, Tensor]) -> None:
        """Take a classifier's published weights, by the names that torchvision or timm give them.

        For images that aren't RGB the first convolution is fitted. Raises `InputError` where weights are missing.
        """
        if not isinstance(self.encoder, Stages):
            raise InputError(f"weights can't be taken for {type(self.encoder).__name__}; load them into `encoder`")
        self.encoder.load_published(weights)

    def _back(self, seen: Interval, trunk: Backbone) -> Interval:
        """Walk every way back: through the finest lateral, and from each head through all coarser levels."""
        seen = through_conv(self._through_enlarge(through_conv(seen, 3)), 3)
        found = [trunk.back(seen, 0)]
        seen = through_conv(self._through_enlarge(seen), 3)
        for level in range(1, 5):
            x = through_conv(through_conv(_halve(seen, level - 1), 3), 3)
            for deeper in range(level, 4):
                x = through_conv(x, 3)
                found.append(trunk.back(x, deeper))
                x = _halve(x, 1)
            found.append(trunk.back(x, 4))
        return join(*found)

    def _through_enlarge(self, seen: Interval) -> Interval:
        return _halve(seen, 1) if self.upsampling == "nearest" else through_upsampling(seen, self.upsampling)


def _halve(seen: Interval, times: int) -> Interval:
    return seen[0] >> times, seen[1] >> times


def _enlarge(kind: Enlargement, channels: int) -> nn.Module:
    return Enlarge(2) if kind == "nearest" else make_upsampling(kind, channels, channels)


def _fill(x: Tensor, margin: Margin) -> Tensor:
    """Give a map the rows and columns that convolutions without padding cost, by reflection."""
    return F.pad(x, (*margin, *margin), mode="reflect") if any(margin) else x
