"""The PSF between a reference and its raw image, measured: what a pair tells of the microscope that nobody told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import fft, ndimage

SIDE = 31  # pixels of the PSF
SMOOTHNESS = (0.001, 0.01, 0.1, 1.0)  # weights of neighbors' differences that are tried, as shares of the variance
AS_GOOD = 0.001  # of what the best smoothness explains: so much less is not worth a rougher PSF
NEAR = 10  # pixels around the center of mass that it is measured in: farther out there is more noise than light
ROUNDS = 300  # of the descent: it has settled by then, and takes a tenth of a second


def measure_psf(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Find what blurs references into raw images: least squares, nowhere negative, smooth.

    How smooth is decided on halves of the images that the PSF wasn't fitted to: as smooth as predicts them nearly best.

    Parameters
    ----------
    pairs : sequence of (raw, reference), each (Y, X)
        In one scale, with at least `SIDE` pixels along both sides, and twice that along one.

    Returns
    -------
    float32 (`SIDE`, `SIDE`), sum 1. A shift between the images is in it.

    >>> reference = np.random.default_rng(0).random((80, 80))
    >>> raw = np.roll(reference, 1, axis=1)
    >>> np.unravel_index(measure_psf([(raw, reference)]).argmax(), (SIDE, SIDE))  # a pixel to the right of the middle
    (np.int64(15), np.int64(16))
    """
    halves = [_equations(raw, reference) for pair in pairs for raw, reference in _halves(*pair)]
    seen, unseen = _sum(halves[::2]), _sum(halves[1::2])
    misfits = {smoothness: _misfit(_solve(*seen, smoothness), *unseen) for smoothness in SMOOTHNESS}
    best = min(misfits.values())
    smooth = max(one for one, misfit in misfits.items() if misfit <= best + AS_GOOD * abs(best))
    psf = _solve(*_sum(halves), smooth)
    return (psf / psf.sum()).reshape(SIDE, SIDE).astype(np.float32)


def measure_blur(raw: np.ndarray, reference: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Measure how bright a raw image is beside its reference, and how far off it lies, by the PSF that lies between.

    Parameters
    ----------
    raw, reference : array, (Y, X)
        With at least `SIDE` pixels along both sides, and less than `SIDE` / 4 pixels off each other.

    Returns
    -------
    The gain, which is the PSF's sum, and the shift of its center of mass along Y and X: a lopsided PSF moves detail,
    which its center of mass doesn't follow, as registration by detail does.

    >>> reference = ndimage.gaussian_filter(np.random.default_rng(0).random((160, 160)), 4)
    >>> gain, shift = measure_blur(3 * np.roll(reference, 1, axis=1), reference)
    >>> round(gain), [abs(round(step)) for step in shift]
    (3, [0, 1])
    """
    psf = _solve(*_equations(raw, reference), SMOOTHNESS[2]).reshape(SIDE, SIDE)
    first = [round(step) - NEAR for step in ndimage.center_of_mass(psf)]
    near = psf[tuple(slice(max(0, start), start + 2 * NEAR + 1) for start in first)]
    found = [max(0, start) + step - SIDE // 2 for start, step in zip(first, ndimage.center_of_mass(near), strict=True)]
    return float(psf.sum()), (float(found[0]), float(found[1]))


def _halves(raw: np.ndarray, reference: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    axis = int(np.argmax(raw.shape))
    return list(zip(*(np.array_split(image, 2, axis) for image in (raw, reference)), strict=True))


def _equations(raw: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the normal equations' matrix and right side: correlations of the reference with itself, and with raw."""
    shape = [fft.next_fast_len(side + SIDE, real=True) for side in raw.shape]
    seen, sharp = (fft.rfft2(image.astype(np.float64) - image.mean(), shape) for image in (raw, reference))
    own = fft.irfft2(np.abs(sharp) ** 2, shape) / raw.size
    shared = fft.irfft2(np.conj(sharp) * seen, shape) / raw.size
    places = np.indices((SIDE, SIDE)).reshape(2, -1)
    apart = places[:, :, None] - places[:, None, :]
    return own[apart[0], apart[1]], shared[places[0] - SIDE // 2, places[1] - SIDE // 2]


def _sum(equations: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    matrices, sides = zip(*equations, strict=True)
    return np.sum(matrices, 0), np.sum(sides, 0)


def _solve(matrix: np.ndarray, side: np.ndarray, smoothness: float) -> np.ndarray:
    """Descend with momentum (Beck and Teboulle 2009), each time to where nothing is negative."""
    matrix = matrix + smoothness * matrix[0, 0] * _roughness()
    step = 1 / _largest(matrix)
    psf = ahead = np.full(len(side), 1 / len(side))
    pace = 1.0
    for _ in range(ROUNDS):
        before, psf = psf, np.maximum(ahead - step * (matrix @ ahead - side), 0)
        next_pace = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = psf + (pace - 1) / next_pace * (psf - before)
        pace = next_pace
    return psf


def _largest(matrix: np.ndarray) -> float:
    """Return a little more than the largest eigenvalue, by the power method."""
    direction = np.ones(len(matrix))
    for _ in range(30):
        direction = matrix @ direction
        direction /= np.linalg.norm(direction)
    return 1.1 * float(direction @ matrix @ direction)


def _roughness() -> np.ndarray:
    """Return the matrix of the sum of squared differences between neighbors."""
    number = np.arange(SIDE**2).reshape(SIDE, SIDE)
    matrix = np.zeros((SIDE**2, SIDE**2))
    for one, other in ((number[1:], number[:-1]), (number[:, 1:], number[:, :-1])):
        a, b = one.ravel(), other.ravel()
        np.add.at(matrix, (a, a), 1)
        np.add.at(matrix, (b, b), 1)
        np.add.at(matrix, (a, b), -1)
        np.add.at(matrix, (b, a), -1)
    return matrix


def _misfit(psf: np.ndarray, matrix: np.ndarray, side: np.ndarray) -> float:
    """Return the mean squared misfit, up to a constant."""
    return float(psf @ matrix @ psf - 2 * side @ psf)
