import numpy as np
import pytest
import torch
from scipy import ndimage, signal

from gan_lessons.degradations import Microscope
from gan_lessons.restoration import restore
from gan_lessons.restoration.guide_iterations import FLOOR
from gan_lessons.restoration.guides import DECONVOLVED, FILTERED, Guides
from gan_lessons.restoration.layer import measure
from gan_lessons.restoration.stack_iterations import STACK_COUNTS, START, StackIterations

PSF = Microscope(na=0.8, wavelength_nm=520, pixel_size_um=0.15, z_step_um=0.6).psf_3d(9)


@pytest.fixture
def spots(rng):
    """Blurred spots on a dark ground, with a little noise, and where they are: (Z, Y, X) each."""
    truth = np.zeros((14, 60, 64))
    truth[tuple(rng.integers((3, 10, 10), (11, 50, 54), (30, 3)).T)] = 100
    truth = ndimage.gaussian_filter(truth, 1.0)
    blurred = signal.fftconvolve(truth, PSF, mode="same").clip(0)
    return (rng.poisson(300 * blurred) / 300).astype(np.float32), truth


def test_iterations_equal_a_slow_formula(spots):
    """The open boundary's formula in float64, on a grid twice as large as needed."""
    image, _ = spots
    psf = PSF.astype(np.float64)
    pad = [(k, k) for k in psf.shape]
    seen = np.pad((image.astype(np.float64) + FLOOR).clip(0), pad)
    mask = np.pad(np.ones(image.shape), pad)
    turned = psf[::-1, ::-1, ::-1]
    weight = signal.fftconvolve(mask, turned, mode="same")
    lit = weight > 0.01
    ahead = last = START * lit
    found = {}
    for step in range(1, STACK_COUNTS[-1] + 1):
        ratio = seen / (signal.fftconvolve(ahead, psf, mode="same") + FLOOR).clip(1e-3)
        now = np.where(lit, ahead * signal.fftconvolve(ratio, turned, mode="same") / np.where(lit, weight, 1), 0)
        ahead, last = (now + (step - 1) / (step + 2) * (now - last)).clip(1e-4), now
        found[step] = now[tuple(slice(k, -k) for k in psf.shape)]
    ours = StackIterations(torch.from_numpy(PSF))(torch.from_numpy(image)[None, None])[0]
    for count, one in zip(STACK_COUNTS, ours, strict=True):
        np.testing.assert_allclose(one, found[count], atol=2e-3 * found[count].max())


def test_positivity_brings_back_what_filters_cannot(spots):
    image, truth = spots
    copies = Guides(torch.from_numpy(PSF), FILTERED + DECONVOLVED)(torch.from_numpy(image)[None, None])[0]
    errors = [float(np.mean((copy.numpy() - truth) ** 2)) for copy in copies]
    assert errors[-1] < 0.5 * min(errors[:FILTERED])


def test_planes_are_those_of_the_volume(spots):
    guides = Guides(torch.from_numpy(PSF), FILTERED + DECONVOLVED)
    volume = torch.from_numpy(spots[0])
    some = guides.of_planes(volume[:, None], slice(4, 7))
    torch.testing.assert_close(some, guides(volume[None, None])[0].transpose(0, 1)[4:7], atol=1e-5, rtol=0)


@pytest.mark.parametrize("tile", [56, 100])
def test_tiles_equal_the_whole(iterated_stack_model, rng, tile):
    """Though the iterations see farther than any margin: tiles are parts of blocks that don't change."""
    image = rng.gamma(0.5, 100, (5, 300, 90)).astype(np.float32)
    image[2, 40:70, 20:60] = np.nan
    whole, tiled = (restore(image, iterated_stack_model, axes="ZYX", psf=PSF, tile=t) for t in (1024, tile))
    assert np.nanmax(np.abs(whole - tiled)) <= 1e-5 * np.nanpercentile(image, 99.9)


def test_blocks_meet_without_a_seam(iterated_stack_model, rng):
    """From row 256 on another block's iterates are taken; alone, the rows from 100 on have their border elsewhere."""
    image = ndimage.gaussian_filter(rng.gamma(0.5, 100, (5, 460, 60)), (0, 2, 2)).astype(np.float32)
    normalizations = measure(image, iterated_stack_model, axes="ZYX")
    options = {"axes": "ZYX", "psf": PSF, "normalizations": normalizations}
    whole, part = (
        restore(image, iterated_stack_model, **options),
        restore(image[:, 100:], iterated_stack_model, **options),
    )
    assert np.abs(whole[:, 230:290] - part[:, 130:190]).max() <= 0.02 * np.percentile(image, 99.9)


def test_iterations_can_be_interrupted(spots, must_stop):
    volume = torch.from_numpy(spots[0])[None, None]
    must_stop(lambda check: StackIterations(torch.from_numpy(PSF))(volume, check))
