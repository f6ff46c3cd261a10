"""The light that a microscope's model puts on each pixel: psfmodels, and what it leaves to its caller."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from psfmodels import make_psf
from scipy.signal import oaconvolve

from gan_lessons.degradations.kernels import disc

if TYPE_CHECKING:
    from gan_lessons.degradations.psf import Microscope

LARGEST = 65  # pixels a side
LATERAL_REACH = 8  # λ/NA from a confocal's center: farther out is less than a millionth of the peak


def planes(scope: Microscope, heights_um: np.ndarray) -> np.ndarray:
    """Return the PSF at these heights above the focus: float64, (Z, Y, X), 65 pixels a side or all that is lit."""
    zv = heights_um + focus_um(scope)
    return _confocal(scope, zv) if scope.confocal else _widefield(scope, zv, scope.wavelength_nm, LARGEST)


@lru_cache(maxsize=256)
def focus_um(scope: Microscope) -> float:
    """Return the height at which the object is brightest: not its depth where the indices differ."""
    if scope.depth_um == 0:
        return 0.0
    depth_of_field = scope.wavelength_nm / 1000 * scope.immersion_index / scope.na**2
    nominal = scope.depth_um * scope.immersion_index / scope.sample_index
    reach = abs(nominal - scope.depth_um) + 2 * depth_of_field
    coarse = np.arange(scope.depth_um - reach, scope.depth_um + reach, depth_of_field / 4)
    return _brightest(scope, _brightest(scope, coarse) + np.linspace(-0.25, 0.25, 11) * depth_of_field)


def _brightest(scope: Microscope, heights_um: np.ndarray) -> float:
    on_axis = _widefield(scope, heights_um, scope.wavelength_nm, 1)
    return float(heights_um[on_axis.ravel().argmax()])


def _widefield(scope: Microscope, zv: np.ndarray, wavelength_nm: float, size: int, fine: int = 1) -> np.ndarray:
    """Integrate the light over each pixel (or a ``fine``-th of it), closely enough not to miss a narrow peak."""
    step = scope.pixel_size_um / fine
    return make_psf(
        z=zv.tolist(),
        nx=size,
        dxy=step,
        pz=scope.depth_um,
        NA=scope.na,
        wvl=wavelength_nm / 1000,
        ns=scope.sample_index,
        ni=scope.immersion_index,
        ni0=scope.immersion_index,
        oversample_factor=max(3, _odd(12 * scope.na * step / (wavelength_nm / 1000))),
        normalize=False,
        model="vectorial",
    )


def _confocal(scope: Microscope, zv: np.ndarray) -> np.ndarray:
    """Multiply illumination and detection on a grid fine enough for the pinhole, then sum over pixels."""
    assert scope.excitation_nm is not None
    spot = scope.wavelength_nm / 1000 / scope.na
    fine = _odd(8 * scope.pixel_size_um / spot)
    side = min(LARGEST, _odd(2 * LATERAL_REACH * spot / scope.pixel_size_um))
    pinhole = disc(scope.pinhole_airy * 0.61 * spot * fine / scope.pixel_size_um)
    illumination = _widefield(scope, zv, scope.excitation_nm, side * fine, fine)
    detection = _widefield(scope, zv, scope.wavelength_nm, side * fine, fine)
    seen = np.maximum(oaconvolve(detection, pinhole[None], "same", axes=(1, 2)), 0)
    return (illumination * seen).reshape(len(zv), side, fine, side, fine).sum(axis=(2, 4))


def _odd(number: float) -> int:
    """Return the smallest odd integer that isn't less."""
    return 2 * int(np.ceil((number - 1) / 2)) + 1 if number > 1 else 1
