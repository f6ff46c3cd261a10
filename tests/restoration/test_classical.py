"""Richardson–Lucy and Wiener: equal to scikit-image's where that has them, and better at the border."""

import numpy as np
import pytest
import torch
from scipy.signal import fftconvolve
from skimage import restoration

from gan_lessons.restoration import richardson_lucy, richardson_lucy_iterates, wiener


def specimen(shape, seed=0):
    rng = np.random.default_rng(seed)
    spots = (rng.random(shape) > 0.97) * rng.gamma(2, 50, shape)
    return spots + 5


@pytest.fixture
def scene(gaussian):
    """A truth whose light comes also from beyond the border, and its blurred, noisy image."""
    psf = gaussian(9, 9).astype(np.float64)
    whole = specimen((70, 80))
    blurred = fftconvolve(whole, psf, "same")[10:-10, 10:-10]
    return whole[10:-10, 10:-10], np.random.default_rng(1).poisson(blurred).astype(float), psf


@pytest.mark.parametrize("sides", [(5, 7), (3, 5, 5)])
def test_richardson_lucy_equals_scikit_image(sides, gaussian, rng):
    psf = gaussian(*sides).astype(np.float64)
    psf[(0,) * len(sides)] *= 3  # not symmetric: a kernel flipped by mistake shows
    psf /= psf.sum()
    image = rng.gamma(2, 10, [13, 24, 31][-len(sides) :])
    ours = richardson_lucy(torch.from_numpy(image), torch.from_numpy(psf), 10, boundary="zero").numpy()
    oracle = restoration.richardson_lucy(image, psf, 10, clip=False)
    np.testing.assert_allclose(ours, oracle, rtol=1e-8, atol=1e-8)


def test_wiener_equals_scikit_image(gaussian, rng):
    image, psf = rng.normal(size=(24, 31)), gaussian(5, 7).astype(np.float64)
    psf[0, 0] *= 3
    image -= image.mean()  # scikit-image scales the mean by 1 / (1 + noise_to_signal) too
    identity = np.pad([[1.0]], 1)
    ours = wiener(torch.from_numpy(image), torch.from_numpy(psf), 0.01, boundary="periodic").numpy()
    oracle = restoration.wiener(image, psf, 0.01, reg=identity, clip=False)
    np.testing.assert_allclose(ours, oracle, atol=1e-10)


@pytest.mark.parametrize("method", ["open", "reflect"])
def test_border_is_restored_as_well_as_the_middle(scene, method):
    truth, image, psf = (torch.from_numpy(np.asarray(x)) for x in scene)
    if method == "open":
        good = richardson_lucy(image, psf, 30)
        bad = richardson_lucy(image, psf, 30, boundary="zero")
    else:
        good, bad = wiener(image, psf, 0.05), wiener(image, psf, 0.05, boundary="periodic")

    def error(x, rim):
        mask = torch.ones_like(x, dtype=torch.bool)
        mask[4:-4, 4:-4] = False
        return ((x - truth)[mask if rim else ~mask] ** 2).mean().sqrt()

    assert error(good, rim=True) < 1.5 * error(good, rim=False)
    assert error(good, rim=True) < error(bad, rim=True)


def test_richardson_lucy_raises_the_likelihood_each_time(scene):
    _, image, psf = scene
    background = 2.0
    image = np.pad(image[4:-4, 4:-4], 4)  # no light near the border: the whole model is a plain convolution
    likelihoods = []
    iterates = richardson_lucy_iterates(
        torch.from_numpy(image), torch.from_numpy(psf), background=background, boundary="zero"
    )
    for _, estimate in zip(range(15), iterates, strict=False):
        model = fftconvolve(estimate.numpy(), psf, "same") + background
        likelihoods.append((image * np.log(model) - model).sum())
    assert np.all(np.diff(likelihoods) > 0)


def test_nothing_is_darker_than_the_known_background(scene):
    truth, image, psf = scene
    image, psf = torch.from_numpy(image + 100), torch.from_numpy(psf)
    assert (richardson_lucy(image, psf, 50) - 100).min() < -5  # it doesn't know
    above = richardson_lucy(image, psf, 50, background=100.0)
    assert above.min() >= 0
    assert above.sum().item() == pytest.approx(truth.sum(), rel=0.05)


def test_total_variation_smooths(scene):
    _, image, psf = (torch.from_numpy(np.asarray(x)) for x in scene)
    plain, smooth = (richardson_lucy(image, psf, 60, tv=tv) for tv in (0.0, 0.02))
    variation = [sum(x.diff(dim=d).abs().sum() for d in (0, 1)) for x in (plain, smooth)]
    assert variation[1] < 0.95 * variation[0]
    assert smooth.sum().item() == pytest.approx(plain.sum().item(), rel=0.02)


def test_missing_pixels_have_no_say(scene):
    _, image, psf = (torch.from_numpy(np.asarray(x)) for x in scene)
    valid = torch.ones_like(image, dtype=torch.bool)
    valid[20:24, 30:34] = False
    results = [richardson_lucy(torch.where(valid, image, v), psf, 10, valid=valid) for v in (0.0, torch.nan, 1e6)]
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])
    assert torch.isfinite(results[0]).all()


def test_float32_follows_float64(scene):
    _, image, psf = scene
    results = [
        richardson_lucy(torch.from_numpy(image).to(t), torch.from_numpy(psf).to(t), 30).double()
        for t in (torch.float32, torch.float64)
    ]
    assert (results[0] - results[1]).abs().max() < 1e-3 * results[1].max()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3)])
def test_images_smaller_than_the_psf(shape, gaussian):
    image, psf = torch.full(shape, 3.0), torch.from_numpy(gaussian(9, 9))
    assert torch.allclose(wiener(image, psf, 0.01), image, atol=1e-5)
    estimate = richardson_lucy(image, psf, 5)
    assert estimate.shape == shape
    assert torch.isfinite(estimate).all()


def test_leading_axes_are_images_by_themselves(gaussian, rng):
    images, psf = torch.from_numpy(rng.gamma(2, 10, (2, 3, 20, 21))), torch.from_numpy(gaussian(5, 5)).double()
    for method in (lambda x: wiener(x, psf, 0.01), lambda x: richardson_lucy(x, psf, 5)):
        np.testing.assert_allclose(method(images)[1, 2], method(images[1, 2]), rtol=1e-9)
