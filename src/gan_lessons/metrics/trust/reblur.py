"""Blur a restored image again, and bring it to the gain and offset of the input."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_lessons.degradations import convolve

OUTSIDE = 0.02
"""Pixels that receive more than this share of their light from gaps or from beyond the border aren't judged."""

ROUNDS, OUTLIER = 4, 4.0  # of a fit that leaves out what lies more than so many deviations off


def reblur(restored: np.ndarray, psf: np.ndarray, known: np.ndarray, outside: float = OUTSIDE) -> np.ndarray:
    """Return the restored image as the microscope would see it; nan where that isn't known.

    Parameters
    ----------
    restored : array, (…, Y, X) or (…, Z, Y, X)
    psf : array, (Y, X) or (Z, Y, X)
        Odd, sum 1. Its number of axes says which are blurred.
    known : array of bool
        Where the restored image has a value.
    outside : float
        Share of light from unknown places, from 0 to 1, up to which a pixel is judged.

    >>> reblur(np.ones((3, 5)), np.array([[0.25, 0.5, 0.25]]), np.ones((3, 5), bool))[0]
    array([nan,  1.,  1.,  1., nan])
    """
    level = float(np.mean(restored[known], dtype=np.float64))
    filled = np.where(known, restored, level).astype(np.float64)
    blurred = convolve(filled - level, psf).astype(np.float64) + level
    return np.where(_light_inside(known, psf) >= 1 - outside, blurred, np.nan)


def _light_inside(known: np.ndarray, psf: np.ndarray) -> np.ndarray:
    """Return each pixel's share of light that comes from known pixels."""
    halves = [side // 2 for side in psf.shape]
    pad = [(0, 0)] * (known.ndim - psf.ndim) + [(half, half) for half in halves]
    share = convolve(np.pad(known, pad).astype(np.float32), psf)
    inside: tuple[Any, ...] = (
        ...,
        *(slice(half, half + side) for half, side in zip(halves, known.shape[-psf.ndim :], strict=True)),
    )
    return share[inside] * known


def gain_offset(source: np.ndarray, target: np.ndarray, variance: np.ndarray | None = None) -> tuple[float, float]:
    """Return the gain and offset that bring ``source`` nearest to ``target``, by least squares over finite pixels.

    Parameters
    ----------
    source, target : array
    variance : array, optional
        Of the target; then pixels are weighted by it, and what is still 4 deviations off is left out in turns, so that
        structure in one of the images alone doesn't move the others.

    Returns
    -------
    tuple of two floats
        Where the source is constant the gain is 0 and the offset the target's mean.

    >>> gain_offset(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    (2.0, 1.0)
    """
    known = np.isfinite(source) & np.isfinite(target) & (True if variance is None else np.isfinite(variance))
    x, y = source[known].astype(np.float64), target[known].astype(np.float64)
    weight = np.ones_like(x) if variance is None else 1 / variance[known]
    keep = np.ones_like(x)
    gain, offset = 0.0, 0.0
    for _ in range(1 if variance is None else ROUNDS):
        gain, offset = _least_squares(x, y, weight * keep)
        keep = ((gain * x + offset - y) ** 2 * weight <= OUTLIER**2).astype(np.float64)
        if keep.sum() < 0.1 * keep.size:  # nothing fits: the images have no line in common
            break
    return gain, offset


def _least_squares(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    center_x, center_y = np.average(x, weights=weight), np.average(y, weights=weight)
    spread = np.sum(weight * (x - center_x) ** 2)
    rounding = np.finfo(np.float64).eps * np.sum(weight * x**2)
    gain = np.sum(weight * (x - center_x) * (y - center_y)) / spread if spread > rounding else 0.0
    return float(gain), float(center_y - gain * center_x)
