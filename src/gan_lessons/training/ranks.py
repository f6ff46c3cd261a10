"""What several processes that train together have to agree on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


class _Mean(torch.autograd.Function):
    """The mean over all processes; its gradient, too, counts what it does to the losses of all."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        return _reduced(value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return _reduced(gradients[0])


def _reduced(value: Tensor) -> Tensor:
    value = value.clone()
    dist.all_reduce(value)
    return value / dist.get_world_size()


def together() -> bool:
    """Return whether other processes train along."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def mean_over_ranks(value: Tensor) -> Tensor:
    """Return the mean of a tensor over all its values and all processes, whose batches are of equal size.

    >>> mean_over_ranks(torch.tensor([1.0, 3.0]))
    tensor(2.)
    """
    mean = value.mean()
    return _Mean.apply(mean) if together() else mean


def any_rank(flag: bool, device: torch.device) -> bool:
    """Return whether it is so in any process."""
    if not together():
        return flag
    vote = torch.tensor(float(flag), device=device)
    dist.all_reduce(vote, op=dist.ReduceOp.MAX)
    return bool(vote)


def averaged(values: Mapping[str, float], device: torch.device) -> dict[str, float]:
    """Return the means over all processes, which have the same names."""
    if not together():
        return dict(values)
    means = _reduced(torch.tensor(list(values.values()), dtype=torch.float64, device=device))
    return dict(zip(values, means.tolist(), strict=True))
