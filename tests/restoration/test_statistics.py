"""The normalization of a channel."""

import numpy as np
import pytest

from gan_lessons.restoration.statistics import measure_channels


@pytest.mark.parametrize("darkest", [0.0, -1.0])
def test_the_percentiles_become_darkest_and_one(darkest):
    data = np.linspace(10, 30, 101).reshape(1, 1, 1, 1, 1, -1)
    (normalization,) = measure_channels(data, 0, 100, None, "ramp", darkest)
    np.testing.assert_allclose(normalization.apply(np.array([10.0, 30.0])), [darkest, 1])
    np.testing.assert_allclose(normalization.undo(normalization.apply(data)), data, rtol=1e-6)
