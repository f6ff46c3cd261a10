"""Self-attention over all pixels of a feature map."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.blocks.convolution import conv_class


class SelfAttention(nn.Module):
    """Add to each pixel what all pixels that resemble it hold (Zhang et al. 2019, arXiv:1805.08318, SAGAN).

    Several heads and scaled products as Vaswani et al. 2017, arXiv:1706.03762, where SAGAN has one and doesn't scale.
    The gain starts at zero, as in SAGAN: untrained, the layer passes its input on. Time and memory grow with the square
    of the number of pixels.

    Parameters
    ----------
    channels : int
    heads, key_channels : int
        Each head compares vectors of ``key_channels`` numbers.
    dimensions : {2, 3}

    Shape
    -----
    (N, channels, H, W) → the same

    >>> SelfAttention(8, heads=2, key_channels=4)(torch.zeros(1, 8, 3, 5)).shape
    torch.Size([1, 8, 3, 5])
    """

    def __init__(self, channels: int, *, heads: int = 4, key_channels: int = 64, dimensions: int = 2) -> None:
        super().__init__()
        conv, inner = conv_class(dimensions), heads * key_channels
        self.heads = heads
        self.query, self.key, self.value = (conv(channels, inner, 1) for _ in range(3))
        self.out = conv(inner, channels, 1)
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Attend."""
        query, key, value = (  # (N, heads, pixels, key_channels)
            project(x).flatten(2).unflatten(1, (self.heads, -1)).transpose(2, 3)
            for project in (self.query, self.key, self.value)
        )
        seen = F.scaled_dot_product_attention(query, key, value).transpose(2, 3)
        seen = seen.flatten(1, 2).reshape(x.shape[0], -1, *x.shape[2:])
        return x + self.gain * self.out(seen)
