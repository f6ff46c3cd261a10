"""The mean of a feature map, over all of it or around each pixel."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MeanPool(nn.Module):
    """Average over the whole map, or over a window around each pixel (Chu et al. 2022, arXiv:2112.04491, TLC).

    At a border the window moves inward and keeps its size, as in the paper's code; where it is larger than the map, it
    covers the map. Sums are in float64, so that large maps lose no digits.

    Parameters
    ----------
    window : int, optional
        Side in pixels of the map; None: the whole map.

    Shape
    -----
    (N, C, H, W) → (N, C, 1, 1) without a window, else (N, C, H, W)

    >>> MeanPool(3)(torch.tensor([[[[1.0, 2.0, 6.0, 7.0]]]])).tolist()
    [[[[3.0, 3.0, 5.0, 5.0]]]]
    """

    def __init__(self, window: int | None = None) -> None:
        super().__init__()
        self.window = window

    def forward(self, x: Tensor) -> Tensor:
        """Average."""
        if self.window is None:
            return x.mean((2, 3), keepdim=True)
        means = self._along(self._along(x.double(), 2, self.window), 3, self.window)
        return means.to(x.dtype)

    @staticmethod
    def _along(x: Tensor, axis: int, window: int) -> Tensor:
        side = x.shape[axis]
        window = min(window, side)
        sums = torch.cat([torch.zeros_like(x.narrow(axis, 0, 1)), x.cumsum(axis)], axis)
        begin = (torch.arange(side, device=x.device) - (window - 1) // 2).clamp(0, side - window)
        return (sums.index_select(axis, begin + window) - sums.index_select(axis, begin)) / window
