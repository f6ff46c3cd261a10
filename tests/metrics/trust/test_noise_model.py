"""The estimated noise against the noise that was put in."""

import numpy as np
import pytest
from scipy import ndimage

from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, PoissonGaussian, convolve
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust import estimate_noise


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("photons", [20, 200])
def test_the_variance_of_a_camera_is_found(seed, photons):
    rng = np.random.default_rng(seed)
    blurred = convolve(photons * (make_specimen((256, 256), rng) + 0.05), GaussianBlur((1.5, 1.5)).kernel()) + 100
    camera = PoissonGaussian(electrons_per_unit=0.5, offset=100, read_noise=1.5)
    levels = np.quantile(blurred, [0.1, 0.5, 0.9])
    found = estimate_noise(camera.apply(blurred, rng)).variance(levels)
    np.testing.assert_allclose(found, camera.variance(levels), rtol=0.2)


def test_noise_that_light_doesnt_change(view):
    raw = ndimage.gaussian_filter(view.truth, 2) + np.random.default_rng(0).normal(0, 3, view.truth.shape)
    found = estimate_noise(raw).variance(np.quantile(raw, [0.1, 0.9]))
    np.testing.assert_allclose(found, 9, rtol=0.2)


def test_gaps_and_offsets_change_nothing(view):
    levels = np.quantile(view.raw, [0.2, 0.8])
    plain = estimate_noise(view.raw).variance(levels)
    np.testing.assert_allclose(estimate_noise(view.raw + 3e4).variance(levels + 3e4), plain, rtol=1e-3)
    gaps = view.raw.copy()
    gaps[20:30, 20:90] = np.nan
    np.testing.assert_allclose(estimate_noise(gaps).variance(levels), plain, rtol=0.15)


@pytest.mark.parametrize(
    ("raw", "message"),
    [(np.ones((2, 50)), "3×3"), (np.ones((20, 20)), "no noise"), (np.full((20, 20), np.nan), "0 finite pixels")],
)
def test_what_tells_nothing(raw, message):
    with pytest.raises(InputError, match=message):
        estimate_noise(raw)


def test_a_camera_that_clips_the_dark():
    """Most pixels are 0 without any noise; the others still tell how it grows with the light."""
    rng = np.random.default_rng(0)
    light = np.where(np.indices((200, 200))[1] < 140, 0.0, 50.0)
    raw = np.maximum(rng.poisson(light) + rng.normal(-20, 1, light.shape), 0)
    found = estimate_noise(raw)
    assert found.variance(np.array([30.0]))[0] == pytest.approx(51, rel=0.3)
