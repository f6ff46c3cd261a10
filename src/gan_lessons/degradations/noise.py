"""Noise of a camera that counts photons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_lessons.errors import InputError

BRIGHT = 99.9  # percentile whose expected count ``photons`` is: the maximum would hang on a single pixel


@dataclass(frozen=True)
class PoissonGaussian:
    """Shot noise and read noise (Foi et al. 2008, doi:10.1109/TIP.2008.2001399); units in are units out.

    The variance of a pixel of clean value x is ``(x − offset) / g + (read_noise / g)²``, with g electrons a unit.

    Parameters
    ----------
    photons : float, optional
        Expected count at the 99.9th percentile of the clean image: sets g for each image.
    electrons_per_unit : float, optional
        g itself, of a calibrated camera. Give either this or ``photons``.
    offset : float
        Value of a pixel without light, in the image's units. Less than that counts as no light.
    read_noise : float
        Standard deviation in electrons.

    Raises
    ------
    InputError
        Unless exactly one of ``photons`` and ``electrons_per_unit`` is given, and positive; if ``read_noise`` < 0.

    >>> PoissonGaussian(photons=100).apply(np.ones((2, 2)), np.random.default_rng(0)).dtype
    dtype('float32')
    """

    photons: float | None = None
    electrons_per_unit: float | None = None
    offset: float = 0.0
    read_noise: float = 0.0

    def __post_init__(self) -> None:
        given = [value for value in (self.photons, self.electrons_per_unit) if value is not None]
        if len(given) != 1 or not given[0] > 0:
            raise InputError(
                f"noise: photons {self.photons}, electrons_per_unit {self.electrons_per_unit}; "
                "expected one of them, and positive"
            )
        if not self.read_noise >= 0:
            raise InputError(f"noise: read noise {self.read_noise:g} electrons; expected 0 or more")

    def electrons(self, image: np.ndarray) -> float:
        """Return g: electrons a unit of this clean image. One without light is taken to have a brightest value of 1."""
        if self.electrons_per_unit is not None:
            return self.electrons_per_unit
        assert self.photons is not None
        brightest = float(np.percentile(image, BRIGHT)) - self.offset
        return self.photons / brightest if brightest > 0 else self.photons

    def variance(self, clean: np.ndarray) -> np.ndarray:
        """Return the variance of each pixel, in squared units, for its clean value: float64, of the same shape.

        >>> PoissonGaussian(electrons_per_unit=2, offset=1, read_noise=4).variance(np.array([0.0, 1.0, 9.0]))
        array([4., 4., 8.])
        """
        gain = self.electrons(clean)
        light = np.maximum(clean.astype(np.float64) - self.offset, 0)
        return light / gain + (self.read_noise / gain) ** 2

    def apply(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return what the camera would record.

        Parameters
        ----------
        image : array of any shape
            Clean, already blurred. Its channels share one g.
        rng : numpy Generator

        Returns
        -------
        float32, of the same shape and in the same units; not clipped
        """
        gain = self.electrons(image)
        expected = np.maximum(image.astype(np.float64) - self.offset, 0) * gain
        counts = rng.poisson(expected).astype(np.float64)
        if self.read_noise:
            counts += rng.normal(0.0, self.read_noise, image.shape)
        return (counts / gain + self.offset).astype(np.float32)
