import numpy as np
import pytest
import torch

from gan_lessons.data.specimens import make_specimen
from gan_lessons.errors import InputError
from gan_lessons.restoration.typical_psf import typical_psf
from gan_lessons.training.blurs import make_blurs
from gan_lessons.training.gauge import find_gauge, surprise, train_gauge
from gan_lessons.training.on_the_fly import Gauge, Guidance, Noise
from gan_lessons.training.pairs import PlanePairs
from gan_lessons.training.recipe import read_recipe
from gan_lessons.zoo import load_model
from gan_lessons.zoo.gauge import BLOCK, BlurGauge


def test_the_gauge_learns_to_tell_two_blurs_apart():
    rng = np.random.default_rng(0)
    guidance = Guidance(estimated=0.5)
    truths = [make_specimen((260, 260), rng)[None] for _ in range(6)]
    blurs = make_blurs([typical_psf(cutoff, radius=12) for cutoff in (0.08, 0.3)], guidance, rng)
    pairs = PlanePairs(truths, blurs, Noise(photons=(100, 300)), guidance)
    gauge = train_gauge(Gauge(images=24, steps=60, batch=6, side=BLOCK, rate=1e-2), pairs, seed=0)
    drawn = [pairs.noisy(BLOCK, rng) for _ in range(12)]
    with torch.inference_mode():
        found = gauge(torch.stack([image for image, _ in drawn]))[:, 0]
    wide = np.array([cutoff < 0.15 for _, cutoff in drawn])
    assert wide.any()
    assert not wide.all()
    assert found[wide].max() < found[~wide].min()


def test_a_recipe_without_a_gauge_of_its_own_keeps_that_of_its_start(tmp_path):
    recipe, start = read_recipe("fluo-2d-gan"), load_model("fluo-2d")
    assert find_gauge(recipe, [], tmp_path, start, resume=False) is start.gauge
    with pytest.raises(InputError, match="its start photo-motion has no gauge of the blur"):
        find_gauge(recipe, [], tmp_path, load_model("photo-motion"), resume=False)
    assert find_gauge(read_recipe("photo-motion-gan"), [], tmp_path, None, resume=False) is None


def test_the_spectrum_of_white_noise_is_flat_and_gain_free():
    torch.manual_seed(0)
    noise = torch.randn(1, 1, 512, 512)
    gauge = BlurGauge()
    levels = gauge.spectrum(noise)[0]
    assert (levels[3:].max() - levels[3:].min()) < 0.5
    assert torch.allclose(gauge.spectrum(1000 * noise)[0], levels, atol=1e-4)


def test_a_sure_wrong_answer_surprises_most():
    truth = torch.zeros(1)
    sure_right, unsure, sure_wrong = (torch.tensor([[error, scale]]) for error, scale in ((0, -3), (1, 0), (1, -3)))
    assert surprise(sure_right, truth) < surprise(unsure, truth) < surprise(sure_wrong, truth)
