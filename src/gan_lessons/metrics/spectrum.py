"""Power of an image at every spatial frequency: what a restoration amplified, and where it ends."""

from __future__ import annotations

import numpy as np
from scipy.signal.windows import tukey

from gan_lessons.errors import InputError

TAPER = 0.25  # share of each side that is faded: a border's jump would be power at all frequencies
LEAST = 16  # pixels a side


def radial_power(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return spatial frequencies, and the mean power in the ring around each.

    Parameters
    ----------
    plane : array, (Y, X)
        At least 16×16; what isn't finite counts as the mean.

    Returns
    -------
    frequency : float64 array
        In cycles a pixel, above 0 and up to 0.5; a ring is one frequency step of the shorter side wide.
    power : float64 array
        In squared units a pixel: of white noise, its variance, at all frequencies.

    Raises
    ------
    InputError
        If the plane is too small or nothing in it is finite.

    >>> frequency, power = radial_power(np.random.default_rng(0).normal(0, 3, (128, 96)))
    >>> round(power[5:].mean()), float(frequency[-1])
    (9, 0.5)
    """
    if plane.ndim != 2 or min(plane.shape) < LEAST:
        raise InputError(f"spectrum: shape {plane.shape}; expected one plane (Y, X) of at least {LEAST}×{LEAST}")
    known = np.isfinite(plane)
    if not known.any():
        raise InputError("spectrum: no pixel is finite; there is nothing to transform")
    values = plane.astype(np.float64)
    values = np.where(known, values - values[known].mean(), 0.0)
    window = np.outer(*(tukey(n, TAPER) for n in plane.shape))
    power = np.abs(np.fft.fft2(values * window)) ** 2 / np.sum(window**2)
    y, x = (np.fft.fftfreq(n) for n in plane.shape)
    side = min(plane.shape)
    ring = np.rint(np.hypot(y[:, None], x) * side).astype(int).ravel()
    count = side // 2 + 1
    sums = np.bincount(ring, power.ravel(), minlength=count)[1:count]
    return np.arange(1, count) / side, sums / np.bincount(ring, minlength=count)[1:count]
