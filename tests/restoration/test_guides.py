import threading

import numpy as np
import pytest
import torch
from scipy import ndimage, signal

from gan_lessons.degradations import Microscope
from gan_lessons.errors import Cancelled, InputError
from gan_lessons.restoration import restore
from gan_lessons.restoration.guide_iterations import COUNTS, FLOOR, REACH, GuideIterations
from gan_lessons.restoration.guides import DECONVOLVED, FILTERED, Guides

PSF = Microscope(na=0.8, wavelength_nm=520, pixel_size_um=0.15).psf_2d(1.0)


@pytest.fixture
def spots(rng):
    """Blurred points on a dark ground, with a little noise, and where they are: (Y, X) each."""
    truth = np.zeros((140, 150))
    truth[tuple(rng.integers(20, 120, (2, 40)))] = 30
    blurred = signal.fftconvolve(truth, PSF, mode="same").clip(0)
    return (rng.poisson(300 * blurred) / 300).astype(np.float32), truth


def test_iterations_equal_a_slow_formula(spots):
    image, _ = spots
    psf = PSF.astype(np.float64)
    padded = np.pad(image.astype(np.float64), 150, mode="edge")  # so far that its border doesn't matter
    now = ahead = last = padded.clip(0.01)
    found = {}
    for step in range(1, COUNTS[-1] + 1):
        ratio = (padded + FLOOR).clip(0) / (signal.fftconvolve(ahead, psf, mode="same") + FLOOR).clip(1e-3)
        now = ahead * signal.fftconvolve(ratio, psf[::-1, ::-1], mode="same")
        ahead, last = (now + (step - 1) / (step + 2) * (now - last)).clip(1e-4), now
        found[step] = now[150:-150, 150:-150]
    ours = GuideIterations(torch.from_numpy(PSF))(torch.from_numpy(image)[None, None])[0]
    for count, one in zip(COUNTS, ours, strict=True):
        np.testing.assert_allclose(one, found[count], atol=1e-3 * found[count].max())


def test_positivity_brings_back_what_filters_cannot(spots):
    image, truth = spots
    copies = Guides(torch.from_numpy(PSF), FILTERED + DECONVOLVED)(torch.from_numpy(image)[None, None])[0]
    soft = ndimage.gaussian_filter(truth, 1.0)  # points themselves nothing finite comes near to
    errors = [float(np.mean((copy.numpy() - soft) ** 2)) for copy in copies]
    assert errors[-1] < 0.5 * min(errors[:FILTERED])


def test_a_part_gives_what_the_whole_gives(spots):
    image = torch.from_numpy(np.tile(spots[0], (1, 3)))[None, None]
    iterate = GuideIterations(torch.from_numpy(PSF))
    whole, part = iterate(image)[..., 200:240], iterate(image[..., : 240 + REACH])[..., 200:240]
    assert (whole - part).abs().max() <= 1e-5 * whole.max()


def test_of_a_patch_with_surroundings_a_narrow_border_gives_the_same_middle(spots):
    image = torch.from_numpy(spots[0])[None, None]
    whole, narrow = (GuideIterations(torch.from_numpy(PSF), border)(image)[..., 44:-44, 44:-44] for border in (48, 4))
    assert (whole - narrow).abs().max() <= 0.01 * whole.max()


def test_an_estimate_is_not_iterated_with(spots):
    image = torch.from_numpy(spots[0])[None, None]
    psf = torch.from_numpy(PSF)
    copies = Guides(psf, FILTERED + DECONVOLVED, trusted=False)(image)
    assert torch.equal(copies[:, :FILTERED], Guides(psf, FILTERED)(image))
    assert torch.equal(copies[:, FILTERED:], image.expand(-1, DECONVOLVED, -1, -1))


def test_no_other_number_of_guides():
    with pytest.raises(InputError, match="4 guides; expected 3 or 5"):
        Guides(torch.ones(1, 1), 4)


@pytest.mark.parametrize("tile", [24, 100])
def test_tiles_equal_the_whole(iterated_model, gaussian, rng, tile):
    image = rng.gamma(0.5, 100, (300, 190)).astype(np.float32)
    image[40:70, 90:130] = np.nan
    whole, tiled = (restore(image, iterated_model, psf=gaussian(9, 9), tile=t) for t in (1024, tile))
    assert np.nanmax(np.abs(whole - tiled)) <= 1e-5 * np.nanpercentile(image, 99.9)


def test_gain_and_offset_pass_through(iterated_model, gaussian, rng):
    image = rng.gamma(0.5, 100, (120, 110))
    psf = gaussian(7, 7)
    moved = restore((250 * image - 31).astype(np.float32), iterated_model, psf=psf)
    expected = 250 * restore(image.astype(np.float32), iterated_model, psf=psf).astype(np.float64) - 31
    assert np.abs(moved - expected).max() <= 1e-4 * 250 * np.percentile(image, 99.9)


def test_iterations_are_cancelled_between_steps(iterated_model, gaussian, rng, monkeypatch):
    """Set while the tile's third step runs, the event stops it before the fourth."""
    cancel, steps, transform = threading.Event(), [], torch.fft.rfft2

    def counted(*arguments, **options):
        steps.append(1)
        if len(steps) == 10:
            cancel.set()
        return transform(*arguments, **options)

    monkeypatch.setattr(torch.fft, "rfft2", counted)
    with pytest.raises(Cancelled):
        restore(rng.random((60, 60), np.float32), iterated_model, psf=gaussian(7, 7), cancel=cancel)
    assert 10 <= len(steps) <= 12
