"""Blurs with a fixed kernel: any PSF, a Gaussian, a lens out of focus."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from scipy.special import ndtr

from gan_lessons.degradations.convolution import Boundary, convolve
from gan_lessons.degradations.kernels import disc, normalized
from gan_lessons.errors import InputError


class Blur(ABC):
    """A degradation that is a convolution; a subclass says with what."""

    boundary: Boundary = "reflect"

    @abstractmethod
    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the kernel: float32, (Y, X) or (Z, Y, X), odd, centered, sum 1. A random one is drawn from ``rng``."""

    def apply(self, image: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the image blurred: float32, same shape and units; leading axes share the kernel."""
        return convolve(image, self.kernel(rng), self.boundary)


@dataclass(frozen=True, eq=False)
class PSFBlur(Blur):
    """Blur with a given PSF, for example ``PSFBlur(microscope.psf_3d())``.

    Parameters
    ----------
    psf : (Y, X) or (Z, Y, X)
        As `prepare_psf` returns it.
    """

    psf: np.ndarray = field(repr=False)

    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the PSF."""
        return self.psf


@dataclass(frozen=True)
class GaussianBlur(Blur):
    """Blur with a Gaussian that is integrated over pixels.

    Parameters
    ----------
    sigma_px : tuple of 2 or 3 floats
        Standard deviation along (Y, X) or (Z, Y, X) in pixels, ≥ 0. Cut off at 4 of them.

    >>> GaussianBlur((1.0, 2.0)).kernel().shape
    (11, 19)
    """

    sigma_px: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.sigma_px) not in (2, 3) or not all(0 <= sigma < np.inf for sigma in self.sigma_px):
            raise InputError(f"Gaussian blur: sigma {self.sigma_px} pixels; expected 2 or 3 numbers, none negative")

    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the Gaussian: float32, odd, sum 1."""
        profiles = [_gaussian(sigma) for sigma in self.sigma_px]
        return normalized(reduce(np.multiply.outer, profiles)).astype(np.float32)


@dataclass(frozen=True)
class DefocusBlur(Blur):
    """Blur with the image of a round aperture: geometrical optics of a camera out of focus.

    Parameters
    ----------
    radius_px : float
        Of the circle of confusion, in pixels, ≥ 0.
    """

    radius_px: float

    def __post_init__(self) -> None:
        if not 0 <= self.radius_px < np.inf:
            raise InputError(f"defocus blur: radius {self.radius_px:g} pixels; expected 0 or more")

    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the disc, antialiased: float32, odd, sum 1."""
        return disc(self.radius_px).astype(np.float32)


def _gaussian(sigma: float) -> np.ndarray:
    if sigma == 0:
        return np.ones(1)
    half = int(np.ceil(4 * sigma + 0.5))
    return np.diff(ndtr((np.arange(-half, half + 2) - 0.5) / sigma))
