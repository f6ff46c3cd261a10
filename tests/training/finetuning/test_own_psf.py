import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons import finetune, load_model, restore
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import convolve
from gan_lessons.restoration.report import Report
from gan_lessons.training.finetuning import own_psf
from gan_lessons.training.finetuning.measured_psf import SIDE, measure_psf
from tests.training.finetuning.conftest import PSF, STACK_PSF

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


def test_the_psf_of_a_volume_is_found_with_light_from_beyond_its_planes():
    lopsided = STACK_PSF * np.array([0.4, 1, 1.6], np.float32)[:, None, None]
    lopsided /= lopsided.sum()
    stack = make_specimen((12, 120, 128), np.random.default_rng(1)).astype(np.float64)
    counts = np.random.default_rng(0).poisson(np.maximum(convolve(stack, lopsided), 0) * 300 + 2)
    psf = measure_psf([((counts - 2) / 300, stack)])
    assert psf.shape == (11, SIDE, SIDE)
    assert psf.sum() == pytest.approx(1, abs=1e-5)
    expected = np.zeros_like(psf)
    expected[4:7, MIDDLE, MIDDLE] = lopsided
    assert np.corrcoef(psf.ravel(), expected.ravel())[0, 1] > 0.85
    assert psf[6].sum() > 1.5 * psf[4].sum()


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
    assert result.found["psf"]["PSNR with"] > result.found["psf"]["PSNR without"]
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


def test_large_stacks_are_told_none_since_they_would_take_long_to_deconvolve(stacks, stack_pair, tmp_path, monkeypatch):
    monkeypatch.setattr(own_psf, "MOST_TOLD", stack_pair[0].size - 1)
    raw, truth = stack_pair
    result = finetune(stacks, raw=raw, reference=truth, axes="ZYX", out=tmp_path / "m.safetensors", steps=1)
    assert "psf" not in result.found


def test_a_stack_keeps_its_psf_and_thinner_stacks_are_restored_with_it(tmp_path):
    lopsided = np.concatenate([STACK_PSF[:2] * 0.4, STACK_PSF[1:]])[:3]
    lopsided /= lopsided.sum()
    truth = make_specimen((8, 96, 240), np.random.default_rng(0), voxel_aspect=3) * 200 + 10
    raw = np.random.default_rng(1).poisson(convolve(truth, lopsided)).astype(np.float32)
    result = finetune("fluo-3d", raw=raw, reference=truth, axes="ZYX", out=tmp_path / "m.safetensors", steps=1)
    assert result.found["psf"]["told"] is True
    assert result.found["pairs"][0]["shift"][0] == 0  # what a lopsided PSF moves isn't drift
    own = load_model(result.path).psf
    assert own.shape == (7, SIDE, SIDE)
    report = Report()
    thin = restore(raw[:3], result.path, axes="ZYX", report=report)
    assert "the model's own" in report.settings["psf"][0]
    assert thin.shape == raw[:3].shape
    assert np.isfinite(thin).all()
