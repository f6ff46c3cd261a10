"""SQUIRREL's measure against its formulas, with scipy's convolution and numpy's correlation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gan_lessons.errors import InputError
from gan_lessons.metrics.trust import reblur_consistency


def test_equals_its_formula(view):
    found = reblur_consistency(view.truth, view.raw, view.psf)
    inner = np.isfinite(found.map)
    blurred = ndimage.convolve(view.truth, view.psf.astype(float), mode="reflect")[inner]
    raw = view.raw[inner].astype(float)
    gain, offset = np.polyfit(blurred, raw, 1)
    error = gain * blurred + offset - raw
    assert found.rsp == pytest.approx(np.corrcoef(blurred, raw)[0, 1], abs=1e-6)
    assert found.rse == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-5)
    np.testing.assert_allclose(found.map[inner], np.abs(error), atol=1e-3)
    assert inner[4:-4, 4:-4].all()


@settings(max_examples=15)
@given(gain=st.floats(0.1, 100), offset=st.floats(-3e4, 3e4))
def test_gain_and_offset_of_the_restored_image_dont_count(view, gain, offset):
    plain = reblur_consistency(view.truth, view.raw, view.psf)
    moved = reblur_consistency(gain * view.truth + offset, view.raw, view.psf)
    assert moved.rsp == pytest.approx(plain.rsp, abs=1e-5)
    assert moved.rse == pytest.approx(plain.rse, rel=1e-4)


def test_a_spot_that_isnt_there_shows(view):
    worse = view.truth.copy()
    worse[60, 70] += 3000
    before, after = (reblur_consistency(image, view.raw, view.psf) for image in (view.truth, worse))
    assert after.rsp < before.rsp
    assert after.rse > before.rse
    assert np.unravel_index(np.nanargmax(after.map), after.map.shape) == (60, 70)


def test_without_a_psf_the_width_is_found(view):
    sharp = view.truth
    blurred = ndimage.gaussian_filter(sharp, 2)
    assert reblur_consistency(sharp, blurred).rsp == pytest.approx(1, abs=1e-4)


def test_a_stack_is_its_planes_together(view):
    stack = reblur_consistency(np.stack([view.truth] * 2), np.stack([view.raw] * 2), view.psf)
    plane = reblur_consistency(view.truth, view.raw, view.psf)
    assert stack.rse == pytest.approx(plane.rse, rel=1e-5)
    np.testing.assert_allclose(stack.map[1], plane.map, atol=1e-3)


def test_a_psf_of_three_axes_blurs_in_depth():
    rng = np.random.default_rng(0)
    sharp, psf = rng.random((12, 20, 20)), rng.random((3, 5, 5))
    raw = ndimage.convolve(sharp, psf / psf.sum())
    found = reblur_consistency(sharp, raw, psf)
    assert found.rsp == pytest.approx(1, abs=1e-6)
    assert np.isnan(found.map[0]).all()
    assert np.isfinite(found.map[5, 10, 10])


def test_gaps_are_left_out(view):
    raw = view.raw.copy()
    raw[50, 50] = np.inf
    found = reblur_consistency(view.truth, raw, view.psf)
    assert np.isfinite([found.rsp, found.rse]).all()
    assert np.isnan(found.map[50, 50])
    assert np.isfinite(found.map[50, 60])


@pytest.mark.parametrize(
    ("restored", "raw", "psf", "message"),
    [
        (np.ones((9, 9)), np.ones((9, 8)), np.ones((1, 1)), "same shape"),
        (np.ones(9), np.ones(9), np.ones((1, 1)), "expected planes"),
        (np.ones((9, 9)), np.ones((9, 9), complex), np.ones((1, 1)), "complex128"),
        (np.full((9, 9), np.nan), np.ones((9, 9)), np.ones((1, 1)), "no pixel is finite"),
        (np.ones((9, 9)), np.ones((9, 9)), np.ones((2, 3)), "odd"),
        (np.ones((9, 9)), np.ones((9, 9)), np.zeros((3, 3)), "no light"),
        (np.ones((9, 9)), np.ones((9, 9)), np.ones((1, 1, 1)), "expected \\(Y, X\\)"),
        (np.ones((9, 9)), np.ones((9, 9)), np.ones((19, 19)), "no pixel whose light is known"),
    ],
)
def test_what_cant_be_compared(restored, raw, psf, message):
    with pytest.raises(InputError, match=message):
        reblur_consistency(restored, raw, psf)


def test_constant_images_have_no_correlation():
    found = reblur_consistency(np.ones((9, 9)), np.full((9, 9), 3.0), np.ones((1, 1)))
    assert np.isnan(found.rsp)
    assert found.rse == 0
