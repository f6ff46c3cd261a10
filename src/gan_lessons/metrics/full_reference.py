"""Fidelity to a known truth: PSNR and SSIM, and a range for images that are counted in photons."""

from __future__ import annotations

import numpy as np
from skimage.metrics import structural_similarity

from gan_lessons.errors import InputError

SSIM_TAPS = 11


def photon_range(truth: np.ndarray) -> float:
    """Return the 99.9th percentile less the minimum: a range that a few bright pixels don't decide.

    >>> round(photon_range(np.array([3.0, 3.0, 7.0])), 3)
    3.992
    """
    return float(np.percentile(truth, 99.9)) - float(truth.min())


def psnr(image: np.ndarray, reference: np.ndarray, data_range: float) -> float:
    """Return the peak signal-to-noise ratio, ``10 log10(data_range² / mean squared error)``.

    Parameters
    ----------
    image, reference : array
        Same shape, same units; any number of axes, all pixels pooled.
    data_range : float
        In their units, > 0; for example `photon_range` of the reference.

    Returns
    -------
    float
        In decibels; infinite where they are equal.

    >>> round(psnr(np.zeros((4, 4)), np.full((4, 4), 0.1), 1.0), 6)
    20.0
    """
    _check(image, reference, data_range)
    error = np.mean((image.astype(np.float64) - reference) ** 2)
    return float(10 * np.log10(data_range**2 / error)) if error else float("inf")


def ssim(image: np.ndarray, reference: np.ndarray, data_range: float) -> float:
    """Return the structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861) of planes, averaged.

    Gaussian window of σ = 1.5 pixels and 11 taps, population covariance, as in the paper.

    Parameters
    ----------
    image, reference : array, (…, Y, X)
        Planes of at least 11×11 pixels; axes before them are planes to be averaged. Move colour samples there.
    data_range : float
        In their units, > 0.
    """
    _check(image, reference, data_range)
    if min(image.shape[-2:]) < SSIM_TAPS:
        raise InputError(f"SSIM: planes are {image.shape[-2]}×{image.shape[-1]} pixels; expected at least 11×11")
    planes = zip(_planes(image), _planes(reference), strict=True)
    return float(np.mean([_ssim_of_plane(plane, truth, data_range) for plane, truth in planes]))


def _ssim_of_plane(plane: np.ndarray, truth: np.ndarray, data_range: float) -> float:
    return structural_similarity(
        plane, truth, data_range=data_range, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )


def _planes(stack: np.ndarray) -> np.ndarray:
    return stack.reshape(-1, *stack.shape[-2:]).astype(np.float64)


def _check(image: np.ndarray, reference: np.ndarray, data_range: float) -> None:
    if image.shape != reference.shape:
        raise InputError(f"metrics: image {image.shape} and reference {reference.shape} must have the same shape")
    if not (np.isfinite(data_range) and data_range > 0):
        raise InputError(f"metrics: data_range is {data_range:g}; expected a positive number")
