"""DeblurGAN-v2's FPN-MobileNet (Kupyn et al. 2019, arXiv:1908.03826), rebuilt as a yardstick of speed, not for use.

The trunk is MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) up to its fifteenth block, the part that the public
code runs: 2.107 M parameters. Weights are random; they don't change the time.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, affine=False, track_running_stats=True)


def conv(inputs: int, outputs: int, size: int = 3, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, BatchNorm, ReLU6, as in MobileNetV2."""
    layer = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, expand: int = 6) -> None:
        super().__init__()
        hidden = inputs * expand
        self.residual = stride == 1 and inputs == outputs
        self.layers = nn.Sequential(
            *([conv(inputs, hidden, 1)] if expand > 1 else []),
            conv(hidden, hidden, stride=stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.residual else self.layers(x)


def blocks(inputs: int, outputs: int, count: int, *, stride: int = 2) -> nn.Sequential:
    first = InvertedResidual(inputs, outputs, stride=stride)
    return nn.Sequential(first, *(InvertedResidual(outputs, outputs) for _ in range(count - 1)))


def up(x: Tensor, factor: float = 2.0) -> Tensor:
    return F.interpolate(x, scale_factor=factor, mode="nearest")


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(128, 64, 3, padding=1, bias=False)
        self.second = nn.Conv2d(64, 64, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))))


class FPNMobileNet(nn.Module):
    """(N, 3, H, W) → (N, 3, H, W), H and W multiples of 32, values in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(
            [
                nn.Sequential(conv(3, 32, stride=2), InvertedResidual(32, 16, expand=1)),  # 1/2
                blocks(16, 24, 2),  # 1/4
                blocks(24, 32, 3),  # 1/8
                blocks(32, 64, 4),  # 1/16
                nn.Sequential(blocks(64, 96, 3, stride=1), blocks(96, 160, 2)),  # 1/32
            ]
        )
        self.laterals = nn.ModuleList(
            nn.Conv2d(i, o, 1, bias=False) for i, o in [(16, 64), (24, 128), (32, 128), (64, 128), (160, 128)]
        )
        self.top_down = nn.ModuleList(self._smooth(128, 128) for _ in range(3))
        self.heads = nn.ModuleList(Head() for _ in range(4))
        self.smooth, self.smooth2 = self._smooth(256, 64), self._smooth(64, 32)
        self.final = nn.Conv2d(32, 3, 3, padding=1)

    @staticmethod
    def _smooth(inputs: int, outputs: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), norm(outputs), nn.ReLU(inplace=True))

    def forward(self, image: Tensor) -> Tensor:
        x, laterals = image, []
        for encode, lateral in zip(self.encoder, self.laterals, strict=True):
            x = encode(x)
            laterals.append(lateral(x))
        finest, *pyramid = laterals
        for level in (2, 1, 0):
            pyramid[level] = self.top_down[level](pyramid[level] + up(pyramid[level + 1]))
        heads = [up(head(p), 2.0**i) for i, (head, p) in enumerate(zip(self.heads, pyramid, strict=True))]
        x = self.smooth(torch.cat(heads, 1))  # (N, 64, H/4, W/4)
        x = self.smooth2(up(x) + finest)  # (N, 32, H/2, W/2)
        return torch.clamp(torch.tanh(self.final(up(x))) + image, -1, 1)
