"""Bring a reference onto the raw image's place: sub-pixel shifts in two or three dimensions."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.signal.windows import tukey

from gan_lessons.errors import InputError, InputWarning

COARSE, FINE = (2.0, 16.0), (1.0, 8.0)
"""Standard deviations in pixels of the Gaussians whose difference lets the compared detail through."""

STEPS = 20  # a pixel
STRAY = 1.5  # pixels: a finer estimate that is farther from the coarse one has met another peak
FAR = 5.0  # pixels: microscopes drift less between two acquisitions of one field
UNRELATED, POOR = 0.3, 0.5  # correlation: of different specimens at most 0.20, of one at 5 photons at least 0.55
STILL = 0.25  # pixels: estimates may err by so much, and moving by an error would only smooth a sharp reference


class Registration(NamedTuple):
    """How a reference lies to its raw image."""

    shift: tuple[float, ...]  # pixels that the reference is moved by: (Y, X) or (Z, Y, X)
    correlation: float  # of both images' coarse detail, once it is moved


def register(raw: np.ndarray, reference: np.ndarray, name: str, *, moving: bool = True) -> Registration:
    """Find the shift that brings a reference onto a raw image, and whether both show the same.

    Parameters
    ----------
    raw, reference : array, (Y, X) or (Z, Y, X)
        Finite, of one shape; their intensities may differ.
    name : str
        Of the pair, for messages.
    moving : bool
        Whether the caller moves the reference; else any shift is warned of.

    Raises
    ------
    InputError
        If they show different things.
    """
    found = align(raw, reference)
    if not found.correlation >= UNRELATED:
        raise InputError(
            f"{name}: the images' correlation is {found.correlation:.2f} where they fit best; expected at least "
            f"{UNRELATED}: are they of the same field, with the same axes?"
        )
    if found.correlation < POOR:
        text = f"the images' correlation is only {found.correlation:.2f} where they fit best: look whether they fit"
        warnings.warn(f"{name}: {text}", InputWarning, stacklevel=2)
    if np.abs(found.shift).max() > (FAR if moving else STILL):
        told = ", ".join(f"{step:.1f}" for step in found.shift)
        done = "it was moved there: look whether it fits" if moving else "it was left there: the model learns it"
        text = f"the reference lies {told} pixels off the raw image; {done}"
        warnings.warn(f"{name}: {text}", InputWarning, stacklevel=2)
    return found


def align(raw: np.ndarray, reference: np.ndarray) -> Registration:
    """Find the shift at which both images fit best.

    The peak of the cross-correlation of both images' detail (Guizar-Sicairos et al. 2008, doi:10.1364/OL.33.000156, as
    `skimage.registration.phase_cross_correlation` does it), coarse, then fine. The spectra aren't whitened: what
    a blurred image lacks would count as much as what it shows, and be noise. ``benchmarks/finetuning.py registration``
    measures how far off it is.
    """
    shift = _peak(raw, reference, COARSE)
    finer = shift + _peak(raw, move(reference, shift), FINE)
    if np.abs(finer - shift).max() < STRAY:
        shift = finer
    correlation = _correlation(raw, move(reference, shift))
    return Registration(tuple(round(float(step), 3) for step in shift), round(correlation, 4))


def move(reference: np.ndarray, shift: np.ndarray | tuple[float, ...]) -> np.ndarray:
    """Shift an image by cubic interpolation; what comes in from outside repeats the border.

    >>> move(np.eye(3), (1.0, 1.0)).round(6).diagonal().tolist()
    [1.0, 1.0, 1.0]
    """
    if np.abs(shift).max() < STILL:
        return reference
    return ndimage.shift(reference, shift, order=3, mode="nearest")


def _peak(raw: np.ndarray, reference: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    from skimage.registration import phase_cross_correlation

    pair = (_detail(raw, band), _detail(reference, band))
    shift, _, _ = phase_cross_correlation(*pair, upsample_factor=STEPS, normalization=None)
    return np.asarray(shift)


def _correlation(raw: np.ndarray, reference: np.ndarray) -> float:
    pair = [_detail(image, COARSE) for image in (raw, reference)]
    deviations = [float(image.std()) for image in pair]
    return float(np.mean(pair[0] * pair[1])) / (deviations[0] * deviations[1]) if min(deviations) > 0 else 0.0


def _detail(image: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    """Return what lies between two scales, faded out towards the border; of stacks, planes by themselves."""
    fine, coarse = ((0.0,) * (image.ndim - 2) + (sigma, sigma) for sigma in band)
    image = image.astype(np.float64)
    detail = ndimage.gaussian_filter(image, fine) - ndimage.gaussian_filter(image, coarse)
    for axis, length in enumerate(image.shape):
        detail *= np.expand_dims(tukey(length + 2, 0.25)[1:-1], tuple(i for i in range(image.ndim) if i != axis))
    return detail - detail.mean()
