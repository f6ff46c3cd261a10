"""What every measure of trust asks of its arrays, said once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gan_lessons.errors import InputError

Restore = Callable[[np.ndarray], np.ndarray]
"""A restoration: (…, Y, X) → the same shape, intensities in the same units."""


def check_images(**images: np.ndarray | None) -> np.ndarray:
    """Return where all of the images are finite; raise `InputError` unless they are real and of one shape.

    Parameters
    ----------
    **images : array of at least two axes, or None for one that isn't given
        The message of an error calls them by these names.

    >>> check_images(restored=np.array([[1.0, np.nan]]), raw=np.array([[2, 3]]))
    array([[ True, False]])
    """
    given = {name: image for name, image in images.items() if image is not None}
    first, shape = next((name, image.shape) for name, image in given.items())
    known = np.ones(shape, bool)
    for name, image in given.items():
        if image.shape != shape:
            raise InputError(f"trust: {first} is {shape} and {name} is {image.shape}; expected the same shape")
        if image.ndim < 2 or 0 in image.shape:
            raise InputError(f"trust: {name} is {image.shape}; expected planes, (…, Y, X)")
        if image.dtype.kind not in "uif":
            raise InputError(f"trust: {name} is {image.dtype}; expected integers or floats")
        known &= np.isfinite(image)
    if not known.any():
        raise InputError(f"trust: no pixel is finite in all of {', '.join(given)}; there is nothing to compare")
    return known


def check_psf(psf: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return the PSF in float64, its sum 1; raise `InputError` unless it is odd, finite, of light, and fits the image.

    >>> check_psf(np.ones((1, 3), np.float32), np.zeros((5, 5)))
    array([[0.33333333, 0.33333333, 0.33333333]])
    """
    if psf.ndim not in (2, 3) or psf.ndim > image.ndim:
        raise InputError(f"trust: psf is {psf.shape} for an image {image.shape}; expected (Y, X) or (Z, Y, X)")
    if any(side % 2 == 0 for side in psf.shape):
        raise InputError(f"trust: psf is {psf.shape}; expected odd sides, the point in the middle")
    psf = psf.astype(np.float64)
    if not np.isfinite(psf).all() or psf.min() < 0 or not psf.sum() > 0:
        raise InputError("trust: psf holds negative or non-finite values, or no light; expected values from 0")
    return psf / psf.sum()


def check_rate(rate: float) -> None:
    """Raise `InputError` unless a false-positive rate lies between 0 and 1.

    >>> check_rate(0.05)
    """
    if not 0 < rate < 1:
        raise InputError(
            f"trust: false_positive_rate is {rate:g}; expected a probability between 0 and 1, such as 0.05"
        )


def run(restore: Restore, image: np.ndarray) -> np.ndarray:
    """Return the restored image in float64; raise `InputError` where the callable changes the shape.

    >>> run(lambda image: 2 * image, np.ones((1, 2)))
    array([[2., 2.]])
    """
    restored = np.asarray(restore(image))
    if restored.shape != image.shape:
        raise InputError(f"trust: restore made {restored.shape} of {image.shape}; expected the same shape")
    return restored.astype(np.float64)
