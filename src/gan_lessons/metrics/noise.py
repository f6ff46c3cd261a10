"""Deviation of an image's noise, from the image alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from gan_lessons.metrics.alone import planes_alone

if TYPE_CHECKING:
    from gan_lessons.image import Array

LAPLACIANS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)  # nearly blind to all but noise
GAIN = 6.0  # deviation of white noise behind it: the root of the sum of squares
MEDIAN = 0.6745  # of the absolute values of a standard normal variable


def noise_deviation(plane: np.ndarray) -> float:
    """Return the standard deviation of a plane's noise (Immerkær 1996, doi:10.1006/cviu.1996.0060).

    From the median of absolute values rather than their mean, so that edges count less.

    Parameters
    ----------
    plane : array of float, (Y, X)
        Finite.

    Returns
    -------
    float
        In the image's units, from 0.

    >>> noise_deviation(np.indices((8, 8), np.float32)[1])
    0.0
    """
    return _deviation(ndimage.convolve(plane, LAPLACIANS, mode="nearest"))


def noise(image: Array, *, mask: Array | None = None) -> float:
    """Return the deviation of the noise: the median of the planes' `noise_deviation`.

    Parameters
    ----------
    image : array, (…, Y, X)
        Numpy or dask.
    mask : array of bool, optional
        Of the image's shape or of its last axes. A pixel counts where its eight neighbors are in it, too, and finite.

    Returns
    -------
    float
        In the image's units. It is low where noise is smooth (a camera's demosaicing, JPEG, a binned or blurred
        image, a restored one), and high where most of the image is texture of one or two pixels. Of photon noise,
        which grows with brightness, it is the deviation at a brightness that is common in the image.

    >>> round(noise(np.random.default_rng(0).normal(5, 2, (3, 99, 99))), 1)
    2.0
    """
    found = []
    for plane, known in planes_alone("noise", image, mask=mask):
        if known.all():
            found.append(noise_deviation(plane))
            continue
        inner = ndimage.minimum_filter(known, 3)
        if inner.any():
            rough = ndimage.convolve(np.where(known, plane, 0.0), LAPLACIANS.astype(np.float64), mode="nearest")
            found.append(_deviation(rough[inner]))
    return float(np.median(found)) if found else float("nan")


def _deviation(rough: np.ndarray) -> float:
    """Return the deviation of the noise behind what `LAPLACIANS` let through."""
    return float(np.median(np.abs(rough)) / MEDIAN / GAIN)
