"""Degradations by name, whose parameters are drawn anew for every image: what a sharp set is made a paired one with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from gan_lessons.degradations import (
    Blur,
    CameraShake,
    DefocusBlur,
    GaussianBlur,
    LinearMotion,
    Microscope,
    PoissonGaussian,
    PSFBlur,
    SensorBlur,
    TurbulenceBlur,
    TurbulenceWarp,
    convolve,
)
from gan_lessons.degradations.motion import GAMMA
from gan_lessons.errors import InputError, suggest
from gan_lessons.registry import look_up

Range: TypeAlias = tuple[float, float]  # from, to; equal for a fixed value
Parameters: TypeAlias = dict[str, float]

LOGARITHMIC = ("photons", "anxiety", "fried_cm")  # drawn evenly in their logarithm: they span orders of magnitude
NO_NOISE = {"photons": (0.0, 0.0), "read_noise": (0.0, 0.0)}


@dataclass(frozen=True)
class Kind:
    """A degradation's parameters and their usual ranges, and how they make a blur.

    Parameters
    ----------
    blur : function of (parameters, planes) → Blur
    ranges : mapping
        ``photons`` is the expected count where the scaled image is 1; 0 leaves the noise out.
    gamma : float
        Stored value = light ** (1 / gamma): photographs are blurred in light.
    """

    blur: Callable[[Parameters, int], Blur]
    ranges: Mapping[str, Range]
    gamma: float = 1.0


def _microscope(p: Parameters, planes: int) -> Blur:
    scope = Microscope(
        na=p["na"],
        wavelength_nm=p["wavelength_nm"],
        pixel_size_um=p["pixel_size_um"],
        z_step_um=p["z_step_um"],
        immersion_index=p["immersion_index"],
    )
    return PSFBlur(scope.psf_3d() if planes > 1 else scope.psf_2d(p["defocus_um"]))


KINDS: Mapping[str, Kind] = {
    "camera-shake": Kind(  # the ranges of DeblurGAN's generator, in its units of pixels
        lambda p, _: CameraShake(p["length_px"], p["exposure"], p["anxiety"]),
        {"length_px": (5, 40), "exposure": (0.5, 1), "anxiety": (0.003, 0.01), **NO_NOISE},
        GAMMA,
    ),
    "motion": Kind(
        lambda p, _: LinearMotion(p["length_px"], p["angle_deg"]),
        {"length_px": (3, 25), "angle_deg": (0, 180), **NO_NOISE},
        GAMMA,
    ),
    "defocus": Kind(lambda p, _: DefocusBlur(p["radius_px"]), {"radius_px": (1, 6), **NO_NOISE}, GAMMA),
    "gaussian": Kind(lambda p, _: GaussianBlur((p["sigma_px"],) * 2), {"sigma_px": (0.5, 4), **NO_NOISE}),
    "microscope": Kind(
        _microscope,
        {
            "na": (0.75, 0.75),
            "wavelength_nm": (520, 520),
            "pixel_size_um": (0.16, 0.16),
            "z_step_um": (0.5, 0.5),
            "immersion_index": (1.0, 1.0),
            "defocus_um": (0, 1.5),
            "photons": (30, 3000),
            "read_noise": (1.6, 1.6),
        },
    ),
    "satellite": Kind(
        lambda p, _: SensorBlur(p["mtf_at_nyquist"], smear_px=p["smear_px"]),
        {"mtf_at_nyquist": (0.05, 0.2), "smear_px": (0, 1.2), "photons": (500, 10000), "read_noise": (5, 5)},
    ),
    "turbulence": Kind(
        lambda p, _: TurbulenceBlur(p["fried_cm"], p["pixel_urad"]),
        {"fried_cm": (2, 10), "pixel_urad": (5, 5), "warp_px": (0, 2), **NO_NOISE},
        GAMMA,
    ),
}


@dataclass(frozen=True, eq=False)
class Degradation:
    """One drawn degradation: warp, blur, noise, in this order, in light."""

    parameters: Parameters
    kernel: np.ndarray = field(repr=False)
    gamma: float = 1.0

    @property
    def reach(self) -> tuple[int, int, int]:
        """How many pixels around a window take part in it, along (P, Y, X)."""
        sides = (1,) * (3 - self.kernel.ndim) + self.kernel.shape
        around = int(np.ceil(4 * self.parameters.get("warp_px", 0.0)))
        return sides[0] // 2, sides[1] // 2 + around, sides[2] // 2 + around

    def apply(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Degrade (C, P, Y, X), float32, 0 dark and 1 bright; the result has no pixel below 0 but by read noise."""
        light = np.sign(image) * np.abs(image) ** self.gamma if self.gamma != 1 else image
        if self.parameters.get("warp_px"):
            light = TurbulenceWarp(self.parameters["warp_px"]).apply(light, rng)
        light = np.maximum(convolve(light, self.kernel), 0)
        if self.parameters["photons"]:
            noise = PoissonGaussian(
                electrons_per_unit=self.parameters["photons"], read_noise=self.parameters["read_noise"]
            )
            light = noise.apply(light, rng)
        degraded = np.sign(light) * np.abs(light) ** (1 / self.gamma) if self.gamma != 1 else light
        return degraded.astype(np.float32)


@dataclass(frozen=True)
class RandomDegradation:
    """A degradation whose parameters are drawn from ranges, evenly or evenly in their logarithm.

    Parameters
    ----------
    name : str
        One of `KINDS`.
    ranges : mapping of parameter to number or (from, to)
        In place of the usual ranges, which `KINDS` lists; names carry their units.

    Raises
    ------
    InputError
        If there is no such degradation or parameter, or a range is none.

    >>> RandomDegradation("defocus", {"radius_px": 2}).draw(np.random.default_rng(0)).parameters
    {'radius_px': 2.0, 'photons': 0.0, 'read_noise': 0.0}
    """

    name: str
    ranges: Mapping[str, float | Range] = field(default_factory=dict)

    def __post_init__(self) -> None:
        usual = look_up("degradation", KINDS, self.name).ranges
        for parameter, given in self.ranges.items():
            if parameter not in usual:
                raise InputError(f"{self.name} has no parameter {parameter!r}; {suggest(parameter, usual)}")
            low, high = _limits(given)
            if not (np.isfinite([low, high]).all() and low <= high):
                raise InputError(f"{self.name}: {parameter} from {low:g} to {high:g}; expected the smaller first")

    def draw(self, rng: np.random.Generator, planes: int = 1) -> Degradation:
        """Draw parameters and, of them, the kernel: (Y, X), or (Z, Y, X) of a microscope that sees several planes."""
        kind = KINDS[self.name]
        chosen = {**kind.ranges, **self.ranges}
        parameters = {name: _draw(name, _limits(given), rng) for name, given in chosen.items()}
        return Degradation(parameters, kind.blur(parameters, planes).kernel(rng), kind.gamma)


def _limits(given: float | Range) -> Range:
    low, high = given if isinstance(given, tuple | list) else (given, given)
    return float(low), float(high)


def _draw(name: str, limits: Range, rng: np.random.Generator) -> float:
    low, high = limits
    if name in LOGARITHMIC and low > 0:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return float(rng.uniform(low, high))
