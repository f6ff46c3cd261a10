import numpy as np
import pytest

from gan_lessons.data.scenes import make_scene
from gan_lessons.data.specimens import STRUCTURES, make_specimen


@pytest.mark.parametrize("shape", [(64, 80), (12, 40, 48)])
def test_specimens_are_seeded_dark_with_bright_structures(shape):
    one, two, other = (make_specimen(shape, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one.shape == shape
    assert one.dtype == np.float32
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()
    assert one.min() >= 0
    assert np.percentile(one, 99.9) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda f: f.__name__)
def test_every_structure_draws_something_finite(structure):
    for shape in [(90, 100), (16, 60, 70)]:
        drawn = structure(shape, np.array([2.0, 1, 1][-len(shape) :]), np.random.default_rng(1))
        assert drawn.shape == shape
        assert np.isfinite(drawn).all()
        assert drawn.max() > 0


def test_scenes_are_seeded_and_stay_in_range():
    one, two = (make_scene((50, 60), 3, np.random.default_rng(2)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.shape == (3, 50, 60)
    assert one.min() >= 0
    assert one.max() <= 1
