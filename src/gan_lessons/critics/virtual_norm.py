"""Virtual batch norm (Salimans et al. 2016, arXiv:1606.03498, section 3.5): a batch norm without batch effects."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_lessons.errors import InputError


class VirtualBatchNorm(nn.Module):
    """Normalize each item by its own statistics pooled with those of a reference batch, fixed for the whole training.

    The reference batch goes through the network in front of the items (`PatchGAN` puts it there) and is normalized by
    its own statistics alone. So an item's result doesn't depend on the other items.

    Attributes
    ----------
    references : int
        How many items at the front are the reference batch.

    Shape
    -----
    (references + N, channels, …) → the same
    """

    def __init__(self, channels: int, *, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.references, self.epsilon = 0, epsilon
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Normalize."""
        if not self.references:
            raise InputError("norm 'virtual' has no reference batch; call the critic's set_reference(images) first")
        reference, items = x[: self.references], x[self.references :]
        space = tuple(range(2, x.ndim))
        reference_variance, reference_mean = torch.var_mean(reference, (0, *space), correction=0, keepdim=True)
        own_variance, own_mean = torch.var_mean(items, space, correction=0, keepdim=True)  # (N, C, 1, 1)
        share = 1 / (self.references + 1)  # of the item in the pool of itself and the reference
        mean = share * own_mean + (1 - share) * reference_mean
        between = share * (1 - share) * (own_mean - reference_mean) ** 2
        variance = share * own_variance + (1 - share) * reference_variance + between
        normalized = torch.cat(
            [
                (reference - reference_mean) * (reference_variance + self.epsilon).rsqrt(),
                (items - mean) * (variance + self.epsilon).rsqrt(),
            ]
        )
        gain, offset = (p.view(-1, *[1] * len(space)) for p in (self.weight, self.bias))
        return gain * normalized + offset
