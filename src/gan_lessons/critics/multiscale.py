"""Multi-scale critic (Wang et al. 2018, pix2pixHD, arXiv:1711.11585): a PatchGAN on the image, on its half, …"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from torch import Tensor, nn

from gan_lessons.critics.base import Critic
from gan_lessons.critics.patchgan import PatchGAN
from gan_lessons.critics.stage import CriticNorm, Padding
from gan_lessons.errors import InputError


class MultiScaleCritic(Critic):
    """PatchGANs of their own weights on the image and on its halves: fine ones judge texture, coarse ones composition.

    5,535,618 parameters with two scales under the condition of 3 channels, as pix2pixHD. Halves are means of 3×3
    pixels, the border left out of the count. Difference: scores come without the feature maps in between (pix2pixHD's
    feature matching).

    Parameters
    ----------
    in_channels : int
        Of the judged image.
    weights : sequence of float
        What each scale's loss counts, finest first; so many scales there are. pix2pixHD adds them up.
    norm, padding, **patchgan
        As `PatchGAN`; the defaults are pix2pixHD's.

    Shape
    -----
    image (N, in_channels, H, W), condition (N, condition_channels, H, W) → list of score maps, finest first

    >>> import torch
    >>> [tuple(s.shape) for s in MultiScaleCritic(3, weights=(0.6, 0.4), width=8)(torch.zeros(1, 3, 64, 64))]
    [(1, 1, 11, 11), (1, 1, 7, 7)]
    """

    def __init__(
        self,
        in_channels: int = 3,
        *,
        weights: Sequence[float] = (1.0, 1.0),
        norm: CriticNorm = "instance",
        padding: Padding = 2,
        **patchgan: Any,
    ) -> None:
        super().__init__()
        if not weights:
            raise InputError("MultiScaleCritic: no weights; expected one a scale")
        critics = [PatchGAN(in_channels, norm=norm, padding=padding, **patchgan) for _ in weights]
        self.scales = nn.ModuleList(critics)
        finest = critics[0]
        self.weights, self.in_channels, self.condition_channels = tuple(weights), in_channels, finest.condition_channels
        self.dimensions, self.least_size = finest.dimensions, finest.least_size
        field = finest.receptive_field or 1
        for _ in critics[1:]:
            self.least_size, field = 2 * self.least_size - 1, 2 * field + 1
        self.receptive_field = field  # of the coarsest

    def forward(self, image: Tensor, condition: Tensor | None = None) -> list[Tensor]:
        """Score every patch of every scale."""
        self.join(image, condition)
        return [critic(smaller, beside) for critic, smaller, beside in self._halve(image, condition)]

    def set_reference(self, image: Tensor, condition: Tensor | None = None) -> None:
        """Fix the reference batch of virtual batch norm: see `PatchGAN.set_reference`."""
        for critic, smaller, beside in self._halve(image, condition):
            critic.set_reference(smaller, beside)

    def _halve(self, image: Tensor, condition: Tensor | None) -> Iterator[tuple[PatchGAN, Tensor, Tensor | None]]:
        """Yield each critic with its (N, C, H, W), (N, C, ⌈H/2⌉, ⌈W/2⌉), …"""
        pool = nn.AvgPool2d if self.dimensions == 2 else nn.AvgPool3d
        half = pool(3, stride=2, padding=1, count_include_pad=False)
        for level, critic in enumerate(cast("Iterable[PatchGAN]", self.scales)):
            if level:
                image, condition = half(image), None if condition is None else half(condition)
            yield critic, image, condition
