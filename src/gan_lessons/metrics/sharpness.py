"""Variance of the Laplacian: how much fine detail, or noise, there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from gan_lessons.metrics.alone import planes_alone
from gan_lessons.metrics.pairs import nothing_left

if TYPE_CHECKING:
    from gan_lessons.image import Array


def laplacian_variance(image: Array, *, mask: Array | None = None) -> float:
    """Return the variance of the Laplacian (Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548), pooled.

    The Laplacian is that of four neighbors, mirrored at the border without repeating it, as OpenCV's ``Laplacian``.

    Parameters
    ----------
    image : array, (…, Y, X)
        Numpy or dask.
    mask : array of bool, optional
        Of the image's shape or of its last axes. A pixel counts where its neighbors are in it, too, and finite.

    Returns
    -------
    float
        In the image's units squared, from 0. Noise raises it more than detail does: of two images compare only those
        of equal gain and noise.

    >>> laplacian_variance(np.full((4, 4), 7.0))
    0.0
    """
    total, squares, count = 0.0, 0.0, 0
    for plane, known in planes_alone("Laplacian variance", image, mask=mask):
        inner = known if known.all() else ndimage.minimum_filter(known, 3)
        values = ndimage.laplace(np.where(known, plane, 0.0), mode="mirror")[inner]
        total, squares, count = total + float(values.sum()), squares + float(values @ values), count + values.size
    if not count:
        raise nothing_left("no pixel and its neighbors are in the mask and finite")
    return max(squares / count - (total / count) ** 2, 0.0)
