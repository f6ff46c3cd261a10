"""Root mean squared error as a share of the range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan_lessons.metrics.pairs import check_range
from gan_lessons.metrics.psnr import mean_squared_error

if TYPE_CHECKING:
    from gan_lessons.image import Array


def nrmse(
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    fitted: bool = False,
) -> float:
    """Return ``√(mean squared error) / data_range``.

    Papers divide by different things; this is scikit-image's ``"min-max"`` where ``data_range`` is the reference's
    largest less least value. (Its default divides by the reference's norm, which an offset makes as large as you like.)

    Parameters
    ----------
    image, reference : array
        Same shape, same units; any number of axes, all pixels pooled. Numpy or dask.
    data_range : float, optional
        In their units, > 0. That of the type for integers.
    mask : array of bool, optional
        Of the image's shape or of its last axes.
    fitted : bool
        First bring the image to the reference by `affine_fit`.

    Returns
    -------
    float
        From 0; 0 where they are equal.

    >>> import numpy as np
    >>> round(nrmse(np.zeros((4, 4)), np.full((4, 4), 0.1), 1.0), 6)
    0.1
    """
    data_range = check_range(data_range, image, reference)
    return mean_squared_error(image, reference, mask=mask, fitted=fitted) ** 0.5 / data_range
