"""Input that can't be restored: one line that says what was found and what to do."""

import numpy as np
import pytest

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image
from gan_lessons.restoration import deconvolve, restore

IMAGE = np.random.default_rng(0).gamma(2, 9, (20, 21)).astype(np.float32)


def refused(message, *arguments, call=restore, **keywords):
    with pytest.raises(InputError, match=message) as raised:
        call(*arguments, **keywords)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("call", [restore, deconvolve])
@pytest.mark.parametrize(
    ("image", "axes", "message"),
    [
        (IMAGE.astype(complex), None, "complex128"),
        (IMAGE > 9, None, "bool"),
        (IMAGE[0], None, "but the array has 1"),
        (IMAGE[:0], None, "empty"),
        (np.zeros((3, 4, 5)), None, "say which its axes are"),
        (np.zeros((3, 4, 5)), "YX", "name 2 dimensions, but the array has 3"),
        (np.zeros((3, 4, 5)), "QYX", "unknown letter 'Q'"),
        ([[1.0]], None, "found a list"),
    ],
)
def test_what_isnt_an_image(call, image, axes, message, plane_model, gaussian):
    second = plane_model if call is restore else gaussian(3, 3)
    refused(message, image, second, axes=axes, call=call)


def test_all_nan(plane_model):
    refused("no pixel has a value", np.full((5, 5), np.nan), plane_model)


def test_one_nan(plane_model):
    image = np.array([[np.nan]])
    refused("no pixel has a value", image, plane_model)
    image = IMAGE.copy()
    image[3, 4] = np.nan
    assert np.isnan(restore(image, plane_model)).sum() == 1


def test_one_pixel(plane_model, gaussian):
    assert restore(np.array([[7]], np.uint8), plane_model, psf=gaussian(3, 3)).tolist() == [[7]]


def test_negative_pixel_size():
    with pytest.raises(InputError, match="pixel size of axis X is -1"):
        Image(IMAGE, "YX", pixel_size={"X": -1.0})


def test_unknown_model():
    refused("unknown model 'flou-2d'", IMAGE, "flou-2d")
    refused("no such model file", IMAGE, "missing.safetensors")


def test_only_models_for_measuring_are_chosen_among():
    """None that a critic had a say in: those are asked for by name."""
    refused("say which model: fluo-2d, remote-sensing$", IMAGE, None)


def test_wrong_number_of_channels(color_model):
    refused("takes 3 channels together, but axes YX hold 1", IMAGE, color_model)
    refused("takes 3 channels together, but axes CYX hold 5", np.ones((5, 8, 9)), color_model, axes="CYX")


def test_no_stack_for_a_model_of_stacks(stack_model):
    refused("axes YX have no Z", IMAGE, stack_model)


@pytest.mark.parametrize(
    ("psf", "message"),
    [
        (np.zeros((3, 3)), "zero"),
        (np.full((3, 3), np.nan), "aren't finite"),
        (np.ones((3, 3, 3)), "2D"),
        (-np.ones((3, 3)), "negative"),
        ({1: np.ones((3, 3)) / 9}, "channel 1; expected 0 to 0"),
        ({"gfp": np.ones((3, 3)) / 9}, "channel 'gfp'"),
    ],
)
def test_what_isnt_a_psf(psf, message, plane_model):
    refused(message, IMAGE, plane_model, psf=psf)


def test_a_psf_that_isnt_normalized_is_divided_by_its_sum(plane_model, gaussian):
    with pytest.warns(InputWarning, match="its sum is 7"):
        scaled = restore(IMAGE, plane_model, psf=7 * gaussian(5, 5))
    np.testing.assert_allclose(scaled, restore(IMAGE, plane_model, psf=gaussian(5, 5)), rtol=1e-4)


def test_a_psf_larger_than_the_image(plane_model, gaussian):
    # Zeros around a PSF change nothing, however many they are.
    small = gaussian(9, 9)
    large = np.pad(small, 20)
    np.testing.assert_allclose(
        restore(IMAGE, plane_model, psf=large), restore(IMAGE, plane_model, psf=small), atol=0.01 * np.ptp(IMAGE)
    )
    np.testing.assert_allclose(deconvolve(IMAGE, large), deconvolve(IMAGE, small), rtol=1e-2)


def test_a_psf_that_the_model_cant_take(color_model, gaussian):
    refused("takes no PSF", np.ones((8, 9, 3)), color_model, axes="YXS", psf=gaussian(3, 3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dtype": "uint8"}, "dtype 'uint8'"),
        ({"normalizations": []}, "0 normalizations for 1 channels"),
        ({"tile": 0}, "tile is 0"),
        ({"self_ensemble": 3}, "self_ensemble is 3; expected 1, 2, 4 or 8"),
        ({"self_ensemble": 0}, "self_ensemble is 0"),
        ({"device": "cuda:7"}, "isn't on this machine"),
        ({"device": "nonsense"}, "isn't on this machine"),
    ],
)
def test_settings_that_cant_be(settings, message, plane_model):
    refused(message, IMAGE, plane_model, **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "magic"}, "method 'magic'"),
        ({"iterations": 0}, "0 iterations"),
        ({"tv": 1.0}, "total variation"),
        ({"method": "wiener", "noise_to_signal": 0.0}, "noise to signal 0"),
        ({"background": -1.0}, "background -1"),
    ],
)
def test_settings_of_classical_methods_that_cant_be(settings, message, gaussian):
    refused(message, IMAGE, gaussian(3, 3), call=deconvolve, **settings)


def test_a_psf_of_stacks_needs_a_stack(gaussian):
    refused("have no Z", IMAGE, gaussian(3, 3, 3), call=deconvolve)
