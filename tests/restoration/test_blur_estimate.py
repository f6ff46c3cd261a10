import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gan_lessons import load_model, restore
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import Microscope, PoissonGaussian, convolve
from gan_lessons.errors import InputError
from gan_lessons.restoration import EstimatedPSF, Report, estimate_psf
from gan_lessons.restoration.blur_estimate import estimate_cutoff
from gan_lessons.restoration.typical_psf import fit_cutoff, typical_psf


@given(cutoff=st.floats(0.03, 0.3))
@settings(max_examples=15, deadline=None)
def test_a_typical_psf_has_the_transfer_function_that_it_states(cutoff):
    psf = typical_psf(cutoff)
    assert psf.dtype == np.float32
    assert psf.min() >= 0
    assert psf.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(psf, psf.T, atol=1e-8)
    assert fit_cutoff(psf) == pytest.approx(cutoff, rel=0.05)
    transfer = np.abs(np.fft.fft(psf.sum(0).astype(float), 4096))
    nearest = round(cutoff * 4096)
    assert transfer[nearest] == pytest.approx(np.exp(-1), abs=0.03)


def test_the_fit_follows_the_optics():
    sharp, wide = (Microscope(na=na, wavelength_nm=525, pixel_size_um=0.1).psf_2d() for na in (0.8, 0.4))
    assert 1.7 < fit_cutoff(sharp) / fit_cutoff(wide) < 2.3


@pytest.fixture(scope="module")
def gauge():
    return load_model("fluo-2d").gauge


def photographs(cutoff):
    rng = np.random.default_rng(7)
    for _ in range(12):
        blurred = convolve(make_specimen((320, 320), rng), typical_psf(cutoff))
        yield PoissonGaussian(photons=300, read_noise=1.5).apply(np.maximum(blurred, 0) + 0.05, rng)


@pytest.mark.parametrize("cutoff", [0.05, 0.1, 0.2])
def test_the_gauge_tells_the_blur_of_specimens_that_it_never_saw(gauge, cutoff):
    found = [estimate_cutoff(image[None, None, None], gauge) for image in photographs(cutoff)]
    assert np.median(found) == pytest.approx(cutoff, rel=0.3)


def test_gain_offset_and_gaps_change_nothing(gauge):
    image = next(photographs(0.1))[None, None, None]
    found = estimate_cutoff(image, gauge)
    assert estimate_cutoff(300 * image - 2000, gauge) == pytest.approx(found, rel=1e-3)
    holed = image.copy()
    holed[..., 5:9, 5:9] = np.nan
    assert estimate_cutoff(holed, gauge) == pytest.approx(found, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (130, 700)])
def test_any_shape_has_an_estimate(gauge, shape):
    image = np.random.default_rng(0).random((1, 1, 1, *shape), np.float32)
    assert 0.02 <= estimate_cutoff(image, gauge) <= 0.5
    assert 0.02 <= estimate_cutoff(np.full_like(image, 3), gauge) <= 0.5


def test_the_report_says_that_the_psf_is_an_estimate():
    report = Report()
    restore(next(photographs(0.1)), "fluo-2d", report=report)
    assert report.settings["psf"][0].startswith("estimated: transfer 1/e at 0.")


def test_an_estimated_psf_is_as_wide_as_the_one_that_blurred_the_image():
    images = list(photographs(0.1))
    found = [estimate_psf(image)[0] for image in images]
    true = EstimatedPSF(0.1, typical_psf(0.1)).width
    assert np.median([one.width for one in found]) == pytest.approx(true, rel=0.3)
    two = estimate_psf(np.stack(images[:2]), axes="CYX")
    assert [one.cutoff for one in two] == pytest.approx([one.cutoff for one in found[:2]], rel=1e-6)


@pytest.mark.parametrize("cutoff", [0.05, 0.1, 0.2, 0.4])
def test_the_width_is_that_at_half_of_the_maximum(cutoff):
    psf = typical_psf(cutoff)
    fine = ndimage.zoom(psf[40], 50, order=3, grid_mode=False)
    wide = np.flatnonzero(fine > fine.max() / 2)
    expected = (wide[-1] - wide[0] + 1) * (len(psf) - 1) / (len(fine) - 1)
    assert EstimatedPSF(cutoff, psf).width == pytest.approx(expected, abs=0.25)


def test_a_model_without_a_gauge_estimates_nothing():
    with pytest.raises(InputError, match="photo-motion doesn't estimate blur"):
        estimate_psf(np.zeros((20, 20)), gauge="photo-motion")
