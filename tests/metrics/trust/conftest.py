"""A specimen seen through a microscope: truth, input, optics and camera."""

from typing import NamedTuple

import numpy as np
import pytest

from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, PoissonGaussian, convolve


class View(NamedTuple):
    truth: np.ndarray
    raw: np.ndarray
    psf: np.ndarray
    noise: PoissonGaussian


def look(seed: int, side: int = 128, photons: float = 100.0, blank: bool = False) -> View:
    """Draw a specimen larger than the view, so that light comes in from beyond the border as in a microscope."""
    rng = np.random.default_rng(seed)
    psf = GaussianBlur((1.5, 1.5)).kernel()
    whole = np.full((side + 20,) * 2, 0.5) if blank else make_specimen((side + 20,) * 2, rng) + 0.05
    truth = photons * whole
    noise = PoissonGaussian(electrons_per_unit=1.0, offset=0.0, read_noise=1.5)
    raw = noise.apply(convolve(truth, psf), rng)
    view = (slice(10, -10),) * 2
    return View(truth[view].astype(np.float64), raw[view], psf, noise)


@pytest.fixture(scope="session")
def view() -> View:
    return look(0)
