import numpy as np
import pytest
import torch

from gan_lessons.data.specimens import make_specimen
from gan_lessons.generators import build_generator
from gan_lessons.training.pairs import Blur, PlanePairs, add_noise, make_blurs, widen
from gan_lessons.training.recipe import Gauge, Noise, read_recipe
from gan_lessons.training.stacks import StackPairs, blur_stack
from gan_lessons.training.trainer import start_from, train
from gan_lessons.zoo import load_model

GAUSS = np.exp(-(np.add.outer((np.arange(9) - 4) ** 2, (np.arange(9) - 4) ** 2)) / 8.0)
GAUSS = (GAUSS / GAUSS.sum()).astype(np.float32)


def tiny_recipe(**changes):
    recipe = read_recipe("fluo-2d")
    generator = recipe.generator.model_copy(update={"arguments": {"guides": 3, "widths": [4, 8]}})
    phases = tuple(p.model_copy(update={"steps": 4, "batch": 2, "patch": 32}) for p in recipe.phases)
    gauge = Gauge(images=4, steps=2, batch=2, side=128)
    return recipe.model_copy(update={"generator": generator, "phases": phases, "gauge": gauge, **changes})


def tiny_pairs(recipe):
    rng = np.random.default_rng(0)
    truths = [make_specimen((120, 120), rng)[None] for _ in range(3)]
    return PlanePairs(truths, make_blurs([GAUSS], recipe.guidance, rng), recipe.noise, recipe.guidance)


def test_a_resumed_run_gives_the_bits_of_an_uninterrupted_one(tmp_path):
    recipe = tiny_recipe()
    whole = train(recipe, tiny_pairs(recipe), tmp_path / "whole")
    part = tmp_path / "part"
    train(recipe, tiny_pairs(recipe), part, minutes=0)
    short = recipe.model_copy(update={"phases": recipe.phases[:1]})
    train(short, tiny_pairs(recipe), part, resume=True)
    resumed = train(recipe, tiny_pairs(recipe), part, resume=True)
    for a, b in zip(load_model(whole).generator.parameters(), load_model(resumed).generator.parameters(), strict=True):
        assert torch.equal(a, b)
    gauges = [load_model(path).gauge.state_dict() for path in (whole, resumed)]
    assert all(torch.equal(gauges[0][name], gauges[1][name]) for name in gauges[0])


def test_a_few_steps_already_remove_noise(tmp_path):
    recipe = tiny_recipe(noise=Noise(photons=(10, 10), background=(0.01, 0.01), read_noise=(0.1, 0.1)))
    phase = recipe.phases[0].model_copy(update={"steps": 150, "patch": 64, "rate": (3e-3, 1e-3)})
    wider = recipe.generator.model_copy(update={"arguments": {"guides": 3, "widths": [16, 32]}})
    recipe, pairs = recipe.model_copy(update={"generator": wider, "phases": (phase,)}), tiny_pairs(recipe)
    trained = load_model(train(recipe, pairs, tmp_path)).generator
    batch = pairs.batch(8, 48, np.random.default_rng(99))
    with torch.inference_mode():
        error = (trained(batch.image, batch.guides) - batch.truth).square().mean()
    assert error < 0.9 * (batch.image - batch.truth).square().mean()


def test_the_same_state_gives_the_same_batch():
    pairs = tiny_pairs(tiny_recipe())
    one, two = (pairs.batch(3, 32, np.random.default_rng(5)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert one.guides.shape == (3, 3, 32, 32)


def test_truth_and_image_are_aligned():
    """With next to no blur and no noise the image is the truth."""
    bright = Noise(photons=(1e9, 1e9), background=(1e-6, 1e-6), read_noise=(1e-6, 1e-6))
    delta = np.zeros((5, 5), np.float32)
    delta[2, 2] = 1
    rng = np.random.default_rng(0)
    pairs = PlanePairs([rng.random((1, 90, 80)).astype(np.float32)], make_blurs([delta], None, rng), bright, None)
    batch = pairs.batch(2, 40, rng)
    torch.testing.assert_close(batch.image, batch.truth, atol=1e-3, rtol=0)


def test_stacks_show_each_plane_with_its_neighbors():
    recipe = read_recipe("fluo-3d")
    rng = np.random.default_rng(0)
    delta = np.zeros((3, 3, 3), np.float32)
    delta[1, 1, 1] = 1
    bright = Noise(photons=(1e9, 1e9), background=(1e-6, 1e-6), read_noise=(1e-6, 1e-6))
    blur = make_blurs([delta], recipe.guidance, rng)[0]
    stack = blur_stack(rng.random((26, 90, 90)).astype(np.float32), Blur(torch.from_numpy(delta), blur.filters))
    batch = StackPairs([stack], 5, bright, recipe.guidance.model_copy(update={"dropped": 0.0})).batch(6, 24, rng)
    assert batch.image.shape == (6, 5, 24, 24)
    assert batch.guides.shape == (6, 3, 24, 24)
    torch.testing.assert_close(batch.image[:, 2:3], batch.truth, atol=1e-3, rtol=0)
    torch.testing.assert_close(batch.image[1:, 1], batch.image[:-1, 2])
    # Under a PSF of one pixel the weakest filter gives the image, but for its finest grain.
    assert (batch.guides[:, 2:] - batch.truth).abs().mean() < 0.1 * batch.truth.std()


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


def test_a_stack_model_starts_as_the_plane_model():
    torch.manual_seed(0)
    plane = build_generator("unshuffle-unet", guides=3, widths=(4, 8))
    torch.nn.init.normal_(plane.last.weight)
    stack = build_generator("unshuffle-unet", in_channels=5, guides=3, widths=(4, 8))
    start_from(stack, plane)
    image, guides = torch.rand(1, 5, 16, 16), torch.rand(1, 3, 16, 16)
    torch.testing.assert_close(stack(image, guides), plane(image[:, 2:3], guides))
