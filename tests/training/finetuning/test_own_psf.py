import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons import finetune, load_model, restore
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import convolve
from gan_lessons.restoration.report import Report
from gan_lessons.training.finetuning.measured_psf import SIDE, measure_psf
from tests.training.finetuning.conftest import PSF

MIDDLE = slice(SIDE // 2 - 4, SIDE // 2 + 5)  # where the small PSF lies in the measured one


@pytest.fixture(scope="module")
def specimen():
    return make_specimen((160, 200), np.random.default_rng(3)).astype(np.float64)


@pytest.mark.parametrize(("photons", "off"), [(30, 0.5), (1000, 0.25)])
def test_the_psf_between_a_specimen_and_its_photons_is_found(specimen, photons, off):
    lopsided = PSF * np.linspace(0.2, 1.8, 9, dtype=np.float32)
    lopsided /= lopsided.sum()
    counts = np.random.default_rng(0).poisson(np.maximum(convolve(specimen, lopsided), 0) * photons + 2)
    psf = measure_psf([((counts - 2) / photons, specimen)])
    assert psf.min() >= 0
    assert psf.sum() == pytest.approx(1, abs=1e-5)
    expected = np.zeros_like(psf)
    expected[MIDDLE, MIDDLE] = lopsided
    assert np.abs(psf - expected).sum() < off  # of 2 at most


@settings(max_examples=3, deadline=None)
@given(gain=st.floats(0.01, 1e4), offset=st.floats(-1e4, 1e4))
def test_it_does_not_depend_on_gain_and_offset(specimen, gain, offset):
    specimen = specimen[:64, :64]
    raw = np.asarray(convolve(specimen, PSF), np.float64)
    measured = measure_psf([(raw, specimen)])
    assert np.allclose(measure_psf([(gain * raw + offset, gain * specimen + offset)]), measured, atol=1e-4)


def test_the_model_file_keeps_the_psf_and_restores_with_it_where_none_is_given(pair, tmp_path):
    raw, truth = (np.tile(image, (2, 2)) for image in pair)
    result = finetune("fluo-2d", raw=raw, reference=truth, out=tmp_path / "m.safetensors", steps=1)
    assert result.found["psf"]["told"] is True
    assert result.found["psf"]["loss with"] < result.found["psf"]["loss without"]
    own = load_model(result.path).psf
    report = Report()
    restored = restore(raw, result.path, report=report)
    assert "the model's own" in report.settings["psf"][0]
    assert np.allclose(restored, restore(raw, result.path, psf=own.numpy()), atol=0.02 * np.ptp(raw))
    assert not np.allclose(restored, restore(raw, result.path, psf=PSF), atol=1e-3 * np.ptp(raw))


def test_channels_have_a_psf_each_and_are_told_none(planes, pair, tmp_path):
    raw, truth = (np.stack([one, one]) for one in pair)
    result = finetune(planes, raw=raw, reference=truth, axes="CYX", out=tmp_path / "m.safetensors", steps=1)
    assert "psf" not in result.found
    assert load_model(result.path).psf is None
