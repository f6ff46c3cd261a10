"""Sections of a recipe that degrades sharp images on the fly: truths, blur, noise, and what is told of the PSF."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gan_lessons.training.sections import Part


class Truths(Part):
    """Sharp images: drawn, and read from the files of `images.csv` of one kind."""

    kind: Literal["fluorescence", "photo", "map"]
    drawn: int = 0  # synthetic scenes
    drawn_shape: tuple[int, ...] = (320, 320)
    files_share: float = Field(0.5, ge=0, le=1)  # of the samples; the rest are drawn
    thin: float = Field(0.0, ge=0, le=1)  # of drawn stacks: specimens of a few planes, as most cells in a dish are
    blank: float = Field(0.0, ge=0, le=1)  # of the samples: noise alone, so that it isn't taken for spots


class Blur(Part):
    """A bank of PSFs, drawn once; of stacks, one for each specimen."""

    kind: Literal["microscope", "camera", "satellite"]
    count: int = 256
    moving: float = Field(0.0, ge=0, le=1)  # share of the samples parts of which move in another way (planes only)


class Noise(Part):
    """Poisson–Gaussian; ranges are drawn from log-uniformly."""

    photons: tuple[float, float]  # expected at the truth's 99.9th percentile
    background: tuple[float, float] = (0.001, 0.2)  # share of that, under the specimen
    read_noise: tuple[float, float] = (0.1, 3.0)  # electrons


class Guidance(Part):
    """How the network is told the PSF."""

    dropped: float = Field(0.35, ge=0, le=1)  # share of the samples that it is told nothing of
    estimated: float = Field(0.0, ge=0, le=1)  # share of those that it is told an estimated width of
    estimate_error: float = 0.2  # standard deviation of the logarithm of that width
    width_error: float = 0.15  # the PSF it is told is up to this much wider or narrower than the true one


class Gauge(Part):
    """How the gauge that estimates an unknown PSF's width is trained, before all else."""

    images: int = 6000
    steps: int = 1600
    batch: int = 16
    side: int = 192
    rate: float = 1e-3
