"""Peak signal-to-noise ratio, and a range for images that are counted in photons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.metrics.affine import fit_if
from gan_lessons.metrics.pairs import check_range, planes

if TYPE_CHECKING:
    from gan_lessons.image import Array


def photon_range(truth: np.ndarray) -> float:
    """Return the 99.9th percentile less the minimum, of finite values: a range that a few bright pixels don't decide.

    >>> round(photon_range(np.array([3.0, 3.0, 7.0])), 3)
    3.992
    """
    known = truth[np.isfinite(truth)]
    return float(np.percentile(known, 99.9)) - float(known.min()) if known.size else 0.0


def psnr(
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    fitted: bool = False,
) -> float:
    """Return the peak signal-to-noise ratio, ``10 log10(data_range² / mean squared error)``.

    Parameters
    ----------
    image, reference : array
        Same shape, same units; any number of axes, all pixels pooled. Numpy or dask.
    data_range : float, optional
        In their units, > 0; for example `photon_range` of the reference. That of the type for integers.
    mask : array of bool, optional
        Of the image's shape or of its last axes.
    fitted : bool
        First bring the image to the reference by `affine_fit`.

    Returns
    -------
    float
        In decibels; infinite where they are equal.

    >>> round(psnr(np.zeros((4, 4)), np.full((4, 4), 0.1), 1.0), 6)
    20.0
    """
    data_range = check_range(data_range, image, reference)
    error = mean_squared_error(image, reference, mask=mask, fitted=fitted)
    return float(10 * np.log10(data_range**2 / error)) if error else float("inf")


def mean_squared_error(image: Array, reference: Array, *, mask: Array | None = None, fitted: bool = False) -> float:
    """Return the mean of the squared differences of all pixels that can be compared, in squared units."""
    total, count = 0.0, 0
    for x, y, known in planes(image, reference, mask=mask, fit=fit_if(fitted, image, reference, mask)):
        error = (x - y)[known]
        total, count = total + float(error @ error), count + error.size
    return total / count
