"""Images as a model sees them: each channel at each time, normalized and filtered as `restore` does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_lessons.errors import InputError
from gan_lessons.image import Image, Normalization
from gan_lessons.io import read_image
from gan_lessons.restoration.blur_estimate import LARGEST, estimate_missing
from gan_lessons.restoration.choice import choose_model
from gan_lessons.restoration.guides import Guides
from gan_lessons.restoration.inputs import as_image, has_opacity, split_channels, without_opacity
from gan_lessons.restoration.psfs import PSFs, psfs_by_channel
from gan_lessons.restoration.statistics import measure_channels, middle_of
from gan_lessons.zoo import Model

MOST_PIXELS = 2**25
"""Of all images together: with filtered copies and references they take about 1 GB; minutes don't see more."""


class Told(NamedTuple):
    """A PSF as a model is told it, or None where it is told nothing."""

    psf: np.ndarray | None
    trusted: bool


@dataclass(frozen=True, eq=False)
class View:
    """One channel at one time, in the model's scale.

    Parameters
    ----------
    image : Tensor, (Z, S, Y, X)
    told : tuple of Told
        First as the user will restore, then as others may.
    guides : tuple of Tensor (Z, G, Y, X) or None
        What the model is given with each.
    normalization : Normalization
    psf : array or None
        (Y, X) or (Z, Y, X), where the user gave it.
    time, channel : int
    """

    image: Tensor
    told: tuple[Told, ...]
    guides: tuple[Tensor | None, ...]
    normalization: Normalization
    psf: np.ndarray | None
    time: int
    channel: int


def read_images(given: Any, axes: str | None, role: str) -> list[Image]:
    """Read what the user gives as ``raw`` or ``reference``: an array, an `Image`, a path, or a list of those.

    Raises
    ------
    InputError
        If one can't be read, is constant, or has pixels without a value; or all are too large together.
    """
    many = list(given) if isinstance(given, list | tuple) else [given]
    if not many:
        raise InputError(f"{role}: the list is empty; expected at least one image")
    images = []
    for number, one in enumerate(many, 1):
        image = read_image(one, axes=axes) if isinstance(one, str | Path) else as_image(one, axes)
        name = role if len(many) == 1 else f"{role} {number}"
        image = image.with_data(image.data, name=name if image.name == "image" else f"{role} {image.name}")
        images.append(_checked(image))
    total = sum(image.data.size for image in images)
    if total > MOST_PIXELS:
        raise InputError(
            f"{role}: {total:,} pixels in all; expected at most {MOST_PIXELS:,}: crop, or take fewer times"
        )
    return images


def _checked(image: Image) -> Image:
    data = np.asarray(image.data)
    bad = int(np.count_nonzero(~np.isfinite(data)))
    if bad:
        raise InputError(f"{image.name}: {bad} of {data.size} pixels have no value; crop the image to where all have")
    if data.min() == data.max():
        raise InputError(f"{image.name}: all pixels are {data.min():g}; expected an image of something")
    return image.with_data(data)


def canonical(image: Image, model: Model) -> np.ndarray:
    """Return an image's pixels as (T, C, Z, S, Y, X), opacity left out.

    Raises
    ------
    InputError
        If the model can't take the image.
    """
    choose_model(model, image)
    samples = model.generator.in_channels if model.card.axes == "YXC" else 1
    colors = without_opacity(image) if has_opacity(image, samples) else image
    return np.asarray(split_channels(colors, together=model.card.axes == "YXC")[1])


def check_psf(psf: PSFs | None, model: Model) -> None:
    """Raise `InputError` if the model has no use for a PSF."""
    if psf is not None and not model.card.psf:
        raise InputError(f"model {model.card.name} takes no PSF; leave it out, or fine-tune a model that does")


def kernels_of(psf: PSFs | None, image: Image, model: Model, channels: int) -> list[np.ndarray | None]:
    """Return each channel's PSF, checked, or None."""
    return psfs_by_channel(psf, image, channels, dimensions=3 if model.card.axes == "ZYX" else 2)


def views(data: np.ndarray, model: Model, kernels: Sequence[np.ndarray | None], name: str) -> Iterator[View]:
    """Yield the views of an image (T, C, Z, S, Y, X)."""
    card = model.card
    normalizations = measure_channels(data, card.low, card.high, None, name, card.darkest)
    without: list[np.ndarray | None] = [None] * data.shape[1]  # what stands in for PSFs where none is given
    if model.gauge or model.psf is not None:
        estimate_missing(without, model, [middle_of(data[:, c], LARGEST) for c in range(data.shape[1])])
    for time, channel in np.ndindex(*data.shape[:2]):
        normalization = normalizations[channel]
        image = torch.from_numpy(normalization.apply(data[time, channel]))
        told: tuple[Told, ...] = (Told(without[channel], model.psf is not None) if card.psf else Told(None, False),)
        if card.psf and kernels[channel] is not None:
            told = (Told(kernels[channel], True), *told)
        guides = guides_of(image, told, model.generator.guides)
        yield View(image, told, guides, normalization, kernels[channel], time, channel)


def guides_of(image: Tensor, told: Sequence[Told], count: int) -> tuple[Tensor | None, ...]:
    """Return what a network is given of (Z, S, Y, X) with each PSF, as `restore` does it: (Z, G, Y, X)."""
    return tuple(
        None
        if psf is None
        else Guides(torch.from_numpy(psf), count, trusted=trusted).of_planes(image, slice(0, len(image)))
        for psf, trusted in told
    )
