import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import convolve
from gan_lessons.image import Normalization
from gan_lessons.training.finetuning.realizations import ALIKE, MOST, exchanged, realizations
from gan_lessons.training.finetuning.regions import Region
from gan_lessons.training.finetuning.scenes import Scene
from gan_lessons.training.finetuning.views import Told
from tests.training.finetuning.conftest import PSF


def make_scene():
    rng = np.random.default_rng(0)
    truth = make_specimen((128, 192), rng).astype(np.float32)
    clean = np.maximum(convolve(truth, PSF), 0)
    image = clean + rng.normal(size=clean.shape) * np.sqrt(0.01 * clean + 0.001)
    regions = {"training": Region(slice(0, 128), slice(0, 96)), "test": Region(slice(0, 128), slice(150, 192))}
    image, truth = (torch.from_numpy(x.astype(np.float32))[None, None] for x in (image, truth))
    return Scene(image, (Told(None, False),), (None,), truth, regions, Normalization(0, 1), (0, 0, 0)), clean


def test_noise_is_drawn_anew_in_the_training_region_alone_and_is_as_strong():
    scene, clean = make_scene()
    made = list(realizations([scene], [PSF], copies=0))
    assert len(made) == MOST
    at = np.s_[..., :, :96]
    noises = [one.image[at].numpy().ravel() - clean[at].ravel() for one in [scene, *made]]
    for one, noise in zip(made, noises[1:], strict=True):
        assert list(one.regions) == ["training"]
        assert torch.equal(one.image[..., 96:], scene.image[..., 96:])
        assert abs(np.corrcoef(noise, noises[0])[0, 1]) < 0.05
        bright = clean[at].ravel() > np.quantile(clean[at], 0.8)
        for part in (bright, ~bright):
            np.testing.assert_allclose(noise[part].std(), noises[0][part].std(), rtol=0.05)


def test_without_a_psf_or_a_training_region_there_are_none():
    scene, _ = make_scene()
    assert not list(realizations([scene], [None], copies=0))
    elsewhere = Scene(scene.image, scene.told, scene.guides, scene.target, {}, scene.normalization, scene.where)
    assert not list(realizations([elsewhere], [PSF], copies=0))


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 6000), seed=st.integers(0, 99))
def test_noise_keeps_its_values_and_goes_no_farther_than_its_likes(count, seed):
    rng = np.random.default_rng(seed)
    brightness, noise = rng.random(count), np.arange(count, dtype=np.float64)
    drawn = exchanged(noise, brightness, rng)
    np.testing.assert_array_equal(np.sort(drawn), noise)
    rank = np.argsort(np.argsort(brightness))
    assert np.abs(rank - rank[drawn.astype(int)]).max() <= ALIKE
