"""What moving air does to an image: it blurs, and it warps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from gan_lessons.degradations.blur import Blur
from gan_lessons.degradations.otf import diffraction_otf, frequencies, kernel_from_otf
from gan_lessons.errors import InputError

WIDEST_PX = 16  # seeing: wider, and a kernel of 65 pixels would cut off its wings


@dataclass(frozen=True)
class TurbulenceBlur(Blur):
    """Mean blur of Kolmogorov turbulence (Fried 1966, doi:10.1364/JOSA.56.001372).

    Parameters
    ----------
    fried_cm : float
        Fried's parameter r₀ at ``wavelength_nm``: the aperture above which air, not glass, limits the sharpness.
    pixel_urad : float
        Angle a pixel sees, in microradians.
    wavelength_nm : float
    aperture_cm : float, optional
        Without it a long exposure, image motion included. With it a short one: motion removed (Fried's near field,
        α = 1), the aperture's diffraction included.

    Raises
    ------
    InputError
        If a number isn't positive, or the seeing is wider than 16 pixels.
    """

    fried_cm: float
    pixel_urad: float
    wavelength_nm: float = 550.0
    aperture_cm: float | None = None

    def __post_init__(self) -> None:
        for name in ("fried_cm", "pixel_urad", "wavelength_nm", "aperture_cm"):
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise InputError(f"turbulence: {name} is {value:g}; expected a positive number")
        if self.seeing_px > WIDEST_PX:
            raise InputError(
                f"turbulence: the seeing is {self.seeing_px:.3g} pixels wide; expected at most {WIDEST_PX}: "
                "use a larger fried_cm or larger pixels"
            )

    @property
    def seeing_px(self) -> float:
        """Full width at half maximum of the long exposure, 0.976 λ / r₀, in pixels."""
        return 0.976 / self._fried_cycles

    @property
    def _fried_cycles(self) -> float:
        return _cycles(self.fried_cm, self.pixel_urad, self.wavelength_nm)

    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the kernel: float32, (Y, X), odd, sum 1."""
        frequency = np.hypot(*frequencies())
        exponent = 3.44 * (frequency / self._fried_cycles) ** (5 / 3)
        if self.aperture_cm is None:
            return kernel_from_otf(np.exp(-exponent))
        cutoff = _cycles(self.aperture_cm, self.pixel_urad, self.wavelength_nm)
        still = 1 - np.minimum(frequency / cutoff, 1) ** (1 / 3)
        return kernel_from_otf(diffraction_otf(frequency, cutoff) * np.exp(-exponent * still))


@dataclass(frozen=True)
class TurbulenceWarp:
    """Random, smooth displacement of the image: what is left of turbulence in a short exposure besides its blur.

    Parameters
    ----------
    rms_px : float
        Of the displacement along each axis, ≥ 0.
    correlation_px : float
        Standard deviation of the Gaussian that smooths the displacements, ≥ 1.
    """

    rms_px: float
    correlation_px: float = 16.0

    def __post_init__(self) -> None:
        if not 0 <= self.rms_px < np.inf or not 1 <= self.correlation_px < np.inf:
            raise InputError(
                f"turbulence: warp of {self.rms_px:g} pixels over {self.correlation_px:g}; "
                "expected rms_px ≥ 0 and correlation_px ≥ 1"
            )

    def displacement(self, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """Draw the displacements in pixels: float64, (2, Y, X), the one along Y first."""
        white = rng.normal(size=(2, *shape))
        smooth = gaussian_filter(white, self.correlation_px, axes=(1, 2), mode="wrap")
        return smooth * self.rms_px * 2 * np.sqrt(np.pi) * self.correlation_px  # what smoothing took of the deviation

    def apply(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the image warped along Y and X: float32, same shape and units; leading axes move together."""
        height, width = image.shape[-2:]
        where = np.indices((height, width)) + self.displacement((height, width), rng)
        planes = image.reshape(-1, height, width).astype(np.float32)
        warped = [map_coordinates(plane, where, order=3, mode="reflect") for plane in planes]
        return np.stack(warped).reshape(image.shape)


def _cycles(length_cm: float, pixel_urad: float, wavelength_nm: float) -> float:
    """Return the frequency, in cycles a pixel, of a grating that a length resolves at a wavelength."""
    return length_cm * 1e-2 / (wavelength_nm * 1e-9) * pixel_urad * 1e-6
