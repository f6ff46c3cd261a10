"""Dual critic of DeblurGAN-v2 (Kupyn et al. 2019, arXiv:1908.03826): is each patch real, is the whole real?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from gan_lessons.critics.base import Critic
from gan_lessons.critics.patchgan import PatchGAN
from gan_lessons.critics.stage import CriticNorm, Padding


class DualCritic(Critic):
    """Two PatchGANs on the same image, their losses averaged: ``patch`` sees 70 pixels, ``full`` sees 286.

    13,919,106 parameters for RGB. "Full" is still a PatchGAN: on DeblurGAN-v2's crops of 256 pixels it sees all.
    Difference from its code: no running statistics in the norm, which training never reads.

    Parameters
    ----------
    in_channels : int
        Of the judged image.
    depths, flats : two ints
        ``depth`` and ``flat`` of the `PatchGAN` called patch, then of the one called full.
    norm, padding, **patchgan
        As `PatchGAN`; the defaults are DeblurGAN-v2's.

    Shape
    -----
    image (N, in_channels, H, W), condition (N, condition_channels, H, W) → two score maps, patch and full

    >>> import torch
    >>> [tuple(s.shape) for s in DualCritic(3, width=8)(torch.zeros(1, 3, 64, 64))]
    [(1, 1, 11, 11), (1, 1, 5, 5)]
    """

    def __init__(
        self,
        in_channels: int = 3,
        *,
        depths: Sequence[int] = (3, 5),
        flats: Sequence[int] = (1, 1),
        norm: CriticNorm = "instance",
        padding: Padding = 2,
        **patchgan: Any,
    ) -> None:
        super().__init__()
        self.patch, self.full = (
            PatchGAN(in_channels, depth=depth, flat=flat, norm=norm, padding=padding, **patchgan)
            for depth, flat in zip(depths, flats, strict=True)
        )
        self.weights, self.in_channels = (0.5, 0.5), in_channels
        self.condition_channels, self.dimensions = self.patch.condition_channels, self.patch.dimensions
        self.receptive_field = max(critic.receptive_field or 1 for critic in (self.patch, self.full))
        self.least_size = max(critic.least_size for critic in (self.patch, self.full))

    def forward(self, image: Tensor, condition: Tensor | None = None) -> list[Tensor]:
        """Score every patch of both sizes."""
        self.join(image, condition)
        return [self.patch(image, condition), self.full(image, condition)]

    def set_reference(self, image: Tensor, condition: Tensor | None = None) -> None:
        """Fix the reference batch of virtual batch norm: see `PatchGAN.set_reference`."""
        self.patch.set_reference(image, condition)
        self.full.set_reference(image, condition)
