"""Parts that several networks share."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class DoubleConv(nn.Module):
    """Two 3×3 convolutions with ReLU (Ronneberger et al. 2015, arXiv:1505.04597), without norm.

    Without bias it is homogeneous: ``f(a·x) = a·f(x)`` for a > 0 (Mohan et al. 2020, arXiv:1906.05478).

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, H, W)
    """

    def __init__(self, in_channels: int, out_channels: int, *, bias: bool = False) -> None:
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=bias)
        self.second = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=bias)
        for conv in (self.first, self.second):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Convolve twice."""
        return F.relu(self.second(F.relu(self.first(x))))


def pad_to_multiple(x: Tensor, multiple: int) -> Tensor:
    """Replicate the last row and column until height and width are multiples.

    Shape
    -----
    (N, C, H, W) → (N, C, ⌈H / multiple⌉·multiple, ⌈W / multiple⌉·multiple)

    >>> import torch
    >>> pad_to_multiple(torch.zeros(1, 1, 1, 5), 4).shape
    torch.Size([1, 1, 4, 8])
    """
    height, width = x.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    return F.pad(x, (0, right, 0, bottom), mode="replicate") if bottom or right else x
