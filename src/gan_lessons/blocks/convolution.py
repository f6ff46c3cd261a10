"""Convolutions that several networks share."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.errors import InputError


def conv_class(dimensions: int) -> type[nn.Conv2d] | type[nn.Conv3d]:
    """Return the convolution over planes (2) or volumes (3)."""
    if dimensions not in (2, 3):
        raise InputError(f"dimensions {dimensions!r}: expected 2 for planes, 3 for volumes")
    return nn.Conv2d if dimensions == 2 else nn.Conv3d


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
