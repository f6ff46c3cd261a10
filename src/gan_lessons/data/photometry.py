"""Augmentations that change values: light and color alike in both patches of a pair, harm in the degraded one alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from gan_lessons.data.geometry import check_chance
from gan_lessons.data.pair import Pair
from gan_lessons.errors import InputError


@dataclass(frozen=True)
class BrightnessContrast:
    """Multiply contrast about the degraded patch's mean, and add brightness; nothing is clipped.

    Parameters
    ----------
    brightness : float
        Up to this is added or taken away, where the scaled image reaches from 0 to 1.
    contrast : float
        Factor from 1 − contrast to 1 + contrast. Both 0.2 in the Keras tutorials.
    chance : float
    """

    brightness: float = 0.2
    contrast: float = 0.2
    chance: float = 1.0

    def __post_init__(self) -> None:
        check_chance("brightness-contrast", chance=self.chance, contrast=self.contrast)

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Change both patches by the same affine map."""
        chance, added, factor = rng.random(), *rng.uniform(-1, 1, 2)
        if chance >= self.chance:
            return pair
        gain = 1 + self.contrast * factor
        offset = float(pair.degraded.mean()) * (1 - gain) + self.brightness * added
        return replace(pair, degraded=pair.degraded * gain + offset, sharp=pair.sharp * gain + offset)


@dataclass(frozen=True)
class ColorJitter:
    """Change the saturation and the hue of photographs, values in [0, 1] (torchvision's operations).

    Parameters
    ----------
    saturation : float
        Factor from 1 − saturation to 1 + saturation.
    hue : float
        Turn of the color circle up to this share of it, at most 0.5.
    chance : float
    """

    saturation: float = 0.2
    hue: float = 0.02
    chance: float = 0.5

    def __post_init__(self) -> None:
        check_chance("color-jitter", chance=self.chance, saturation=self.saturation)
        if not 0 <= self.hue <= 0.5:
            raise InputError(f"color-jitter: hue {self.hue:g}; expected 0 to 0.5 of the color circle")

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Change both patches alike."""
        for image in (pair.degraded, pair.sharp):
            if image.shape[0] != 3 or image.ndim != 3:
                raise InputError(f"color-jitter: a patch of shape {tuple(image.shape)}; expected (3, Y, X), in color")
        chance, saturation, hue = rng.random(), *rng.uniform(-1, 1, 2)
        if chance >= self.chance:
            return pair
        from torchvision.transforms.v2 import functional as vision

        def change(image: Tensor) -> Tensor:
            saturated = vision.adjust_saturation(image.clamp(0, 1), 1 + self.saturation * saturation)
            return vision.adjust_hue(saturated, self.hue * hue)

        return replace(pair, degraded=change(pair.degraded), sharp=change(pair.sharp))


@dataclass(frozen=True)
class CoarseDropout:
    """Blank rectangles of the degraded patch, which the network must fill (DeVries & Taylor 2017, arXiv:1708.04552).

    Parameters
    ----------
    holes : (int, int)
        Fewest and most.
    side : (float, float)
        Of a hole, as a share of the patch's side.
    fill : float
        The value in a hole.
    chance : float
    """

    holes: tuple[int, int] = (1, 8)
    side: tuple[float, float] = (0.02, 0.1)
    fill: float = 0.0
    chance: float = 0.5

    def __post_init__(self) -> None:
        check_chance("coarse-dropout", chance=self.chance)
        if not (0 <= self.holes[0] <= self.holes[1] and 0 < self.side[0] <= self.side[1] <= 1):
            raise InputError(
                f"coarse-dropout: {self.holes} holes with sides of {self.side}; expected the fewer first, and sides as "
                "shares of the patch's"
            )

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Blank holes in the degraded patch; the sharp one is the same tensor."""
        if rng.random() >= self.chance:
            return pair
        degraded = pair.degraded.clone()
        sides = np.array(degraded.shape[-2:])
        for _ in range(int(rng.integers(self.holes[0], self.holes[1], endpoint=True))):
            size = np.maximum(1, np.rint(rng.uniform(*self.side, 2) * sides)).astype(int)
            top, left = rng.integers(sides - size + 1)
            degraded[..., top : top + size[0], left : left + size[1]] = self.fill
        return replace(pair, degraded=degraded)


@dataclass(frozen=True)
class Noise:
    """Add Gaussian noise to the degraded patch.

    Parameters
    ----------
    deviation : (float, float)
        Drawn evenly from this range, where the scaled image reaches from 0 to 1.
    chance : float
    """

    deviation: tuple[float, float] = (0.0, 0.02)
    chance: float = 1.0

    def __post_init__(self) -> None:
        check_chance("noise", chance=self.chance)
        if not 0 <= self.deviation[0] <= self.deviation[1]:
            raise InputError(f"noise: deviation {self.deviation}; expected two numbers from 0, the smaller first")

    def apply(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Make the degraded patch noisier; the sharp one is the same tensor."""
        if rng.random() >= self.chance:
            return pair
        noise = rng.normal(0, rng.uniform(*self.deviation), tuple(pair.degraded.shape)).astype(np.float32)
        return replace(pair, degraded=pair.degraded + torch.from_numpy(noise))
