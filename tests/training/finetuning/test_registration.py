import numpy as np
import pytest
import torch
from scipy import ndimage

from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import convolve
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Normalization
from gan_lessons.training.finetuning.fitted import fitted
from gan_lessons.training.finetuning.registration import STILL, align, move, register
from gan_lessons.training.finetuning.views import Told, View


def shifted(image, shift):
    """Shift by the phase of the spectrum, another way than the one under test."""
    return np.fft.ifftn(ndimage.fourier_shift(np.fft.fftn(image), shift)).real


@pytest.mark.parametrize(("shape", "shift"), [((200, 180), (1.3, -2.6)), ((20, 120, 140), (1.0, -0.7, 3.4))])
def test_a_known_shift_is_found_through_blur_noise_gain_and_offset(shape, shift):
    reference = ndimage.gaussian_filter(make_specimen(shape, np.random.default_rng(3)), 1.0)
    blurred = ndimage.gaussian_filter(shifted(reference, shift), [0.5] * (len(shape) - 2) + [1.5, 1.5])
    raw = 30 * blurred + 200 + np.random.default_rng(0).normal(0, 0.6, shape)
    found = register(raw, reference, "pair")
    assert np.allclose(found.shift, shift, atol=0.2)
    assert found.correlation > 0.8


def test_moving_by_what_was_found_brings_the_reference_onto_the_raw_image():
    reference = ndimage.gaussian_filter(make_specimen((160, 160), np.random.default_rng(5)), 2.0)
    raw = shifted(reference, (2.4, -1.2))
    moved = move(reference, register(raw, reference, "pair").shift)
    inner = (slice(20, -20),) * 2
    assert np.abs(moved - raw)[inner].max() < 0.05 * np.ptp(raw)
    assert np.abs(moved - raw)[inner].mean() < 0.1 * np.abs(reference - raw)[inner].mean()


def test_different_specimens_are_refused_with_their_correlation():
    one, other = (make_specimen((200, 200), np.random.default_rng(seed)) for seed in (1, 2))
    with pytest.raises(InputError, match=r"correlation is -?0\.[012]\d where they fit best; expected at least 0.3"):
        register(one, other, "raw and reference")


def test_a_far_shift_is_warned_of_and_still_found():
    reference = ndimage.gaussian_filter(make_specimen((200, 200), np.random.default_rng(4)), 1.0)
    with pytest.warns(InputWarning, match="pixels off the raw image"):
        found = register(shifted(reference, (0, 9)), reference, "pair")
    assert np.allclose(found.shift, (0, 9), atol=0.2)


@pytest.mark.parametrize("gain", [0.02, 40.0])
def test_a_lopsided_psf_moves_no_reference_and_hides_no_gain(gain):
    truth = make_specimen((200, 240), np.random.default_rng(4)).astype(np.float64)
    y, x = np.indices((21, 21)) - 10
    lobe, wing = (np.exp(-((y - 0) ** 2 + (x - at) ** 2) / wide) for at, wide in ((-1.5, 3.0), (3.0, 12.0)))
    psf = lobe / lobe.sum() * 2 / 3 + wing / wing.sum() / 3  # its center of mass lies in the middle
    clean = np.asarray(convolve(truth, psf.astype(np.float32)))
    image = torch.from_numpy((clean + np.random.default_rng(5).normal(0, 0.03, clean.shape)).astype(np.float32))
    view = View(image[None, None], (Told(None, False),), (None,), Normalization(0.0, 1.0), None, 0, 0)
    assert np.abs(align(image.numpy(), truth).shift).max() > STILL  # detail follows the lobe
    target, told = fitted(view, (gain * truth - 3)[None, None], "pair", moving=True, planar=True)
    assert np.abs(told["shift"]).max() < STILL
    assert told["gain"] * gain == pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(target[0, 0], truth, atol=0.05 * np.ptp(truth))
