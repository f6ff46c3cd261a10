import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan_lessons.degradations import Microscope, prepare_psf
from gan_lessons.errors import InputError, InputWarning


def spot(shape, at, sigma=1.0):
    squares = [((np.arange(size) - c) / sigma) ** 2 for size, c in zip(shape, at, strict=True)]
    psf = np.exp(-0.5 * sum(np.ix_(*squares)))
    return psf / psf.sum()


def test_a_good_psf_passes_unchanged():
    for psf in (
        Microscope(0.5, 520, 0.3).psf_2d(),
        Microscope(1.4, 520, 0.1, 0.3, immersion_index=1.515, depth_um=5).psf_3d(7),
    ):
        np.testing.assert_allclose(prepare_psf(psf, psf.ndim), psf, rtol=1e-6)


@pytest.mark.parametrize(("shape", "at"), [((12, 15), (6, 7)), ((8, 8), (4, 4)), ((4, 9, 10), (2, 4, 5))])
def test_an_even_size_becomes_odd_about_its_fft_center(shape, at):
    prepared = prepare_psf(spot(shape, at, 0.7), len(shape))
    assert all(size % 2 for size in prepared.shape)
    assert np.unravel_index(prepared.argmax(), prepared.shape) == tuple(size // 2 for size in prepared.shape)


def test_an_off_center_psf_is_moved_and_said():
    with pytest.warns(InputWarning, match=r"\(-3, 4\) pixels off the middle"):
        prepared = prepare_psf(spot((21, 21), (7, 14), 0.8), 2)
    assert np.unravel_index(prepared.argmax(), prepared.shape) == tuple(size // 2 for size in prepared.shape)
    assert prepared.sum() == pytest.approx(1)


def test_a_tail_beside_a_central_peak_stays():
    comet = spot((1, 41), (0, 20), 1.0) + 0.3 * spot((1, 41), (0, 30), 4.0)
    comet /= comet.sum()
    np.testing.assert_allclose(prepare_psf(comet, 2), comet, rtol=1e-6)


def test_a_sum_other_than_one_is_divided_and_said():
    counts = np.round(spot((9, 9), (4, 4)) * 60000).astype(np.uint16)
    with pytest.warns(InputWarning, match="not 1"):
        prepared = prepare_psf(counts, 2)
    np.testing.assert_allclose(prepared, spot((9, 9), (4, 4)), atol=1e-4)


def test_small_negatives_are_cut_and_said():
    psf = spot((9, 9), (4, 4), 0.8)
    psf[0, 0] = -1e-4
    with pytest.warns(InputWarning, match="negative values"):
        assert prepare_psf(psf, 2).min() == 0


def test_larger_than_the_image_is_cropped_or_refused():
    psf = spot((33, 33), (16, 16), 2.0)
    with pytest.warns(InputWarning, match="cropped"):
        assert prepare_psf(psf, 2, (20, 64)).shape == (19, 33)
    with pytest.raises(InputError, match=r"\(33, 33\) is larger than the image \(1, 1\)"):
        prepare_psf(psf, 2, (1, 1))


@pytest.mark.parametrize(
    ("psf", "message"),
    [
        (np.zeros((5, 5)), "all values are zero"),
        (np.ones((3, 3, 3)) / 27, r"expected a 2D array \(Y, X\)"),
        (np.ones((0, 3)), "expected a 2D array"),
        (np.full((3, 3), np.nan), "9 of 9 values aren't finite"),
        (np.ones((3, 3), complex), "expected real numbers"),
        (np.ones((3, 3), bool), "expected real numbers"),
        (-np.ones((3, 3)), "subtract less background"),
    ],
)
def test_what_is_no_psf_is_refused(psf, message):
    with pytest.raises(InputError, match=message) as raised:
        prepare_psf(psf, 2, name="beads.tif")
    assert str(raised.value).startswith("beads.tif: ")
    assert "\n" not in str(raised.value)


@pytest.mark.filterwarnings("ignore::gan_lessons.errors.InputWarning")
@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=3, max_side=8), elements=st.floats(0, 1000)).filter(
        lambda psf: psf.sum() > 1e-3
    )
)
def test_whatever_passes_is_a_psf(psf):
    prepared = prepare_psf(psf, psf.ndim)
    assert all(size % 2 for size in prepared.shape)
    assert prepared.min() >= 0
    assert prepared.sum(dtype=np.float64) == pytest.approx(1, abs=1e-5)
    again = prepare_psf(prepared, psf.ndim)
    assert again.shape == prepared.shape
