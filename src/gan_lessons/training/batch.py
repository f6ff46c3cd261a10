"""From pairs to the tensors that a network takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gan_lessons.data.pair import Pair
from gan_lessons.errors import InputError


class Batch(NamedTuple):
    """Pairs side by side."""

    image: Tensor  # (N, in_channels, (Z), Y, X), degraded
    guides: Tensor | None  # (N, out_channels·guides, (Z), Y, X)
    truth: Tensor  # (N, out_channels, (Z), Y, X)
    weight: Tensor  # (N,), how much each counts

    def each(self, change: Callable[[Tensor], Tensor]) -> Batch:
        """Return the batch with every tensor changed."""
        guides = None if self.guides is None else change(self.guides)
        return Batch(change(self.image), guides, change(self.truth), change(self.weight))

    def parts(self, count: int) -> list[Batch]:
        """Return so many equal parts."""
        guides = [None] * count if self.guides is None else self.guides.chunk(count)
        split = (self.image.chunk(count), guides, self.truth.chunk(count), self.weight.chunk(count))
        return [Batch(*part) for part in zip(*split, strict=True)]

    def shifted(self, black: float, white: float) -> Batch:
        """Return images of [0, 1] in a network's range."""
        if (black, white) == (0.0, 1.0):
            return self
        return self.each(lambda images: black + (white - black) * images)._replace(weight=self.weight)

    def given(self) -> tuple[Tensor, ...]:
        """Return what a generator takes."""
        return (self.image,) if self.guides is None else (self.image, self.guides)


def collate(pairs: Sequence[Pair], dimensions: int = 2) -> Batch:
    """Put pairs side by side; for a network of planes each plane of a slab (C, Z, Y, X) becomes an item.

    Raises
    ------
    InputError
        If their shapes differ.

    >>> one = Pair(torch.zeros(1, 8, 8), torch.zeros(1, 8, 8))
    >>> collate([one, one]).image.shape
    torch.Size([2, 1, 8, 8])
    """
    images = [_items(pair.degraded, dimensions) for pair in pairs]
    truths = [_items(pair.sharp, dimensions) for pair in pairs]
    guides = [_items(pair.guides, dimensions) for pair in pairs if pair.guides is not None]
    if len({image.shape[1:] for image in images}) > 1 or len(guides) not in (0, len(pairs)):
        shapes = ", ".join(sorted({str(tuple(image.shape[1:])) for image in images}))
        raise InputError(f"pairs of a batch don't fit together: degraded patches {shapes}, guides in {len(guides)}")
    weights = [pair.weight for pair, image in zip(pairs, images, strict=True) for _ in image]
    weight = torch.tensor(weights, dtype=torch.float32)
    return Batch(torch.cat(images), torch.cat(guides) if guides else None, torch.cat(truths), weight)


def _items(patch: Tensor, dimensions: int) -> Tensor:
    """Return (N, C, (Z), Y, X)."""
    return patch.movedim(1, 0) if patch.ndim == dimensions + 2 else patch[None]
