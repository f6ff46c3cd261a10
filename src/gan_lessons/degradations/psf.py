"""The point spread function of a microscope, from the numbers that are written on its objective."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from psfmodels import make_psf
from scipy.signal import oaconvolve

from gan_lessons.degradations.kernels import crop_center, disc, normalized, smallest_holding
from gan_lessons.errors import InputError

SMALLEST, LARGEST = 31, 65  # lateral pixels: Airy rings decay too slowly for a rule without a cap
MOST_PLANES = 65
LATERAL_REACH, AXIAL_REACH = 8, 6  # in λ/NA of a confocal, in λn/NA²: light farther out is less than FAINT
ENERGY_SHARE = 0.99  # of what the largest side holds
FAINT = 0.01  # of the peak: planes that nowhere reach it are left out


class Sampling(NamedTuple):
    """Steps in µm; the axial one is between planes."""

    lateral: float
    axial: float


@dataclass(frozen=True)
class Microscope:
    """A widefield or confocal fluorescence microscope (vectorial Gibson–Lanni model, Aguet et al. 2009).

    Aguet et al., *Opt. Express* 17, 6829 (2009), as implemented in psfmodels.

    Parameters
    ----------
    na : float
        Numerical aperture; less than the immersion's index.
    wavelength_nm : float
        Emission.
    pixel_size_um : float
        In the specimen.
    z_step_um : float, optional
        Between planes; needed for `psf_3d`.
    immersion_index : float
        1.0 air, 1.33 water, 1.40 silicone, 1.47 glycerol, 1.515 oil.
    sample_index : float
        Of the mounting medium; it matters at ``depth_um`` > 0.
    depth_um : float
        Of the object under the coverslip. Where the indices differ it aberrates the PSF and moves the focus; the PSF is
        centered on the brightest plane.
    confocal : bool
        Scan with a focused laser and detect through a pinhole.
    excitation_nm : float, optional
        Laser line, for confocal; less than ``wavelength_nm``.
    pinhole_airy : float
        Pinhole's diameter in Airy disc diameters (1.22 λ/NA).

    Raises
    ------
    InputError
        If a number can't be: the message says which, and which unit is expected.

    >>> Microscope(na=1.2, wavelength_nm=520, pixel_size_um=0.1, immersion_index=1.33).psf_2d().shape
    (43, 43)
    """

    na: float
    wavelength_nm: float
    pixel_size_um: float
    z_step_um: float | None = None
    immersion_index: float = 1.0
    sample_index: float = 1.33
    depth_um: float = 0.0
    confocal: bool = False
    excitation_nm: float | None = None
    pinhole_airy: float = 1.0

    def __post_init__(self) -> None:
        _check(self)

    def psf_2d(self, defocus_um: float = 0.0) -> np.ndarray:
        """Return the PSF of one plane, ``defocus_um`` away from the focus.

        Returns
        -------
        float32, (Y, X)
            Odd, the focus in the middle, sum 1; 31 to 65 pixels a side (a confocal's may be smaller).
        """
        return _finish(self._planes(np.array([defocus_um])))[0]

    def psf_3d(self, planes: int | None = None) -> np.ndarray:
        """Return the PSF of a stack.

        Parameters
        ----------
        planes : int, optional
            Odd. By default those that somewhere reach 1 % of the peak, at most 65: a widefield PSF has no axial end.

        Returns
        -------
        float32, (Z, Y, X)
            Odd, the focus in the middle, sum 1.
        """
        if self.z_step_um is None:
            raise InputError("microscope: a 3D PSF needs the step between planes: give z_step_um")
        if planes is not None and (planes < 1 or planes % 2 == 0):
            raise InputError(f"microscope: {planes} planes have no middle one; expected an odd number")
        half = planes // 2 if planes else min(MOST_PLANES // 2, self._planes_reached())
        psf = self._planes(np.arange(-half, half + 1) * self.z_step_um)
        if planes is None:
            bright = np.flatnonzero(psf.max(axis=(1, 2)) >= FAINT * psf.max())
            half_bright = max(half - bright[0], bright[-1] - half)
            psf = psf[half - half_bright : half + half_bright + 1]
        return _finish(psf)

    def nyquist_um(self) -> Sampling:
        """Return the largest steps that lose nothing the optics let through.

        Widefield λ/4NA and λ/2n(1 − cos α); a confocal's limit, with the pinhole closed, is half of that at the
        excitation's wavelength.
        """
        wavelength = (self.excitation_nm if self.excitation_nm and self.confocal else self.wavelength_nm) / 1000
        factor = 2 if self.confocal else 1
        cosine = np.sqrt(1 - (self.na / self.immersion_index) ** 2)
        lateral = wavelength / (4 * self.na * factor)
        return Sampling(float(lateral), float(wavelength / (2 * self.immersion_index * (1 - cosine) * factor)))

    def _planes(self, heights_um: np.ndarray) -> np.ndarray:
        """Return the PSF at these heights above the focus: float64, (Z, Y, X), 65 pixels a side or all that is lit."""
        zv = heights_um + _focus_um(self)
        return _confocal(self, zv) if self.confocal else _widefield(self, zv, self.wavelength_nm, LARGEST)

    def _planes_reached(self) -> int:
        assert self.z_step_um is not None
        field = self.wavelength_nm / 1000 * self.immersion_index / self.na**2
        reach = AXIAL_REACH * field + 3 * abs(_focus_um(self) - self.depth_um)
        return int(np.ceil(reach / self.z_step_um))


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


@lru_cache(maxsize=256)
def _focus_um(scope: Microscope) -> float:
    """Return the height at which the object is brightest: not its depth where the indices differ."""
    if scope.depth_um == 0:
        return 0.0
    depth_of_field = scope.wavelength_nm / 1000 * scope.immersion_index / scope.na**2
    nominal = scope.depth_um * scope.immersion_index / scope.sample_index
    reach = abs(nominal - scope.depth_um) + 2 * depth_of_field
    heights = np.arange(scope.depth_um - reach, scope.depth_um + reach, depth_of_field / 20)
    on_axis = _widefield(scope, heights, scope.wavelength_nm, 1)
    return float(heights[on_axis.ravel().argmax()])


def _finish(psf: np.ndarray) -> np.ndarray:
    size = smallest_holding(psf, ENERGY_SHARE, smallest=SMALLEST)
    return normalized(crop_center(psf, (len(psf), size, size))).astype(np.float32)


def _odd(number: float) -> int:
    """Return the smallest odd integer that isn't less."""
    return 2 * int(np.ceil((number - 1) / 2)) + 1 if number > 1 else 1


def _check(scope: Microscope) -> None:
    def expect(good: bool, found: str, expected: str) -> None:
        if not good:
            raise InputError(f"microscope: {found}; expected {expected}")

    na, index = scope.na, scope.immersion_index
    expect(1 <= index <= 2, f"immersion index {index:g}", "1.0 (air) to about 1.7; oil is 1.515")
    expect(1 <= scope.sample_index <= 2, f"sample index {scope.sample_index:g}", "1.0 to 2; water is 1.33")
    expect(0 < na < index, f"NA {na:g} with immersion index {index:g}", "0 < NA < index; set the immersion index")
    wavelength = scope.wavelength_nm
    expect(200 <= wavelength <= 2000, f"wavelength {wavelength:g} nm", "200 to 2000 nanometers")
    pixel = scope.pixel_size_um
    expect(0 < pixel < np.inf, f"pixel size {pixel:g} µm", "a positive number of micrometers")
    step = scope.z_step_um
    expect(step is None or 0 < step < np.inf, f"z step {step} µm", "a positive number of micrometers")
    expect(0 <= scope.depth_um < np.inf, f"depth {scope.depth_um:g} µm", "micrometers under the coverslip, from 0")
    if scope.confocal:
        excitation = scope.excitation_nm
        good = excitation is not None and 200 <= excitation < wavelength
        expect(good, f"confocal with excitation {excitation} nm", f"a laser line below the emission, {wavelength:g} nm")
        expect(scope.pinhole_airy > 0, f"pinhole {scope.pinhole_airy:g} Airy units", "a positive diameter, often 1")
