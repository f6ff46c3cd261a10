import numpy as np
import pytest
import torch
from scipy import signal

from gan_lessons.degradations import Microscope
from gan_lessons.restoration.guidance import GRAIN, STRENGTHS, GuideFilters

SCOPE = Microscope(na=0.8, wavelength_nm=520, pixel_size_um=0.15, z_step_um=0.8)


@pytest.mark.parametrize("psf", [SCOPE.psf_2d(), SCOPE.psf_3d(9)], ids=["plane", "stack"])
def test_filters_equal_a_direct_convolution_with_replicated_edges(psf):
    filters = GuideFilters(torch.from_numpy(psf))
    shape = (30, 34) if psf.ndim == 2 else (7, 20, 22)
    image = np.random.default_rng(0).random(shape)
    padded = np.pad(image, [(r, r) for r in filters.radius], mode="edge")
    ours = filters(torch.from_numpy(image)[None, None].float())[0]
    for kernel, filtered in zip(filters.kernels, ours, strict=True):
        expected = signal.fftconvolve(padded, kernel.numpy().astype(np.float64), mode="valid")
        np.testing.assert_allclose(filtered, expected, atol=2e-5 * np.abs(kernel.numpy()).sum())


def test_a_weak_filter_on_a_sharp_enough_image_undoes_the_blur():
    psf = torch.from_numpy(SCOPE.psf_2d())
    y, x = np.ogrid[-60:61, -60:61]
    smooth = np.exp(-(x**2 + y**2) / (2 * 6.0**2))
    blurred = signal.fftconvolve(smooth, psf.numpy(), mode="same")
    restored = GuideFilters(psf)(torch.from_numpy(blurred).float()[None, None])[0, -1]
    assert (
        np.abs(restored.numpy() - smooth)[30:-30, 30:-30].max() < 0.2 * np.abs(blurred - smooth)[30:-30, 30:-30].max()
    )


def test_gain_and_offset_pass_through():
    filters = GuideFilters(torch.from_numpy(SCOPE.psf_2d()))
    image = torch.rand(2, 1, 40, 40)
    moved = filters(3 * image + 5)
    torch.testing.assert_close(moved, 3 * filters(image) + 5, atol=1e-4, rtol=0)
    assert moved.shape == (2, len(STRENGTHS), 40, 40)


def test_the_transfer_is_the_formulas():
    """A wave that the filter's support holds many times comes out with the gain that the formula gives it."""
    frequency = 1 / 8
    wave = np.cos(2 * np.pi * frequency * np.arange(256)).astype(np.float32)
    image = torch.from_numpy(np.tile(wave, (100, 1)))[None, None]
    filtered = GuideFilters(torch.ones(1, 1))(image)[0, :, 50, 64:192].numpy()
    for strength, row in zip(STRENGTHS, filtered, strict=True):
        assert row.max() == pytest.approx(1 / (1 + strength * (frequency / GRAIN) ** 2), rel=1e-2)
