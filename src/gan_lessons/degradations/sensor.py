"""The blur of a satellite's camera: optics, detector, motion and jitter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq

from gan_lessons.degradations.blur import Blur
from gan_lessons.degradations.otf import FINE, diffraction_otf, frequencies, kernel_from_otf
from gan_lessons.errors import InputError


@dataclass(frozen=True)
class SensorBlur(Blur):
    """The system MTF of a push-broom camera (Schowengerdt 2007, *Remote Sensing*, §3.4).

    Diffraction × detector footprint × smear along the track × Gaussian jitter. The jitter, which stands for all that
    isn't known, is chosen so that the kernel has the contrast at the Nyquist frequency that the data sheet states.

    Parameters
    ----------
    mtf_at_nyquist : float
        Across the track (X), without smear; in orbit usually 0.1 to 0.3.
    optics_cutoff : float
        Cycles a pixel from which the optics pass nothing: detector pitch / (wavelength × f-number), often 1 to 4.
    smear_px : float
        Distance the ground moves along the track (Y) during an exposure, in pixels; 1 without compensation.
    detector_px : float
        Side of the square detector's sensitive area, in pixels.

    Raises
    ------
    InputError
        If a number can't be, or optics and detector alone already blur more than ``mtf_at_nyquist``.
    """

    mtf_at_nyquist: float = 0.2
    optics_cutoff: float = 1.5
    smear_px: float = 1.0
    detector_px: float = 1.0

    def __post_init__(self) -> None:
        if not 0.01 <= self.mtf_at_nyquist <= 1:
            raise InputError(f"sensor: MTF at Nyquist {self.mtf_at_nyquist:g}; expected 0.01 to 1")
        if not (self.optics_cutoff > 0 and self.smear_px >= 0 and 0 < self.detector_px <= 2):
            raise InputError(
                f"sensor: optics cut off at {self.optics_cutoff:g} cycles/pixel, smear {self.smear_px:g} pixels, "
                f"detector {self.detector_px:g} pixels; expected cutoff > 0, smear ≥ 0, detector in (0, 2]"
            )
        best = _folded_mtf(self, 0.0)
        if best < self.mtf_at_nyquist:
            raise InputError(
                f"sensor: optics and detector leave an MTF of {best:.3f} at Nyquist; expected at least "
                f"{self.mtf_at_nyquist:g}: raise optics_cutoff or lower mtf_at_nyquist"
            )

    @property
    def jitter_px(self) -> float:
        """Standard deviation of the Gaussian that brings the contrast down to ``mtf_at_nyquist``."""
        return _jitter(self)

    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the kernel: float32, (Y, X), odd, sum 1."""
        fy, fx = frequencies()
        return kernel_from_otf(_otf(self, fy, fx, self.jitter_px, self.smear_px))


def _otf(sensor: SensorBlur, fy: np.ndarray, fx: np.ndarray, jitter_px: float, smear_px: float) -> np.ndarray:
    frequency = np.hypot(fy, fx)
    footprint = np.sinc(fy * sensor.detector_px) * np.sinc(fx * sensor.detector_px)
    jitter = np.exp(-2 * (np.pi * jitter_px * frequency) ** 2)
    return diffraction_otf(frequency, sensor.optics_cutoff) * footprint * np.sinc(fy * smear_px) * jitter


def _folded_mtf(sensor: SensorBlur, jitter_px: float) -> float:
    """Return the kernel's contrast at Nyquist along X: sampling adds the frequencies that are whole cycles apart."""
    whole = np.arange(-(FINE // 2), FINE // 2 + 1)
    half = np.arange(-(FINE // 2), FINE // 2 + 1) - 0.5
    at_nyquist = _otf(sensor, whole[:, None], half[None], jitter_px, 0.0).sum()
    return float(at_nyquist / _otf(sensor, whole[:, None], whole[None], jitter_px, 0.0).sum())


@lru_cache(maxsize=1024)
def _jitter(sensor: SensorBlur) -> float:
    return float(brentq(lambda sigma: _folded_mtf(sensor, sigma) - sensor.mtf_at_nyquist, 0.0, 3.0))
