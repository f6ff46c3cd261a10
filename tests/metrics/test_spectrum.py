"""Radial power: Parseval's sum, a wave's place, white noise."""

import numpy as np
import pytest

from gan_lessons.errors import InputError
from gan_lessons.metrics.spectrum import radial_power


def test_a_wave_stands_where_its_period_says():
    wave = np.sin(2 * np.pi * np.indices((128, 96))[1] / 8)
    frequency, power = radial_power(wave)
    assert frequency[power.argmax()] == pytest.approx(1 / 8, abs=1 / 96)


def test_white_noise_is_even_and_its_height_is_its_variance():
    frequency, power = radial_power(np.random.default_rng(0).normal(7, 3, (256, 256)))
    assert len(frequency) == 128
    assert power[8:].mean() == pytest.approx(9, rel=0.02)
    assert power[64:].mean() == pytest.approx(power[8:64].mean(), rel=0.05)


def test_offset_and_gaps():
    noise = np.random.default_rng(0).normal(0, 1, (64, 64))
    np.testing.assert_allclose(radial_power(noise + 30_000)[1], radial_power(noise)[1], rtol=1e-6)
    noise[3, 4] = np.nan
    assert np.isfinite(radial_power(noise)[1]).all()


@pytest.mark.parametrize("plane", [np.ones((8, 64)), np.ones((3, 64, 64)), np.full((32, 32), np.nan)])
def test_bad_input(plane):
    with pytest.raises(InputError, match="spectrum"):
        radial_power(plane)
