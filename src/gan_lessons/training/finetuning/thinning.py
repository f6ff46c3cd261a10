"""Photons divided by chance: what a network sees, and what it is judged by, independent of each other."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from gan_lessons.degradations import PoissonGaussian


def thin(
    raw: np.ndarray, camera: PoissonGaussian, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Divide an image's photons into two.

    Each photon is held out with the chance ``share``. Of Poisson counts the two parts are independent (Raikov), so that
    noise copied from one explains nothing of the other. Read noise is counted as so many photons more (Snyder et al.
    1993), which is exact for its variance only.

    Parameters
    ----------
    raw : array of any shape
    camera : PoissonGaussian
        With ``electrons_per_unit``.
    share : float
        Between 0 and 1.

    Returns
    -------
    float32 twice, of the image's shape: what is seen, in the image's units; what is held out, as counts whose mean is
    ``share`` times that of `counts`.

    >>> rng = np.random.default_rng(0)
    >>> seen, held = thin(np.full((64, 64), 100.0), PoissonGaussian(electrons_per_unit=1), 0.2, rng)
    >>> round(float(seen.mean())), round(float(held.mean()))
    (100, 20)
    """
    expected = np.maximum(counts(raw, camera), 0)
    whole = np.floor(expected + rng.random(raw.shape)).astype(np.int64)  # keeps the mean of what isn't whole
    held = rng.binomial(whole, share)
    seen = units((whole - held) / (1 - share), camera)
    return seen.astype(np.float32), held.astype(np.float32)


def counts(image: np.ndarray, camera: PoissonGaussian) -> np.ndarray:
    """Return an image as photons, the read noise's variance among them."""
    assert camera.electrons_per_unit is not None
    return (np.asarray(image, np.float64) - camera.offset) * camera.electrons_per_unit + camera.read_noise**2


def units(photons: np.ndarray, camera: PoissonGaussian) -> np.ndarray:
    """Undo `counts`."""
    assert camera.electrons_per_unit is not None
    return (photons - camera.read_noise**2) / camera.electrons_per_unit + camera.offset


def deviance(expected: np.ndarray, found: np.ndarray) -> float:
    """Return twice the mean logarithm of how much likelier counts are under themselves than under an expectation.

    Less is better; about 1 for Poisson counts under their own mean, from some 5 a pixel on.

    >>> deviance(np.array([2.0, 3.0]), np.array([2.0, 3.0]))
    0.0
    """
    expected = np.maximum(expected, 0.01)  # a count where none is expected is impossible, and would decide alone
    return float(np.mean(2 * (expected - found + xlogy(found, found / expected))))
