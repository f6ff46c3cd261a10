"""A slowly following average of the weights, which is what is kept."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move the average towards the network's weights, slowly only once they have settled; statistics are copied."""
    decay = min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay)
    if own := list(average.buffers()):
        torch._foreach_copy_(own, list(network.buffers()))
