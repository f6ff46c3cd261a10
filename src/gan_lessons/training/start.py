"""Begin with another model's weights, where they fit."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def start_from(generator: nn.Module, other: nn.Module) -> None:
    """Copy the weights whose shapes agree; a first layer that sees more channels starts blind to the new ones.

    The new channels of `UnshuffleUNet` stand around the old: neighboring planes before the guides. Guides that only one
    of the two has are left out.
    """
    own, theirs = generator.state_dict(), other.state_dict()
    with torch.no_grad():
        for name, tensor in own.items():
            if name in theirs and theirs[name].shape == tensor.shape:
                tensor.copy_(theirs[name])
            elif name in theirs and tensor.ndim == 4 and tensor.shape[0] == theirs[name].shape[0]:
                _widen_first(tensor, theirs[name], generator, other)


def _widen_first(own: Tensor, theirs: Tensor, generator: Any, other: Any) -> None:
    folds = int(generator.unshuffle) ** 2
    begin = (int(generator.in_channels) - int(other.in_channels)) // 2 * folds
    seen, theirs_seen = int(generator.in_channels) * folds, int(other.in_channels) * folds
    told = min(own.shape[1] - seen, theirs.shape[1] - theirs_seen)  # guides that both have: the filters come first
    own.zero_()
    own[:, begin : begin + theirs_seen] = theirs[:, :theirs_seen]
    own[:, seen : seen + told] = theirs[:, theirs_seen : theirs_seen + told]
