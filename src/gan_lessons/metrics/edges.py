"""Edge retention: which of the reference's edges a restored image has, and only those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from skimage.feature import canny

from gan_lessons.metrics.affine import fit_if
from gan_lessons.metrics.pairs import check_range, planes

if TYPE_CHECKING:
    from gan_lessons.image import Array

WEAK, STRONG = 100 / 255, 200 / 255  # of the range: the thresholds 100 and 200 that are customary for 8 bits


def edge_retention(
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    fitted: bool = False,
) -> float:
    """Return the intersection over union of both images' Canny edges (Canny 1986, doi:10.1109/TPAMI.1986.4767851).

    Thresholds are 100 and 200 for a range of 255, compared with the length of Sobel's gradient (weights 1 2 1) after a
    Gaussian of σ = 1. OpenCV's ``Canny(image, 100, 200)``, which tables of deblurred photos use, smooths not at all and
    adds the gradient's absolute components: it finds more edges.

    Parameters
    ----------
    image, reference : array, (…, Y, X)
        Same shape, same units; edges are found plane by plane and pooled. Numpy or dask.
    data_range : float, optional
        In their units, > 0. That of the type for integers.
    mask : array of bool, optional
        Of the image's shape or of its last axes. Its border, and that of values that aren't finite, isn't an edge.
    fitted : bool
        First bring the image to the reference by `affine_fit`.

    Returns
    -------
    float
        From 0 to 1; an edge that moves by a pixel is lost. NaN where neither image has an edge.

    >>> step = np.repeat([[0.0] * 8 + [1.0] * 8], 16, axis=0)
    >>> edge_retention(step, step, 1.0), edge_retention(0 * step, step, 1.0)
    (1.0, 0.0)
    """
    data_range = check_range(data_range, image, reference)
    both, either = 0, 0
    for x, y, known in planes(image, reference, mask=mask, fit=fit_if(fitted, image, reference, mask)):
        found, true = (edges(np.where(known, plane, 0.0), known, data_range) for plane in (x, y))
        both, either = both + int((found & true).sum()), either + int((found | true).sum())
    return both / either if either else float("nan")


def edges(plane: np.ndarray, known: np.ndarray, data_range: float) -> np.ndarray:
    """Return where a plane (Y, X) has edges; pixels that aren't known are neither edges nor make any."""
    low, high = WEAK * data_range, STRONG * data_range
    return canny(plane, sigma=1.0, low_threshold=low, high_threshold=high, mask=None if known.all() else known)
