"""The point spread function of a microscope, from the numbers that are written on its objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_lessons.degradations import light
from gan_lessons.degradations.kernels import crop_center, normalized, smallest_holding
from gan_lessons.errors import InputError

SMALLEST = 31  # lateral pixels of a widefield PSF; the largest is `light.LARGEST`: Airy rings know no end
MOST_PLANES = 65
ENERGY_SHARE = 0.99  # of what the largest side holds
FAINT = 0.01  # of the peak: planes that nowhere reach it are left out
AXIAL_REACH = 6  # λn/NA² from the focus: farther out is fainter than that


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
        return _finish(light.planes(self, np.array([defocus_um])))[0]

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
        psf = light.planes(self, np.arange(-half, half + 1) * self.z_step_um)
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

    def _planes_reached(self) -> int:
        assert self.z_step_um is not None
        field = self.wavelength_nm / 1000 * self.immersion_index / self.na**2
        reach = AXIAL_REACH * field + 3 * abs(light.focus_um(self) - self.depth_um)
        return int(np.ceil(reach / self.z_step_um))


def _finish(psf: np.ndarray) -> np.ndarray:
    size = smallest_holding(psf, ENERGY_SHARE, smallest=SMALLEST)
    return normalized(crop_center(psf, (len(psf), size, size))).astype(np.float32)


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
