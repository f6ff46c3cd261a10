"""Slope, offset and flux against sums that are done by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons.errors import InputError
from gan_lessons.metrics.trust import intensity_linearity

RNG = np.random.default_rng(0)
REFERENCE = RNG.random((40, 50)) + np.linspace(0, 3, 50)
LABELS = np.zeros((40, 50), int)
LABELS[5:15, 5:15], LABELS[20:30, 10:20], LABELS[5:35, 30:45] = 7, 2, 300


@settings(max_examples=20)
@given(slope=st.floats(0.1, 10), offset=st.floats(-100, 100))
@pytest.mark.parametrize("labels", [None, LABELS])
def test_a_line_is_found(labels, slope, offset):
    found = intensity_linearity(slope * REFERENCE + offset, REFERENCE, labels)
    assert found.slope == pytest.approx(slope, rel=1e-6)
    assert found.offset == pytest.approx(offset, abs=1e-5)
    assert found.r_squared == pytest.approx(1)


def test_each_object_has_its_flux_ratio():
    restored = REFERENCE + 5.0
    for label, factor in ((7, 2.0), (2, 0.5), (300, 1.0)):
        restored[label == LABELS] = factor * REFERENCE[label == LABELS] + 100
    found = intensity_linearity(restored, REFERENCE, LABELS, background=(100.0, 0.0))
    assert found.labels.tolist() == [2, 7, 300]
    np.testing.assert_allclose(found.flux_ratios, [0.5, 2.0, 1.0])
    assert np.isnan(found.map[0, 0])
    assert found.map[6, 6] == pytest.approx(2)
    expected = np.sum((restored - 100)[LABELS > 0]) / np.sum(REFERENCE[LABELS > 0])
    assert found.flux_ratio == pytest.approx(expected)


def test_sharpening_that_keeps_the_light_keeps_the_ratio():
    reference = np.zeros((64, 64))
    reference[24:40, 24:40] = 1.0
    restored = np.zeros((64, 64))
    restored[28:36, 28:36] = 4.0
    found = intensity_linearity(restored, reference, (reference > 0).astype(int))
    assert found.flux_ratio == pytest.approx(1)
    assert intensity_linearity(restored, reference).map[32, 32] == pytest.approx(1, abs=0.3)


def test_gaps_are_left_out():
    restored = 2 * REFERENCE
    restored[6, 6] = np.inf
    for labels in (None, LABELS):
        found = intensity_linearity(restored, REFERENCE, labels)
        assert found.slope == pytest.approx(2)
        assert found.flux_ratio == pytest.approx(2)
        assert np.isnan(found.map[6, 6])


@pytest.mark.parametrize(
    ("labels", "message"),
    [(LABELS * 1.0, "float64"), (LABELS[1:], "of the image's shape"), (LABELS * 0, "no object")],
)
def test_labels_that_arent(labels, message):
    with pytest.raises(InputError, match=message):
        intensity_linearity(REFERENCE, REFERENCE, labels)
