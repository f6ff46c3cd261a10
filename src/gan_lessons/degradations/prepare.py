"""Make sure that an array somebody gives as a PSF is one."""

from __future__ import annotations

import warnings

import numpy as np

from gan_lessons.degradations.kernels import crop_center, normalized
from gan_lessons.errors import InputError, InputWarning

ROUNDING = 1e-6  # of the peak: negatives up to here are rounding
UNUSABLE = 0.1  # of the sum: more in negatives isn't a background subtracted a little too far
KEPT = 0.9  # of the sum: less inside the image, and the result would be that of another PSF


def prepare_psf(psf: np.ndarray, ndim: int, shape: tuple[int, ...] | None = None, *, name: str = "PSF") -> np.ndarray:
    """Check a PSF, and bring it to odd size, into the middle, to sum 1; what changes its values is warned of.

    An even size counts its middle at ``size // 2``, as ``fftshift`` does. A PSF stays where it is if its peak or its
    centroid lies in the middle pixel (an aberrated PSF has the first, a camera shake the second); any other is moved by
    whole pixels until its centroid does.

    Parameters
    ----------
    psf : array
        (Y, X) or (Z, Y, X), real.
    ndim : int
        How many dimensions the PSF should have.
    shape : tuple of int, optional
        Of the image along the PSF's axes. A larger PSF is cropped if that leaves 90 % of it.
    name : str
        File or layer for messages.

    Returns
    -------
    float32, (Y, X) or (Z, Y, X), odd, sum 1, nowhere negative

    Raises
    ------
    InputError
        If it has other dimensions, values that aren't finite or real, nothing but zeros, more than a tenth in
        negatives, or doesn't fit the image.

    >>> prepare_psf(np.eye(3)[1:2] * np.eye(3)[:, 1:2], 2)
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]], dtype=float32)
    """
    psf = np.asarray(psf)
    _check(psf, ndim, name)
    psf = _without_negatives(psf.astype(np.float64), name)
    psf = _centered(np.pad(psf, [(0, 1 - size % 2) for size in psf.shape]), name)
    total = float(psf.sum())
    if abs(total - 1) > 1e-3:
        _warn(f"{name}: its sum is {total:.4g}, not 1; it was divided by that, so that the image keeps its flux")
    psf = normalized(psf)
    return normalized(psf if shape is None else _fitted(psf, shape, name)).astype(np.float32)


def _check(psf: np.ndarray, ndim: int, name: str) -> None:
    axes = {2: "(Y, X)", 3: "(Z, Y, X)"}[ndim]
    if psf.ndim != ndim or psf.size == 0:
        raise InputError(f"{name}: its shape is {psf.shape}; expected a {ndim}D array {axes}, like the image's axes")
    if psf.dtype.kind not in "uif":
        raise InputError(f"{name}: its values are {psf.dtype}; expected real numbers")
    bad = int((~np.isfinite(psf)).sum())
    if bad:
        raise InputError(f"{name}: {bad} of {psf.size} values aren't finite; expected none: measure it again")
    if not psf.any():
        raise InputError(f"{name}: all values are zero; expected a bright spot in the middle")


def _without_negatives(psf: np.ndarray, name: str) -> np.ndarray:
    negative, positive = -psf[psf < 0].sum(), psf[psf > 0].sum()
    if negative > UNUSABLE * positive:
        raise InputError(
            f"{name}: its negative values add up to {negative / positive if positive else np.inf:.0%} of the positive; "
            "expected intensities, at least 0: subtract less background"
        )
    if psf.min() < -ROUNDING * psf.max():
        _warn(f"{name}: negative values ({negative / positive:.2%} of the positive) were set to 0")
    return np.maximum(psf, 0)


def _centered(psf: np.ndarray, name: str) -> np.ndarray:
    middle = np.array(psf.shape) // 2
    grids = np.indices(psf.shape)
    centroid = np.array([(grid * psf).sum() for grid in grids]) / psf.sum()
    peaks = np.argwhere(psf == psf.max())
    if (np.abs(centroid - middle) <= 0.5).all() or (np.abs(peaks - middle) <= 0.5).all(axis=1).any():
        return psf
    off = np.round(centroid).astype(int) - middle
    _warn(f"{name}: its centroid lies {tuple(off.tolist())} pixels off the middle; it was moved there")
    room = [(max(-2 * step, 0), max(2 * step, 0)) for step in off.tolist()]
    return np.pad(psf, room)


def _fitted(psf: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    largest = tuple(min(have, size - 1 + size % 2) for have, size in zip(psf.shape, shape, strict=True))
    if largest == psf.shape:
        return psf
    cropped = crop_center(psf, largest)
    kept = float(cropped.sum())
    if kept < KEPT:
        raise InputError(
            f"{name}: {psf.shape} is larger than the image {tuple(shape)}, which would hold {kept:.0%} of it; "
            "expected a PSF that fits: use a larger image or a narrower PSF"
        )
    _warn(f"{name}: {psf.shape} is larger than the image {tuple(shape)}; it was cropped, and {kept:.1%} of it kept")
    return cropped


def _warn(message: str) -> None:
    warnings.warn(message, InputWarning, stacklevel=3)
