import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons import load_model, restore
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import Microscope, PoissonGaussian, convolve
from gan_lessons.restoration import Report
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
