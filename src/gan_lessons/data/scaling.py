"""From a file's units to what a network sees: one affine map a channel for the whole set, never per image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from gan_lessons.image import Normalization, measure_normalization

ScalingName: TypeAlias = Literal["type", "percentiles"]


@dataclass(frozen=True)
class Scaling:
    """An affine map a channel; without any, each file's by the range of its own type.

    Parameters
    ----------
    channels : tuple of Normalization
        Of a set, from its percentiles. Empty: integers from their type's least to its largest value become 0 to 1,
        floats stay what they are.
    """

    channels: tuple[Normalization, ...] = ()

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Return float32 of the same shape, (C, …): 0 is dark, 1 is bright; percentiles leave values beyond both."""
        scaled = [one.apply(channel) for one, channel in zip(self._for(pixels), pixels, strict=True)]
        return np.stack(scaled)

    def undo(self, scaled: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Return float64 in the units of a file of this type."""
        maps = self._for(np.empty((len(scaled), 0), dtype))
        return np.stack([one.undo(channel) for one, channel in zip(maps, scaled, strict=True)])

    def _for(self, pixels: np.ndarray) -> Sequence[Normalization]:
        return self.channels or [range_of(pixels.dtype)] * len(pixels)


def range_of(dtype: np.dtype) -> Normalization:
    """Return the map of a type's range to [0, 1]; of floats, none.

    >>> range_of(np.dtype("uint8"))
    Normalization(offset=0.0, scale=255.0)
    """
    if dtype.kind == "f":
        return Normalization(0.0, 1.0)
    limits = np.iinfo(dtype)
    return Normalization(float(limits.min), float(limits.max) - float(limits.min))


def measure_scaling(samples: Sequence[np.ndarray]) -> Scaling:
    """Take each channel's 1st percentile over all files as 0, and its 99.9th as 1.

    Those are the percentiles that `gan_lessons.restore` takes of the layer that it restores.

    Parameters
    ----------
    samples : of every file, (C, N)
    """
    channels = zip(*samples, strict=True)
    return Scaling(tuple(measure_normalization(np.concatenate(values)) for values in channels))
