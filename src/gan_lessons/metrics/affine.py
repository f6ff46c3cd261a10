"""The best affine fit of an image to its reference: what a wrong gain and offset cost, and what remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.metrics.pairs import planes

if TYPE_CHECKING:
    from gan_lessons.image import Array


@dataclass(frozen=True)
class Moments:
    """Means of two images, and sums of squares and products about them; adding two joins their pixels.

    Joined pairwise after Chan et al. 1983 (doi:10.1080/00031305.1983.10483115): no digits are lost to an offset.
    """

    count: float = 0
    mean_x: float = 0.0
    mean_y: float = 0.0
    sum_xx: float = 0.0
    sum_yy: float = 0.0
    sum_xy: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        count = self.count + other.count
        if not count:
            return self
        dx, dy, share = other.mean_x - self.mean_x, other.mean_y - self.mean_y, other.count / count
        return Moments(
            count,
            self.mean_x + dx * share,
            self.mean_y + dy * share,
            self.sum_xx + other.sum_xx + dx * dx * self.count * share,
            self.sum_yy + other.sum_yy + dy * dy * self.count * share,
            self.sum_xy + other.sum_xy + dx * dy * self.count * share,
        )


def moments(image: Array, reference: Array, mask: Array | None = None) -> Moments:
    """Return the moments of all pixels that can be compared."""
    return sum((_of_plane(x[known], y[known]) for x, y, known in planes(image, reference, mask=mask)), Moments())


def _of_plane(x: np.ndarray, y: np.ndarray) -> Moments:
    if not x.size:
        return Moments()
    mean_x, mean_y = float(x.mean()), float(y.mean())
    x, y = x - mean_x, y - mean_y
    return Moments(x.size, mean_x, mean_y, float(x @ x), float(y @ y), float(x @ y))


def affine_fit(image: Array, reference: Array, mask: Array | None = None) -> tuple[float, float]:
    """Return the gain and the offset for which ``gain · image + offset`` is nearest to the reference (least squares).

    Parameters
    ----------
    image, reference : array, (…, Y, X)
        Same shape; numpy or dask.
    mask : array of bool, optional
        Of the image's shape or of its last axes.

    Returns
    -------
    gain, offset
        Of a constant image the gain is 0. A negative gain means that bright and dark are exchanged.

    >>> affine_fit(np.array([[0.0, 1.0, 2.0]]), np.array([[1.0, 3.0, 5.0]]))
    (2.0, 1.0)
    """
    found = moments(image, reference, mask)
    gain = found.sum_xy / found.sum_xx if found.sum_xx else 0.0
    return gain, found.mean_y - gain * found.mean_x


def fit_if(wanted: bool, image: Array, reference: Array, mask: Array | None) -> tuple[float, float]:
    """Return the best fit where it is wanted, else the identity."""
    return affine_fit(image, reference, mask) if wanted else (1.0, 0.0)
