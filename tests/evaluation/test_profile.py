"""Intensities along a line: what bilinear interpolation gives exactly, and scikit-image's profile as the oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import profile_line

from gan_lessons.evaluation.profile import line_profile

ENDS = st.tuples(st.floats(0, 29), st.floats(0, 39))


@given(start=ENDS, stop=ENDS)
def test_a_ramp_is_a_ramp_along_every_line(start, stop):
    y, x = np.indices((30, 40))
    found = line_profile(7 + 2.0 * y - 3 * x, start, stop, count=9)
    ends = [7 + 2 * row - 3 * column for row, column in (start, stop)]
    np.testing.assert_allclose(found, np.linspace(*ends, 9), atol=1e-9)


@pytest.mark.parametrize("width", [1, 5])
def test_it_is_scikit_images(width):
    plane = np.random.default_rng(0).random((40, 50))
    start, stop = (10.0, 8.0), (22.0, 24.0)  # 20 pixels long
    expected = profile_line(plane, start, stop, linewidth=width, order=1)
    np.testing.assert_allclose(line_profile(plane, start, stop, count=21, width=width), expected, atol=1e-9)


def test_beyond_the_border_and_in_gaps_nothing_is_known():
    plane = np.ones((9, 20))
    plane[4, 8] = np.nan
    found = line_profile(plane, (4, -3), (4, 22), count=26)
    assert np.flatnonzero(np.isnan(found)).tolist() == [0, 1, 2, 10, 11, 23, 24, 25]  # its neighbor, too


def test_colors_are_averaged():
    assert line_profile(np.array([[[0, 3, 6], [3, 6, 9]]], np.uint8), (0, 0), (0, 1), count=3).tolist() == [3, 4.5, 6]
