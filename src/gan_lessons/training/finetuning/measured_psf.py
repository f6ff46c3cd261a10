"""The PSF between a reference and its raw image, measured: what a pair tells of the microscope that nobody told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import fft, ndimage
from scipy.signal import fftconvolve

SIDE = 31  # pixels of the PSF
DEPTH = 15  # planes of a volume's, or as many as the volume has
SMOOTHNESS = (0.001, 0.01, 0.1, 1.0)  # weights of neighbors' differences that are tried, as shares of the variance
AS_GOOD = 0.001  # of what the best smoothness explains: so much less is not worth a rougher PSF
NEAR = 10  # pixels around the center of mass that it is measured in: farther out there is more noise than light
ROUNDS = {2: 300, 3: 100}  # of the descent, by dimensions: it has settled by then, and takes a second


class Equations(NamedTuple):
    """The normal equations of least squares: correlations are all they need."""

    own: np.ndarray  # of the reference with itself, as far apart as two places of the PSF
    shared: np.ndarray  # of the raw image with the reference: of the PSF's shape

    @property
    def variance(self) -> float:
        """Of the reference."""
        return float(self.own[tuple(side // 2 for side in self.own.shape)])

    def applied(self, psf: np.ndarray) -> np.ndarray:
        """Return what ``shared`` is if this is the PSF."""
        return fftconvolve(self.own, psf, mode="valid")


def measure_psf(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Find what blurs references into raw images: least squares, nowhere negative, smooth.

    How smooth is decided on halves of the images that the PSF wasn't fitted to: as smooth as predicts them nearly best.

    Parameters
    ----------
    pairs : sequence of (raw, reference), each (Y, X) or (Z, Y, X), all with as many planes
        In one scale, with at least `SIDE` pixels along Y and X, and twice that along one of them.

    Returns
    -------
    float32 (`SIDE`, `SIDE`), or (planes, `SIDE`, `SIDE`) with at most `DEPTH` planes; sum 1. A shift between the
    images is in it.

    >>> reference = np.random.default_rng(0).random((80, 80))
    >>> raw = np.roll(reference, 1, axis=1)
    >>> np.unravel_index(measure_psf([(raw, reference)]).argmax(), (SIDE, SIDE))  # a pixel to the right of the middle
    (np.int64(15), np.int64(16))
    """
    halves = [_equations(raw, reference) for pair in pairs for raw, reference in _halves(*pair)]
    seen, unseen = (_sum(some) for some in (halves[::2], halves[1::2]))
    misfits = {smoothness: _misfit(_solve(seen, smoothness), unseen) for smoothness in SMOOTHNESS}
    best = min(misfits.values())
    smooth = max(one for one, misfit in misfits.items() if misfit <= best + AS_GOOD * abs(best))
    psf = _solve(_sum([seen, unseen]), smooth)
    return (psf / psf.sum()).astype(np.float32)


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
    psf = _solve(_equations(raw, reference), SMOOTHNESS[2])
    first = [round(step) - NEAR for step in ndimage.center_of_mass(psf)]
    near = psf[tuple(slice(max(0, start), start + 2 * NEAR + 1) for start in first)]
    found = [max(0, start) + step - SIDE // 2 for start, step in zip(first, ndimage.center_of_mass(near), strict=True)]
    return float(psf.sum()), (float(found[0]), float(found[1]))


def _halves(raw: np.ndarray, reference: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    axis = raw.ndim - 2 + int(np.argmax(raw.shape[-2:]))
    return list(zip(*(np.array_split(image, 2, axis) for image in (raw, reference)), strict=True))


def _equations(raw: np.ndarray, reference: np.ndarray) -> Equations:
    """Correlate. Beyond its first and last plane a volume is taken for mirrored: few planes are far from both."""
    raw, reference = (image.astype(np.float64) - image.mean() for image in (raw, reference))
    sides = (*(min(DEPTH, (depth - 1) // 2 * 2 + 1) for depth in raw.shape[:-2]), SIDE, SIDE)
    reach = [side // 2 for side in sides]
    beyond = [(2 * step,) * 2 for step in reach[:-2]] + [(0, 0)] * 2
    wide = np.pad(reference, beyond, mode="symmetric")
    shape = [fft.next_fast_len(n + 2 * step, real=True) for n, step in zip(wide.shape, reach, strict=True)]
    spectrum = np.conj(fft.rfftn(wide, shape))

    def correlated(image: np.ndarray, reach: Sequence[int]) -> np.ndarray:
        known = np.pad(image, beyond)  # with nothing beyond
        everywhere = fft.irfftn(fft.rfftn(known, shape) * spectrum, shape)
        return everywhere[np.ix_(*(np.arange(-step, step + 1) for step in reach))] / image.size

    own = correlated(reference, [2 * step for step in reach])
    return Equations((own + np.flip(own)) / 2, correlated(raw, reach))


def _sum(equations: Sequence[Equations]) -> Equations:
    own, shared = zip(*equations, strict=True)
    return Equations(np.sum(own, 0), np.sum(shared, 0))


def _solve(equations: Equations, smoothness: float) -> np.ndarray:
    """Descend with momentum (Beck and Teboulle 2009), each time to where nothing is negative."""
    rough = smoothness * equations.variance

    def applied(psf: np.ndarray) -> np.ndarray:
        return equations.applied(psf) + rough * _roughness(psf)

    shape = equations.shared.shape
    step = 1 / _largest(applied, shape)
    psf = ahead = np.full(shape, 1 / equations.shared.size)
    pace = 1.0
    for _ in range(ROUNDS[len(shape)]):
        before, psf = psf, np.maximum(ahead - step * (applied(ahead) - equations.shared), 0)
        next_pace = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = psf + (pace - 1) / next_pace * (psf - before)
        pace = next_pace
    return psf


def _largest(applied: Callable[[np.ndarray], np.ndarray], shape: tuple[int, ...]) -> float:
    """Return a little more than a symmetric operator's largest eigenvalue, by the power method."""
    direction = np.ones(shape)
    for _ in range(30):
        direction = applied(direction)
        direction /= np.linalg.norm(direction)
    return 1.1 * float(np.vdot(direction, applied(direction)))


def _roughness(psf: np.ndarray) -> np.ndarray:
    """Return half the gradient of the sum of squared differences between neighbors."""
    ends = [(psf.take([0], axis), psf.take([-1], axis)) for axis in range(psf.ndim)]
    return -np.sum([np.diff(psf, 2, axis, first, last) for axis, (first, last) in enumerate(ends)], 0)


def _misfit(psf: np.ndarray, equations: Equations) -> float:
    """Return the mean squared misfit, up to a constant."""
    return float(np.vdot(psf, equations.applied(psf) - 2 * equations.shared))
