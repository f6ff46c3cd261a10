"""Bring images of any size to sizes that a network can halve."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def pad_to_multiple(x: Tensor, multiple: int, *, least: int = 1) -> Tensor:
    """Replicate the last row and column (and plane) until every side is a multiple, and at least ``least``.

    There is no branch on the size, so that an exported network takes any.

    Parameters
    ----------
    x : Tensor
        (N, C, H, W) or (N, C, D, H, W).
    multiple, least : int
        ``least`` is a multiple of ``multiple``, or 1.

    Shape
    -----
    (N, C, H, W) → (N, C, ⌈H / multiple⌉·multiple, ⌈W / multiple⌉·multiple)

    >>> pad_to_multiple(torch.zeros(1, 1, 1, 5), 4).shape
    torch.Size([1, 1, 4, 8])
    """
    padding: list[Any] = []
    for side in reversed(x.shape[2:]):
        wanted = side + -side % multiple
        padding += [0, (_at_least(wanted, least) if least > multiple else wanted) - side]
    return F.pad(x, padding, mode="replicate")


def crop_like(x: Tensor, image: Tensor, scale: int = 1) -> Tensor:
    """Crop what `pad_to_multiple` added: ``x`` gets the sides of ``image``, times ``scale``.

    >>> crop_like(torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 5, 7)).shape
    torch.Size([1, 3, 5, 7])
    """
    for axis, side in enumerate(image.shape[2:], start=2):
        x = x.narrow(axis, 0, side * scale)
    return x


def _at_least(side: Any, least: int) -> Any:
    """Take the larger number without a branch: of a size, of torch.export's symbol, or of torch.jit.trace's tensor."""
    return side.clamp(min=least) if isinstance(side, Tensor) else torch.sym_max(side, least)
