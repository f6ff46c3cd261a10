import numpy as np
import pytest
from scipy import stats

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.training.finetuning.thinning import counts, deviance, thin, units

CAMERA = PoissonGaussian(electrons_per_unit=0.5, offset=100, read_noise=2)


def test_thinned_photons_are_independent_and_keep_their_means():
    clean = np.full((400, 400), 140.0)  # 20 electrons
    shot = PoissonGaussian(electrons_per_unit=0.5, offset=100)
    seen, held = thin(shot.apply(clean, np.random.default_rng(0)), shot, 0.2, np.random.default_rng(1))
    assert held.mean() == pytest.approx(4, rel=0.01)
    assert held.var() == pytest.approx(4, rel=0.02)  # Poisson again
    assert seen.mean() == pytest.approx(140, rel=0.001)
    assert abs(stats.pearsonr(seen.ravel(), held.ravel()).statistic) < 4 / 400


def test_a_wrong_gain_leaves_a_correlation_which_is_what_independence_hangs_on():
    shot = PoissonGaussian(electrons_per_unit=0.5, offset=100)
    raw = shot.apply(np.full((400, 400), 140.0), np.random.default_rng(0))
    wrong = PoissonGaussian(electrons_per_unit=0.25, offset=100)
    seen, held = thin(raw, wrong, 0.2, np.random.default_rng(1))
    assert abs(stats.pearsonr(seen.ravel(), held.ravel()).statistic) > 0.1


def test_units_undo_counts():
    image = np.array([90.0, 100.0, 333.0])
    assert np.allclose(units(counts(image, CAMERA), CAMERA), image)


def test_the_deviance_of_poisson_counts_under_their_mean_is_that_of_statsmodels_formula():
    found = np.random.default_rng(0).poisson(20.0, 10_000).astype(float)
    expected = np.full(found.shape, 20.0)
    by_hand = 2 * np.mean(stats.poisson.logpmf(found, np.maximum(found, 1e-9)) - stats.poisson.logpmf(found, expected))
    assert deviance(expected, found) == pytest.approx(by_hand, rel=1e-9)
    assert deviance(expected, found) < deviance(1.05 * expected, found)
