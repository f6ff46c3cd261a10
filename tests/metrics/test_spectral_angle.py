"""Against torchmetrics, and against spectra whose angle is known."""

import dask.array as da
import numpy as np
import pytest
import torch
from torchmetrics.functional.image import spectral_angle_mapper

from gan_lessons.errors import InputError
from gan_lessons.metrics.spectral_angle import spectral_angle


@pytest.fixture
def bands():
    rng = np.random.default_rng(0)
    truth = rng.random((4, 70, 31)) + 0.1
    return truth + rng.normal(0, 0.02, truth.shape), truth


def test_equals_torchmetrics(bands):
    image, truth = bands
    theirs = np.degrees(spectral_angle_mapper(torch.tensor(image)[None], torch.tensor(truth)[None]).item())
    assert spectral_angle(image, truth) == pytest.approx(theirs, abs=1e-9)
    last = [np.moveaxis(a, 0, -1) for a in bands]
    assert spectral_angle(*last, axis=-1) == pytest.approx(theirs, abs=1e-12)
    assert spectral_angle(da.from_array(image, chunks=(2, 20, 31)), truth) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("degrees", [1e-6, 0.1, 45.0, 90.0, 180.0])
def test_known_angles(degrees):
    """arccos of a scalar product would have no digits for the first."""
    angle = np.radians(degrees)
    x, y = np.array([1.0, 0.0]), np.array([np.cos(angle), np.sin(angle)])
    assert spectral_angle(7 * x[:, None, None], y[:, None, None]) == pytest.approx(degrees, rel=1e-9)


def test_brightness_doesnt_matter_and_what_is_unknown_is_left_out(bands):
    image, truth = bands
    expected = spectral_angle(image[:, 1:, 1:], truth[:, 1:, 1:])
    shade = np.linspace(0.5, 2, 70)[:, None]
    mask = np.ones((70, 31), bool)
    mask[0], mask[:, 0] = False, False
    assert spectral_angle(shade * image, truth, mask=mask) == pytest.approx(expected, abs=1e-9)
    image, truth = image.copy(), truth.copy()
    image[2, 0, :], truth[:, 1:, 0] = np.nan, 0.0
    assert spectral_angle(image, truth) == pytest.approx(expected, abs=1e-12)


def test_a_common_offset_turns_spectra_and_the_fit_turns_them_back(bands):
    _, truth = bands
    assert spectral_angle(truth + 1, truth) > 5
    assert spectral_angle(truth + 1, truth, fitted=True) == pytest.approx(0, abs=1e-9)


def test_bad_input(bands):
    image, truth = bands
    with pytest.raises(InputError, match="two bands or more"):
        spectral_angle(image[:1], truth[:1])
    with pytest.raises(InputError, match="axis 5"):
        spectral_angle(image, truth, axis=5)
    with pytest.raises(InputError, match="no pixel is left"):
        spectral_angle(0 * image, truth)
