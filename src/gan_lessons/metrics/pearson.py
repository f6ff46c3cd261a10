"""Pearson's correlation: agreement but for gain and offset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan_lessons.metrics.affine import moments

if TYPE_CHECKING:
    from gan_lessons.image import Array


def pearson(image: Array, reference: Array, *, mask: Array | None = None) -> float:
    """Return Pearson's correlation coefficient of all pixels.

    It doesn't depend on a range, nor on gain (but its sign) and offset: it is its own value after the best affine fit.

    Parameters
    ----------
    image, reference : array
        Same shape; any number of axes, all pixels pooled. Numpy or dask.
    mask : array of bool, optional
        Of the image's shape or of its last axes.

    Returns
    -------
    float
        From -1 to 1; NaN where either is constant.

    >>> import numpy as np
    >>> pearson(np.array([[1.0, 2.0, 3.0]]), np.array([[30.0, 20.0, 10.0]]))
    -1.0
    """
    found = moments(image, reference, mask)
    spread = (found.sum_xx * found.sum_yy) ** 0.5
    return max(-1.0, min(1.0, found.sum_xy / spread)) if spread else float("nan")
