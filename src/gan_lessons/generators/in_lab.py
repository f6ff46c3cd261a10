"""A generator that works in CIELAB: lightness apart from colors, so that what sharpens doesn't tint."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from gan_lessons.blocks.lab import lab_to_srgb, srgb_to_lab
from gan_lessons.errors import InputError
from gan_lessons.generators.base import Generator


class InLab(Generator):
    """Bring RGB to CIELAB, run a generator there, and bring its result back.

    Parameters
    ----------
    network : Generator
        Of three channels in and out. It sees L, a and b scaled to its range.
    value_range : (float, float)
        Black and white of the network, and of the images; (-1, 1) with tanh.

    Shape
    -----
    (N, 3, H, W) → (N, 3, scale·H, scale·W), sRGB
    """

    def __init__(self, network: Generator, value_range: tuple[float, float] = (0.0, 1.0)) -> None:
        super().__init__(network.in_channels, network.out_channels, dimensions=network.dimensions)
        if (network.in_channels, network.out_channels, network.dimensions, network.guides) != (3, 3, 2, 0):
            raise InputError(
                f"color lab: {type(network).__name__} maps {network.in_channels} channels to {network.out_channels}; "
                "expected planes of 3 and 3 (RGB), without guides: leave color out"
            )
        self.network = network
        self.black, self.span = value_range[0], value_range[1] - value_range[0]
        self.scale, self.stride, self.halo = network.scale, network.stride, network.halo
        self.receptive_field = network.receptive_field

    def forward(self, image: Tensor) -> Tensor:
        """Restore."""
        lab = srgb_to_lab((self.checked(image).float() - self.black) / self.span)  # (N, 3, H, W)
        center, reach = lab.new_tensor([[50.0, 0.0, 0.0], [50.0, 110.0, 110.0]]).view(2, 3, 1, 1)
        middle = self.black + self.span / 2
        scaled = middle + self.span / 2 * (lab - center) / reach
        restored = cast(Tensor, self.network(scaled)).float()
        with torch.autocast(image.device.type, enabled=False):
            rgb = lab_to_srgb(center + reach * (restored - middle) * 2 / self.span)
        return self.black + self.span * rgb
