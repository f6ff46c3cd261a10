"""PSFs to train with: drawn from the instruments that users have, and a little beyond."""

from __future__ import annotations

import numpy as np
from scipy.signal import convolve2d

from gan_lessons.degradations import CameraShake, GaussianBlur, LinearMotion, Microscope, SensorBlur, TurbulenceBlur

OBJECTIVES = [(0.3, 1.0), (0.5, 1.0), (0.75, 1.0), (0.95, 1.0), (1.0, 1.33), (1.2, 1.33), (1.3, 1.515), (1.4, 1.515)]
"""Numerical aperture and immersion index, dry to oil."""

LARGEST = 65  # pixels a side
STACK_PLANES = 25  # of a 3D PSF: what lies deeper is haze


def microscope_planes(count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw widefield planes, half of them out of focus, a sixth Gaussian (spinning discs, light sheets, scans)."""
    psfs: list[np.ndarray] = []
    while len(psfs) < count:
        if rng.random() < 1 / 6:
            psfs.append(GaussianBlur((rng.uniform(0.7, 4.0), rng.uniform(0.7, 4.0))).kernel())
            continue
        scope = draw_microscope(rng)
        depth_of_field = scope.wavelength_nm / 1000 * scope.immersion_index / scope.na**2
        defocus = depth_of_field * rng.uniform(0, 2.5) if rng.random() < 0.5 else 0.0
        psf = scope.psf_2d(defocus)
        if spread(psf) < LARGEST / 5:
            psfs.append(psf)
    return psfs


def microscope_stack(planes: int, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Draw a 3D PSF of ``planes`` planes, confocal one time in three, and its z step over pixel size."""
    scope = draw_microscope(rng, axial=True, confocal=rng.random() < 1 / 3)
    assert scope.z_step_um is not None
    return scope.psf_3d(planes), scope.z_step_um / scope.pixel_size_um


def camera_shakes(count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw shaken cameras and, a quarter of them, straight motions; one in ten is hardly blurred."""
    psfs: list[np.ndarray] = []
    while len(psfs) < count:
        length = rng.uniform(0, 3) if rng.random() < 0.1 else rng.uniform(3, 60)
        straight = LinearMotion(length_px=length / 2.5, angle_deg=rng.uniform(0, 180))
        shake = CameraShake(
            length_px=length, exposure=rng.uniform(0.3, 1), anxiety=rng.choice([0.001, 0.003, 0.006, 0.02])
        )
        psf = (straight if rng.random() < 0.25 else shake).kernel(rng)
        if max(psf.shape) <= 41:
            psfs.append(psf)
    return psfs


def satellites(count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw the cameras of satellites, half of them through turbulent air as well."""
    psfs: list[np.ndarray] = []
    while len(psfs) < count:
        psf = SensorBlur(
            mtf_at_nyquist=rng.uniform(0.03, 0.2), optics_cutoff=rng.uniform(1.2, 3.0), smear_px=rng.uniform(0.0, 1.2)
        ).kernel()
        if rng.random() < 0.5:
            air = TurbulenceBlur(fried_cm=rng.uniform(5, 20), pixel_urad=rng.uniform(2, 10)).kernel()
            psf = convolve2d(psf, air).astype(np.float32)
        if max(psf.shape) <= LARGEST:
            psfs.append(psf / psf.sum())
    return psfs


def draw_microscope(rng: np.random.Generator, *, axial: bool = False, confocal: bool = False) -> Microscope:
    """Draw an objective and a sampling: from twice as fine as Nyquist to a half too coarse."""
    na, index = OBJECTIVES[rng.integers(1 if axial else 0, len(OBJECTIVES))]
    na *= rng.uniform(0.93, 1.03)
    wavelength = rng.uniform(430, 700)
    lateral = wavelength / 1000 / (4 * na) * rng.uniform(0.45, 1.5)
    step = None
    if axial:
        step = wavelength / 1000 / (2 * index * (1 - np.sqrt(1 - (na / index) ** 2))) * rng.uniform(0.5, 1.6)
    return Microscope(
        na=na,
        wavelength_nm=wavelength,
        pixel_size_um=lateral,
        z_step_um=step,
        immersion_index=index,
        confocal=confocal,
        excitation_nm=wavelength * 0.92 if confocal else None,
        pinhole_airy=rng.uniform(0.8, 2.0),
    )


def spread(psf: np.ndarray) -> float:
    """Return the root-mean-square radius in pixels of the part above 1 % of the peak."""
    core = np.where(psf > 0.01 * psf.max(), psf, 0)
    y, x = np.indices(psf.shape) - (psf.shape[0] - 1) / 2
    return float(np.sqrt((core * (y**2 + x**2)).sum() / core.sum()))
