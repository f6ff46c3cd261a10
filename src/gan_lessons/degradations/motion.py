"""Motion blur: a shaken camera, a straight motion, and frames of a video taken together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_lessons.degradations.blur import Blur
from gan_lessons.degradations.kernels import rasterize
from gan_lessons.errors import InputError

STEPS = 2000  # of a trajectory, as in the paper
GAMMA = 2.2  # of photographs: their values are light to the power 1/2.2


@dataclass(frozen=True)
class CameraShake(Blur):
    """Blur along a random trajectory of the camera (Boracchi & Foi 2012, doi:10.1109/TIP.2012.2192126).

    The camera coasts, is pushed at random, is pulled back, and now and then is jerked. DeblurGAN trains on these.

    Parameters
    ----------
    length_px : float
        Of the whole trajectory, in pixels.
    exposure : float
        Share of the trajectory that is recorded, in (0, 1].
    anxiety : float
        Of the hand: scales pushes, pull and the chance of a jerk. 0 is a straight line, DeblurGAN's are 0.003 to 0.01.
    """

    length_px: float = 40.0
    exposure: float = 1.0
    anxiety: float = 0.005

    def __post_init__(self) -> None:
        if not 0 <= self.length_px < np.inf or not 0 < self.exposure <= 1 or not self.anxiety >= 0:
            raise InputError(
                f"camera shake: length {self.length_px:g} px, exposure {self.exposure:g}, anxiety {self.anxiety:g}; "
                "expected length ≥ 0, 0 < exposure ≤ 1, anxiety ≥ 0"
            )

    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Draw a kernel: float32, (Y, X), odd, its centroid in the middle, sum 1."""
        if rng is None:
            raise InputError("camera shake: its kernel is random; expected a numpy Generator as rng")
        path = self.trajectory(rng)
        return rasterize(path[: max(2, round(self.exposure * len(path)))])

    def trajectory(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a path: float64, (STEPS, 2), (y, x) in pixels."""
        speed = self.length_px / (STEPS - 1)
        pull, push, jerk_chance = np.array([0.7, 10, 0.2]) * rng.random(3) * self.anxiety  # the ranges of their code
        pushes = push * (rng.normal(size=(STEPS, 2)) @ [1, 1j])
        jerks = np.where(rng.random(STEPS) < jerk_chance, 2 * np.exp(1j * (np.pi + rng.random(STEPS) - 0.5)), 0)
        direction, position, path = np.exp(2j * np.pi * rng.random()), 0j, np.zeros(STEPS, complex)
        for t in range(1, STEPS):
            direction += jerks[t] * direction + pushes[t] - pull * position
            direction /= abs(direction)
            position += speed * direction
            path[t] = position
        return np.stack([path.imag, path.real], axis=1)


@dataclass(frozen=True)
class LinearMotion(Blur):
    """Blur along a straight line, at constant speed.

    Parameters
    ----------
    length_px : float
        ≥ 0.
    angle_deg : float
        From the X axis towards the Y axis (clockwise on a screen).
    """

    length_px: float
    angle_deg: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.length_px < np.inf or not np.isfinite(self.angle_deg):
            raise InputError(
                f"linear motion: length {self.length_px:g} pixels, angle {self.angle_deg:g}°; expected length ≥ 0"
            )

    def kernel(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return the line: float32, (Y, X), odd, sum 1."""
        angle = np.deg2rad(self.angle_deg)
        along = np.linspace(-0.5, 0.5, 2 + int(20 * self.length_px)) * self.length_px
        return rasterize(np.stack([along * np.sin(angle), along * np.cos(angle)], axis=1))


def average_frames(frames: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    """Return what one long exposure over all frames would have recorded (Nah et al. 2017, arXiv:1612.02177: GoPro).

    Parameters
    ----------
    frames : (T, …)
        Consecutive, in [0, 1], encoded with ``gamma``: the light itself is averaged, so that highlights leave streaks.
    gamma : float
        1 for linear data.

    Returns
    -------
    float32, (…), in [0, 1]

    >>> average_frames(np.array([[0.0], [1.0]]))
    array([0.72974], dtype=float32)
    """
    if frames.dtype.kind != "f" or frames.min() < 0 or frames.max() > 1:
        raise InputError(
            f"average of frames: values are {frames.dtype} from {frames.min():g} to {frames.max():g}; "
            "expected floats in [0, 1]: divide by the largest value of the file's type"
        )
    light = np.mean(frames.astype(np.float64) ** gamma, axis=0)
    return np.asarray(light ** (1 / gamma), dtype=np.float32)
