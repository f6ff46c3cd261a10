"""Noise and sharpness against known noise and against torch."""

import dask.array as da
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.errors import InputError
from gan_lessons.metrics.noise import noise, noise_deviation
from gan_lessons.metrics.sharpness import laplacian_variance


def laplacian_by_torch(plane):
    kernel = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]], dtype=torch.float64)
    padded = torch.nn.functional.pad(torch.tensor(plane)[None, None], (1, 1, 1, 1), mode="reflect")
    return torch.nn.functional.conv2d(padded, kernel[None, None])[0, 0].numpy()


@pytest.mark.parametrize("offset", [0.0, 30_000.0])
def test_laplacian_variance_equals_torch(offset, photographs):
    for image in photographs.values():
        plane = image[:120, :101] + offset
        expected = laplacian_by_torch(plane).var()
        assert laplacian_variance(plane) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("deviation", [0.01, 0.05, 0.2])
def test_noise_that_was_added_is_found(deviation, photographs):
    """Within 5 % on a smooth scene, on photographs no less: their own grain and texture add to it."""
    y, x = np.indices((200, 200))
    scene = 0.5 + 0.4 * np.sin(x / 9) * np.cos(y / 13)
    grain = np.random.default_rng(0).normal(0, deviation, scene.shape)
    assert noise(scene + grain) == pytest.approx(deviation, rel=0.05)
    camera = photographs["camera.png"][:200, :200]
    assert noise(camera + grain) > 0.95 * deviation


@given(st.floats(0.1, 100), st.floats(-1000, 1000))
def test_units(gain, offset):
    image = np.random.default_rng(0).random((20, 21))
    assert noise(gain * image + offset) == pytest.approx(gain * noise(image), rel=1e-6)
    assert laplacian_variance(gain * image + offset) == pytest.approx(gain**2 * laplacian_variance(image), rel=1e-6)


def test_masks_stacks_and_unknown_values():
    rng = np.random.default_rng(0)
    image = rng.normal(0, 1, (3, 60, 61))
    image[:, :, 30:] *= 9
    mask = np.zeros((60, 61), bool)
    mask[:, :30] = True
    assert noise(image, mask=mask) == pytest.approx(1, rel=0.1)  # of 1 700 pixels a plane
    inner = mask.copy()
    inner[:, 29] = False
    exact = np.concatenate([laplacian_by_torch(plane)[inner] for plane in image]).var()
    assert laplacian_variance(image, mask=mask) == pytest.approx(exact, rel=1e-9)
    spoiled = np.where(mask, image, np.nan)
    lazy = da.from_array(spoiled, chunks=(1, 60, 61))
    for metric in (noise, laplacian_variance):
        assert metric(spoiled) == metric(lazy) == metric(image, mask=mask)
    assert noise(image[0].astype(np.float32)) == pytest.approx(noise_deviation(image[0]), rel=1e-5)


def test_bad_input():
    flat = np.full((8, 8), 7, np.uint16)
    assert noise(flat) == laplacian_variance(flat) == 0
    for metric in (noise, laplacian_variance):
        with pytest.raises(InputError, match="at least 3×3"):
            metric(flat[:2])
        with pytest.raises(InputError, match="no pixel is left"):
            metric(np.full((8, 8), np.nan))
        with pytest.raises(InputError, match="the image is bool"):
            metric(flat > 0)
    lonely = np.zeros((8, 8), bool)
    lonely[4, 4] = True
    assert np.isnan(noise(flat, mask=lonely))
    with pytest.raises(InputError, match="its neighbors"):
        laplacian_variance(flat, mask=lonely)
