"""Minibatch standard deviation (Karras et al. 2018, arXiv:1710.10196, section 3): lets a critic see mode collapse."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MinibatchDeviation(nn.Module):
    """Append a map that holds, everywhere, how much the items of the batch differ.

    The standard deviation over the batch, of every channel at every place, averaged to one number. Give real and fake
    images in batches of their own; a score then depends on the other items, which is the purpose. The paper's code
    takes groups of four, this the whole batch.

    Shape
    -----
    (N, C, …) → (N, C + 1, …)

    >>> MinibatchDeviation()(torch.tensor([[[1.0]], [[3.0]]]))[:, 1].tolist()
    [[1.0], [1.0]]
    """

    def forward(self, x: Tensor) -> Tensor:
        """Append."""
        deviation = (x.var(0, correction=0) + 1e-8).sqrt().mean()  # the small number: a finite slope where all agree
        return torch.cat([x, deviation.expand(x.shape[0], 1, *x.shape[2:])], 1)
