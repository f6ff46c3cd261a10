"""The pairs that fine-tuning is raced on: drawn specimens behind PSFs and cameras unlike those of training.

A specimen of one kind a case, PSFs that training's bank doesn't hold (astigmatism, trefoil and spherical aberration of
the pupil; a Lorentzian), a camera that reads with more noise than any there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_lessons.data import specimens
from gan_lessons.degradations import convolve


@dataclass(frozen=True, eq=False)
class Case:
    """A raw image and the true specimen in its units, with the PSF that made it."""

    name: str
    model: str
    axes: str
    raw: np.ndarray
    truth: np.ndarray
    psf: np.ndarray


def pupil_psf(cutoff: float, side: int = 41, grid: int = 256, **waves: float) -> np.ndarray:
    """Return the PSF of a pupil of so many cycles a pixel with Zernike aberrations in radians (scalar, in focus)."""
    fy, fx = np.meshgrid(np.fft.fftfreq(grid), np.fft.fftfreq(grid), indexing="ij")
    r, angle = np.hypot(fy, fx) / cutoff, np.arctan2(fy, fx)
    zernike = {
        "defocus": 3**0.5 * (2 * r**2 - 1),
        "astigmatism": 6**0.5 * r**2 * np.cos(2 * angle),
        "trefoil": 8**0.5 * r**3 * np.cos(3 * angle),
        "spherical": 5**0.5 * (6 * r**4 - 6 * r**2 + 1),
    }
    phase = np.sum([amount * zernike[name] for name, amount in waves.items()], axis=0)
    spot = np.fft.fftshift(np.abs(np.fft.ifft2(np.where(r <= 1, np.exp(1j * phase), 0))) ** 2)
    middle = slice(grid // 2 - side // 2, grid // 2 + side // 2 + 1)
    return (spot[middle, middle] / spot[middle, middle].sum()).astype(np.float32)


def lorentzian(half: float, side: int = 41) -> np.ndarray:
    """Return a PSF with wide wings."""
    y, x = np.indices((side, side)) - side // 2
    psf = (1 + (np.hypot(y, x) / half) ** 2) ** -1.5
    return (psf / psf.sum()).astype(np.float32)


def aberrated_stack(planes: int = 15) -> np.ndarray:
    """Return a 3D PSF: the pupil's, defocused, with spherical aberration, which makes it lopsided along z."""
    defocus = 0.7 * np.arange(-(planes // 2), planes // 2 + 1)
    psf = np.stack([pupil_psf(0.15, defocus=float(d), spherical=0.8, astigmatism=0.6) for d in defocus])
    return (psf / psf.sum()).astype(np.float32)


def photograph(
    name: str, kind: str, psf: np.ndarray, photons: float, read_noise: float, seed: int, shape: tuple[int, ...]
) -> Case:
    """Draw a specimen, and photograph it with so many photons at its brightest, and electrons of read noise."""
    rng = np.random.default_rng(seed)
    spacing = np.array([3.0, 1.0, 1.0])[-len(shape) :]
    truth = getattr(specimens, kind)(shape, spacing, rng)
    truth = np.minimum(truth / np.percentile(truth, 99.8), 3)
    clean = np.maximum(convolve(truth, psf), 0)
    gain, background = photons / np.percentile(clean, 99.9), 0.1 * photons
    raw = rng.poisson(clean * gain + background) + rng.normal(100, read_noise, shape)
    model, axes = ("fluo-3d", "ZYX") if len(shape) == 3 else ("fluo-2d", "YX")
    return Case(name, model, axes, raw.astype(np.float32), (truth * gain + background + 100).astype(np.float32), psf)


PLANE, STACK = (640, 640), (16, 448, 192)
CASES: dict[str, tuple[str, Callable[[], np.ndarray], float, float, int, tuple[int, ...]]] = {
    "membranes": ("membranes", lambda: pupil_psf(0.2, trefoil=1.5, spherical=1.2), 30, 4, 2, PLANE),
    "filaments": ("filaments", lambda: pupil_psf(0.14, astigmatism=1.6), 60, 4, 1, PLANE),
    "nuclei": ("nuclei", lambda: lorentzian(2.2), 100, 8, 3, PLANE),
    "filaments, stack": ("filaments", aberrated_stack, 60, 4, 4, STACK),
}
"""Name → kind of specimen, PSF, photons, electrons of read noise, seed and shape."""


def make_case(name: str) -> Case:
    """Make a case by its name."""
    kind, psf, photons, read_noise, seed, shape = CASES[name]
    return photograph(name, kind, psf(), photons, read_noise, seed, shape)
