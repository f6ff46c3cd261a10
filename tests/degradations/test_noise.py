import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import InputError


@pytest.mark.parametrize(("photons", "read_noise"), [(5, 0), (30, 2), (1000, 10)])
def test_mean_and_variance_follow_theory(photons, read_noise):
    levels = np.array([0.0, 0.1, 0.5, 1.0]) * 400 + 100
    image = np.broadcast_to(levels[:, None], (4, 100_000))
    noise = PoissonGaussian(photons=photons, offset=100, read_noise=read_noise)
    gain = photons / 400
    assert noise.electrons(image) == pytest.approx(gain)
    noisy = noise.apply(image, np.random.default_rng(0)).astype(np.float64)
    variance = (levels - 100) / gain + (read_noise / gain) ** 2
    np.testing.assert_allclose(noisy.mean(axis=1), levels, atol=5 * np.sqrt(variance.max() / 100_000))
    np.testing.assert_allclose(noisy.var(axis=1), variance, rtol=0.04)


def test_a_calibrated_camera_gives_whole_electrons():
    noisy = PoissonGaussian(electrons_per_unit=2.0, offset=10).apply(np.full(1000, 15.0), np.random.default_rng(0))
    counts = (noisy - 10) * 2
    np.testing.assert_array_equal(counts, np.round(counts))
    assert counts.mean() == pytest.approx(10, abs=0.5)


@given(scale=st.floats(0.01, 1000), offset=st.floats(-100, 100), seed=st.integers(0, 99))
def test_noise_follows_gain_and_offset_of_the_image(scale, offset, seed):
    image = np.linspace(1, 2, 300)
    plain = PoissonGaussian(photons=50, offset=0.5).apply(image, np.random.default_rng(seed))
    moved = PoissonGaussian(photons=50, offset=0.5 * scale + offset)
    np.testing.assert_allclose(
        moved.apply(scale * image + offset, np.random.default_rng(seed)),
        scale * plain + offset,
        rtol=1e-5,
        atol=1e-5 * (abs(offset) + scale) + scale / 50,  # rounding of a rate may move a count by one
    )


def test_the_seed_is_the_only_randomness():
    image = np.random.default_rng(0).random((3, 8, 9)).astype(np.float32)
    noise = PoissonGaussian(photons=20, read_noise=1)
    first, again, other = (noise.apply(image, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert (first != other).any()
    assert first.shape == image.shape
    assert first.dtype == np.float32


def test_no_light_gives_read_noise_alone():
    noisy = PoissonGaussian(photons=100, read_noise=2).apply(np.zeros((200, 200)), np.random.default_rng(0))
    assert noisy.std() == pytest.approx(2 / 100, rel=0.05)


@pytest.mark.parametrize(
    "wrong",
    [{}, dict(photons=1, electrons_per_unit=1), dict(photons=0), dict(photons=-5), dict(photons=1, read_noise=-1)],
)
def test_wrong_parameters_are_told(wrong):
    with pytest.raises(InputError, match=r"^noise: .*expected"):
        PoissonGaussian(**wrong)
