"""Are intensities still intensities? Slope, offset and flux against the input or a reference, an object at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import ndimage

from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.inputs import check_images
from gan_lessons.metrics.trust.reblur import gain_offset

NEIGHBORHOOD = 8.0  # pixels, σ of what is compared where no objects are given
DARK = 0.05  # share of the largest mean below which a ratio says nothing


@dataclass(frozen=True, eq=False)
class Linearity:
    """How the restored image's intensities follow those of another.

    Parameters
    ----------
    slope, offset : float
        Of the line ``restored ≈ slope · reference + offset`` through the means of objects, or of neighborhoods.
    r_squared : float
        Share of the variance of those means that the line explains; nan where they are all equal.
    flux_ratio : float
        Light of the restored image, less the background, over the reference's; nan where that has none.
    map : array
        The same ratio for each object, painted on its pixels, or for each neighborhood; nan outside of objects and
        where the reference is dark.
    labels, flux_ratios : array
        The objects' labels, and their ratios; empty where no objects are given.
    """

    MEANING: ClassVar[str] = (
        "Brightness in the restored image is plotted against brightness in the original: a slope and a flux ratio near "
        "1, and a map that is even, mean that intensities can still be compared between objects. An uneven map means "
        "that a measured difference between two cells may come from the restoration and not from the cells."
    )

    slope: float
    offset: float
    r_squared: float
    flux_ratio: float
    map: np.ndarray
    labels: np.ndarray
    flux_ratios: np.ndarray


def intensity_linearity(
    restored: np.ndarray,
    reference: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    background: float | tuple[float, float] = 0.0,
) -> Linearity:
    """Compare brightness over regions, so that sharpness within them doesn't count.

    Parameters
    ----------
    restored, reference : array, (…, Y, X)
        Of the same shape. The reference is the truth, or the input: sharpening moves light, but keeps its sum. What
        isn't finite is left out of both.
    labels : array of int, optional
        0 for background and a number for each object, same shape. Against the input, draw objects a PSF's width larger
        than they are, or blur alone makes ratios differ from 1. By default neighborhoods of a Gaussian of 8 pixels.
    background : float or pair of floats
        Value of a pixel without light, in both images, or in the restored one and in the reference.

    Raises
    ------
    InputError
        If shapes differ, nothing is finite, or the labels aren't integers or hold no object.

    >>> reference = np.arange(64.0).reshape(8, 8)
    >>> found = intensity_linearity(2 * reference + 3, reference, (np.arange(64) // 16).reshape(8, 8))
    >>> found.slope, found.offset, found.flux_ratios.round(2)
    (2.0, 3.0, array([2.13, 2.08, 2.05]))
    """
    known = check_images(restored=restored, reference=reference)
    dark = background if isinstance(background, tuple) else (background, background)
    found, light = (
        np.where(known, image, 0).astype(np.float64) - level * known
        for image, level in zip((restored, reference), dark, strict=True)
    )
    if labels is None:
        sigma = (0,) * (known.ndim - 2) + (NEIGHBORHOOD, NEIGHBORHOOD)
        sums = (ndimage.gaussian_filter(image, sigma, mode="constant") for image in (found, light))
        share = ndimage.gaussian_filter(known.astype(np.float64), sigma, mode="constant")
        means = [np.where(known, total / np.where(known, share, 1), np.nan) for total in sums]
        ratio = _ratio(means[0], means[1])
        numbers, ratios = np.zeros(0, int), np.zeros(0)
        total = _ratio(found.sum(), light.sum())
    else:
        numbers, regions = _objects(labels, known)
        sizes = np.bincount(regions[known], minlength=len(numbers) + 1)[1:]
        means = [np.bincount(regions[known], image[known], len(numbers) + 1)[1:] / sizes for image in (found, light)]
        ratios = _ratio(means[0], means[1])
        ratio = np.where(known, np.concatenate([[np.nan], ratios])[regions], np.nan)
        total = _ratio(*(np.sum(mean * sizes) for mean in means))
    slope, offset = gain_offset(means[1], means[0])
    left = np.nanvar(means[0] - slope * means[1])
    spread = np.nanvar(means[0])
    explained = float(1 - left / spread) if spread > 0 else float("nan")
    return Linearity(slope, offset + dark[0] - slope * dark[1], explained, float(total), ratio, numbers, ratios)


def _objects(labels: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels of objects with known pixels, and each pixel's position among them, from 1."""
    if labels.shape != known.shape or labels.dtype.kind not in "ui":
        raise InputError(
            f"trust: labels are {labels.dtype} {labels.shape}; expected integers, of the image's shape {known.shape}"
        )
    numbers = np.unique(labels[known & (labels != 0)])
    if not numbers.size:
        raise InputError("trust: labels hold no object with a finite pixel; expected numbers other than 0")
    regions = np.searchsorted(numbers, labels) + 1
    regions[~np.isin(labels, numbers)] = 0
    return numbers, regions


def _ratio(found: Any, light: Any) -> np.ndarray:
    """Return the ratio, nan where there is hardly any light."""
    enough = light > max(DARK * float(np.nanmax(light)), 0.0)
    return np.where(enough, found / np.where(enough, light, 1), np.nan)
