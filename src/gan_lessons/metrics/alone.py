"""An image without a reference, taken plane by plane in float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.metrics.pairs import planes

if TYPE_CHECKING:
    from gan_lessons.image import Array


def planes_alone(
    metric: str, image: Array, *, mask: Array | None = None, least: int = 3
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each plane in float64, and where it is finite and in the mask; somewhere in the image it is.

    Parameters
    ----------
    metric : str
        Begins the message.
    image : array, (…, Y, X)
        Numpy or dask.
    least : int
        Least pixels along Y and X.

    Raises
    ------
    InputError
        If there is no plane, it is too small, or mask and values leave nothing.

    >>> [known.all() for _, known in planes_alone("noise", np.zeros((2, 3, 3)))]
    [np.True_, np.True_]
    """
    if image.ndim < 2 or min(image.shape[-2:]) < least:
        raise InputError(f"{metric}: the image has shape {image.shape}; expected planes of at least {least}×{least}")
    for plane, _, known in planes(image, image, mask=mask):
        yield plane, known
