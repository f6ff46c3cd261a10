from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from gan_lessons.degradations import Microscope
from gan_lessons.restoration import restore
from gan_lessons.restoration.flux import beyond_noise, keep_flux
from gan_lessons.restoration.layer import measure
from gan_lessons.restoration.stack_iterations import StackIterations
from gan_lessons.zoo import Model

PSF = Microscope(na=0.8, wavelength_nm=520, pixel_size_um=0.15, z_step_um=0.6).psf_3d(9)


@pytest.fixture
def stack(rng):
    """A few large clouds, and photon noise."""
    clouds = ndimage.gaussian_filter(rng.gamma(0.01, 1, (12, 90, 80)), (2, 5, 5))
    return rng.poisson(clouds / clouds.max() * 200 + 20).astype(np.float32)


def test_noise_alone_shows_nothing(rng):
    shown = beyond_noise(rng.normal(100, 5, (12, 200, 200)).astype(np.float32))
    assert shown.mean() < 0.02


def test_structure_shows_whatever_the_gain(stack):
    shown = beyond_noise(stack)
    assert shown[6].mean() > 0.8
    np.testing.assert_allclose(beyond_noise(1e-3 * stack + 7), shown, atol=1e-2)


def test_where_all_is_shown_a_smooth_difference_is_taken_whole(rng):
    restored = rng.normal(size=(9, 40, 33)).astype(np.float32)
    everywhere, nowhere = np.ones_like(restored), np.zeros_like(restored)
    np.testing.assert_allclose(keep_flux(restored, restored + 3, everywhere), restored + 3, atol=1e-5)
    np.testing.assert_array_equal(keep_flux(restored, restored + 3, nowhere), restored)


def test_a_stack_takes_them_from_its_deconvolution(iterated_stack_model, stack):
    without = Model(iterated_stack_model.generator, replace(iterated_stack_model.card, keeps_flux=False))
    own, kept = (restore(stack, model, axes="ZYX", psf=PSF) for model in (without, iterated_stack_model))
    normalization = measure(stack, iterated_stack_model, axes="ZYX")[0]
    image = torch.from_numpy(normalization.apply(stack))[None, None]
    iterate = normalization.undo(StackIterations(torch.from_numpy(PSF))(image)[0, -1].numpy())
    expected = keep_flux(own, iterate, beyond_noise(stack))
    np.testing.assert_allclose(kept, expected, atol=1e-3 * np.ptp(stack))
    assert np.abs(kept - own).max() > 0.05 * np.ptp(stack)


def test_it_can_be_interrupted(stack, must_stop):
    must_stop(lambda check: beyond_noise(stack, check))


def test_blind_stacks_are_the_networks_own(iterated_stack_model, stack):
    without = Model(iterated_stack_model.generator, replace(iterated_stack_model.card, keeps_flux=False))
    own, kept = (restore(stack, model, axes="ZYX") for model in (without, iterated_stack_model))
    np.testing.assert_array_equal(own, kept)


@pytest.mark.parametrize("tile", [32, 56])
def test_tiles_equal_the_whole(iterated_stack_model, stack, tile):
    whole, tiled = (restore(stack, iterated_stack_model, axes="ZYX", psf=PSF, tile=t) for t in (1024, tile))
    assert np.abs(whole - tiled).max() <= 1e-5 * np.percentile(stack, 99.9)
