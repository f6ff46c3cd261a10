import numpy as np
import pytest
import torch

from gan_lessons.data.specimens import make_specimen
from gan_lessons.training import read_recipe
from gan_lessons.training.batch import collate
from gan_lessons.training.blurs import make_blurs, widen
from gan_lessons.training.on_the_fly import Guidance, Noise
from gan_lessons.training.pairs import PlanePairs
from gan_lessons.training.photograph import add_noise, weigh
from gan_lessons.training.stacks import StackPairs, photograph_stack
from gan_lessons.zoo.gauge import BlurGauge

GAUSS = np.exp(-(np.add.outer((np.arange(9) - 4) ** 2, (np.arange(9) - 4) ** 2)) / 8.0)
GAUSS = (GAUSS / GAUSS.sum()).astype(np.float32)


def tiny_pairs() -> PlanePairs:
    recipe, rng = read_recipe("fluo-2d"), np.random.default_rng(0)
    truths = [make_specimen((120, 120), rng)[None] for _ in range(3)]
    return PlanePairs(truths, make_blurs([GAUSS], recipe.guidance, rng), recipe.noise, recipe.guidance)


def test_the_same_seed_gives_the_same_pair():
    pairs = tiny_pairs()
    one, two = (pairs.draw(0, 32, np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(one.degraded, two.degraded)
    assert torch.equal(one.guides, two.guides)
    assert one.guides.shape == (3, 32, 32)


def test_weights_average_to_one():
    noise, rng = Noise(photons=(10, 3000)), np.random.default_rng(0)
    photons = np.exp(rng.uniform(*np.log(noise.photons), 20_000))
    assert np.mean([weigh(count, noise) for count in photons]) == pytest.approx(1, rel=0.01)


def test_truth_and_image_are_aligned():
    """With next to no blur and no noise the image is the truth."""
    bright = Noise(photons=(1e9, 1e9), background=(1e-6, 1e-6), read_noise=(1e-6, 1e-6))
    delta = np.zeros((5, 5), np.float32)
    delta[2, 2] = 1
    rng = np.random.default_rng(0)
    pairs = PlanePairs([rng.random((1, 90, 80)).astype(np.float32)], make_blurs([delta], None, rng), bright, None)
    pair = pairs.draw(0, 40, rng)
    torch.testing.assert_close(pair.degraded, pair.sharp, atol=1e-3, rtol=0)


@pytest.fixture(scope="module")
def bright_stack():
    """A stack under a PSF of one pixel, next to no noise."""
    delta = np.zeros((3, 3, 3), np.float32)
    delta[1, 1, 1] = 1
    bright = Noise(photons=(1e9, 1e9), background=(1e-6, 1e-6), read_noise=(1e-6, 1e-6))
    truth = np.random.default_rng(0).random((26, 90, 90)).astype(np.float32)
    guidance = Guidance(dropped=0, estimated=0.5, width_error=0)
    return photograph_stack(truth, delta, bright, guidance, BlurGauge().eval(), 5, np.random.default_rng(1))


@pytest.mark.parametrize("estimated", [0.0, 1.0])
def test_stacks_show_each_plane_with_its_neighbors(bright_stack, estimated):
    pairs = StackPairs([bright_stack], 5, Guidance(estimated=estimated))
    batch = collate([pairs.draw(0, 24, np.random.default_rng(0))])
    assert batch.image.shape == (8, 5, 24, 24)
    assert batch.guides.shape == (8, 5, 24, 24)
    torch.testing.assert_close(batch.image[:, 2:3], batch.truth, atol=2e-3, rtol=0)
    torch.testing.assert_close(batch.image[1:, 1], batch.image[:-1, 2])
    if estimated:  # nothing is iterated with a guess
        assert torch.equal(batch.guides[:, 3:], batch.image[:, 2:3].expand(-1, 2, -1, -1))
    else:  # under a PSF of one pixel the weakest filter gives the image, but for its finest grain
        assert (batch.guides[:, 2:3] - batch.truth).abs().mean() < 0.1 * batch.truth.std()


def test_a_blank_stack_is_noise_alone():
    noise = Noise(photons=(50, 50))
    psf = np.ones((3, 3, 3), np.float32) / 27
    empty = np.zeros((12, 140, 140), np.float32)
    stack = photograph_stack(empty, psf, noise, Guidance(), BlurGauge().eval(), 5, np.random.default_rng(1))
    assert stack.truth.std() == 0
    assert stack.image.float().mean().item() == pytest.approx(stack.truth.float().mean().item(), abs=0.01)
    assert stack.weight == pytest.approx(1)


def test_noise_has_the_variance_it_should():
    noise = Noise(photons=(50, 50), background=(0.1, 0.1), read_noise=(2, 2))
    noisy, photons, offset = add_noise(torch.full((400, 400), 0.5), noise, np.random.default_rng(0), peak=1.0)
    assert photons == pytest.approx(50)
    assert noisy.mean().item() == pytest.approx(0.5, abs=0.002)
    assert noisy.var().item() == pytest.approx((0.5 * 50 + 5 + 4) / 50**2, rel=0.02)
    assert -2.3 * 3 / 50 <= offset <= 0


def test_widening_scales_the_deviation():
    wide = widen(GAUSS, 1.1)
    assert wide.sum() == pytest.approx(1)
    y = np.arange(9) - 4
    deviation = [np.sqrt((psf.sum(1) * y**2).sum()) for psf in (GAUSS, wide)]
    assert deviation[1] / deviation[0] == pytest.approx(1.1, rel=0.03)
