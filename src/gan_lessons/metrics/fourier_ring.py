"""Fourier ring and shell correlation: resolution from two acquisitions of the same field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal.windows import tukey

from gan_lessons.errors import InputError

ONE_SEVENTH = 1 / 7
TAPER = 0.25  # share of each axis that Tukey's window fades: borders would correlate, as they are the same in both


@dataclass(frozen=True, eq=False)
class RingCorrelation:
    """Correlation of two images in rings (planes) or shells (volumes) of equal spatial frequency.

    Parameters
    ----------
    frequency : float64 array
        Middle of each ring, in cycles per unit of ``pixel_size``; the last is below Nyquist's of the finest axis.
    correlation : float64 array
        From -1 to 1.
    half_bit : float64 array
        The half-bit threshold of each ring.
    """

    frequency: np.ndarray
    correlation: np.ndarray
    half_bit: np.ndarray

    def resolution(self, threshold: str = "1/7") -> float:
        """Return the period at which the correlation first falls below a threshold, in units of ``pixel_size``.

        Parameters
        ----------
        threshold : {"1/7", "half-bit"}
            1/7 is customary for images of light microscopes (Nieuwenhuizen et al. 2013, doi:10.1038/nmeth.2448);
            half a bit of information a voxel (van Heel & Schatz 2005, doi:10.1016/j.jsb.2005.05.009) follows the number
            of voxels, and is used for shells.

        Returns
        -------
        float
            NaN where it never falls below: then the sampling limits, not the optics; infinite where it never is above.
        """
        if threshold not in ("1/7", "half-bit"):
            raise InputError(f"Fourier ring correlation: unknown threshold {threshold!r}; expected '1/7' or 'half-bit'")
        above = self.smoothed() - (ONE_SEVENTH if threshold == "1/7" else self.half_bit)
        below = np.flatnonzero(above < 0)
        if not below.size:
            return float("nan")
        last = int(below[0])
        if last == 0:
            return float("inf")
        share = above[last - 1] / (above[last - 1] - above[last])
        crossing = self.frequency[last - 1] + share * (self.frequency[last] - self.frequency[last - 1])
        return float(1 / crossing)

    def smoothed(self) -> np.ndarray:
        """Return the mean over three neighbors: single rings of few voxels cross a threshold by chance."""
        padded = np.pad(self.correlation, 1, mode="edge")
        return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


def fourier_ring_correlation(
    first: np.ndarray, second: np.ndarray, pixel_size: float | Sequence[float] = 1.0
) -> RingCorrelation:
    """Correlate two acquisitions ring by ring (Saxton & Baumeister 1982, doi:10.1111/j.1365-2818.1982.tb00405.x).

    ``Re Σ F₁·F₂* / √(Σ|F₁|²·Σ|F₂|²)`` over rings one frequency step of the longest axis wide, after the mean is taken
    off and the borders are faded.

    Parameters
    ----------
    first, second : array, (Y, X) or (Z, Y, X)
        Two independent acquisitions of the same field, finite. Two results of one network aren't independent: what it
        invents in both correlates. Nor are two channels, or frames that share a fixed pattern.
    pixel_size : float or one for each axis
        For example in µm. Shells are of equal frequency in these units, so that planes may lie farther apart than
        pixels; rings end at the frequency that the coarsest axis can hold.

    Raises
    ------
    InputError
        If shapes differ, a value isn't finite, an axis is shorter than 8, or an image is constant.

    >>> image = np.random.default_rng(0).random((32, 32))
    >>> fourier_ring_correlation(image, 3 * image + 1).correlation.round(6).min()
    np.float64(1.0)
    """
    steps = _check(first, second, pixel_size)
    spectra = [np.fft.rfftn(_faded(image)) for image in (first, second)]
    frequency = _frequencies(first.shape, steps)
    width = 1 / max(n * step for n, step in zip(first.shape, steps, strict=True))
    ring = np.rint(frequency / width).astype(int)
    count = int(np.ceil(0.5 / max(steps) / width))  # rings below the coarsest axis' Nyquist frequency; 0 is the mean
    # Half of the spectrum is left out of a real transform: what isn't its own mirror image counts twice.
    twice = np.full(frequency.shape, 2.0)
    twice[..., 0] = 1.0
    if first.shape[-1] % 2 == 0:
        twice[..., -1] = 1.0

    def over_rings(values: np.ndarray) -> np.ndarray:
        return np.bincount(ring.ravel(), (twice * values).ravel(), minlength=count)[1:count]

    x, y = spectra
    cross = over_rings((x * y.conj()).real)
    powers = over_rings(np.abs(x) ** 2) * over_rings(np.abs(y) ** 2)
    with np.errstate(invalid="ignore"):
        correlation = np.where(powers > 0, cross / np.sqrt(powers), 0.0)
    return RingCorrelation(
        np.arange(1, count) * width, correlation, half_bit_threshold(over_rings(np.ones(ring.shape)))
    )


def half_bit_threshold(voxels: np.ndarray) -> np.ndarray:
    """Return the correlation at which a ring of so many voxels carries half a bit a voxel (van Heel & Schatz 2005).

    >>> half_bit_threshold(np.array([1e12])).round(4)
    array([0.1716])
    """
    root = np.sqrt(voxels)
    return np.minimum((0.2071 + 1.9102 / root) / (1.2071 + 0.9102 / root), 1.0)


def _frequencies(shape: tuple[int, ...], steps: tuple[float, ...]) -> np.ndarray:
    """Return the length of each frequency of a real transform, in cycles per unit."""
    axes = [np.fft.fftfreq(n, step) for n, step in zip(shape[:-1], steps, strict=False)]
    axes.append(np.fft.rfftfreq(shape[-1], steps[-1]))
    grids = np.meshgrid(*axes, indexing="ij", sparse=True)
    return np.sqrt(sum(grid**2 for grid in grids))


def _faded(image: np.ndarray) -> np.ndarray:
    values = image.astype(np.float64)
    values -= values.mean()
    for axis, n in enumerate(values.shape):
        values *= tukey(n, TAPER).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
    return values


def _check(first: np.ndarray, second: np.ndarray, pixel_size: float | Sequence[float]) -> tuple[float, ...]:
    name = "Fourier ring correlation"
    if first.shape != second.shape:
        raise InputError(f"{name}: acquisitions {first.shape} and {second.shape} must have the same shape")
    if first.ndim not in (2, 3) or min(first.shape) < 8:
        raise InputError(f"{name}: shape {first.shape}; expected (Y, X) or (Z, Y, X) of at least 8 a side")
    sizes = (pixel_size,) * first.ndim if isinstance(pixel_size, int | float) else tuple(pixel_size)
    if len(sizes) != first.ndim or not all(np.isfinite(size) and size > 0 for size in sizes):
        raise InputError(f"{name}: pixel size {pixel_size}; expected a positive number, or one for each axis")
    for image in (first, second):
        if not np.isfinite(image).all():
            raise InputError(f"{name}: there are values that aren't finite; expected none: choose a region without")
        if image.min() == image.max():
            raise InputError(f"{name}: an acquisition is constant; expected structure")
    return sizes
