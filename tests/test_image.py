import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons import Image
from gan_lessons.errors import InputError
from gan_lessons.image import measure_normalization


@pytest.mark.parametrize(
    ("axes", "shape", "message"),
    [
        ("QYX", (3, 4, 4), "unknown letter 'Q'"),
        ("YX", (3, 4, 4), "name 2 dimensions, but the array has 3"),
        ("ZY", (3, 4), "must hold Y and X"),
        ("YYX", (3, 4, 4), "no letter twice"),
        ("SYX", (3, 4, 4), "come last"),
        ("YX", (0, 4), "empty"),
    ],
)
def test_wrong_axes_are_said(axes, shape, message):
    with pytest.raises(InputError, match=message):
        Image(np.zeros(shape), axes, name="cells.tif")


@pytest.mark.parametrize("dtype", [bool, complex])
def test_what_has_no_intensity_is_refused(dtype):
    with pytest.raises(InputError, match=r"cells\.tif: pixels are"):
        Image(np.zeros((2, 2), dtype), "YX", name="cells.tif")


@pytest.mark.parametrize("size", [-1.0, 0.0, float("nan"), float("inf")])
def test_a_pixel_size_is_positive(size):
    with pytest.raises(InputError, match="pixel size of axis X"):
        Image(np.zeros((2, 2)), "YX", {"X": size})


@given(st.integers(0, 99), st.floats(0.01, 1e4), st.floats(-100, 100))
def test_normalization_moves_along_with_gain_and_offset(seed, gain, offsets):
    x = np.random.default_rng(seed).gamma(2.0, size=500)
    offset = offsets * gain
    one, moved = measure_normalization(x), measure_normalization(gain * x + offset)
    assert moved.scale == pytest.approx(gain * one.scale, rel=1e-6)
    np.testing.assert_allclose(moved.apply(gain * x + offset), one.apply(x), atol=1e-5)
    np.testing.assert_allclose(one.undo(one.apply(x)), x, atol=1e-5)


def test_what_is_not_finite_is_ignored():
    x = np.arange(1000.0)
    hurt = np.concatenate([x, [np.nan, np.inf, -np.inf]])
    assert measure_normalization(hurt) == measure_normalization(x)
    assert measure_normalization(np.full(4, np.nan)).scale == 1


def test_one_channel_by_index_or_name():
    data = np.arange(24).reshape(2, 3, 4)
    image = Image(data, "CYX", {"Y": 0.1}, {"Y": "µm"}, ("DAPI", "GFP"), name="cells")
    one = image.channel("GFP")
    assert (one.axes, one.name, one.channel_names, one.pixel_size) == ("YX", "cells GFP", (), {"Y": 0.1})
    np.testing.assert_array_equal(one.data, data[1])
    np.testing.assert_array_equal(Image(data, "YCX").channel(2).data, data[:, 2])
    for wrong in (2, -1, "RFP"):
        with pytest.raises(InputError, match="expected 0 to 1 or 'DAPI', 'GFP'"):
            image.channel(wrong)
    with pytest.raises(InputError, match="it has no axis C"):
        one.channel(0)
