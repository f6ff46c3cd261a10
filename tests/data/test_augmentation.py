"""Augmentations keep a pair a pair, come from the pair's own generator, and are found by name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from torchvision.transforms.v2 import functional as vision

from gan_lessons.data import Augmented, Pair, build_augmentations
from gan_lessons.data.augmentation import AUGMENTATIONS
from gan_lessons.data.geometry import ShiftScaleRotate, _resample
from gan_lessons.errors import InputError

GEOMETRIC = ("flip", "quarter-turn", "shift-scale-rotate")
HARMFUL = ("coarse-dropout", "noise")


def pair(seed: int = 0, shape: tuple[int, ...] = (3, 20, 20)) -> Pair:
    sharp = torch.from_numpy(np.random.default_rng(seed).random(shape, dtype=np.float32))
    return Pair(sharp * 0.5 + 0.2, sharp)


def apply(name: str, seed: int, given: Pair, **arguments: object) -> Pair:
    (augmentation,) = build_augmentations([{"name": name, "arguments": arguments}])
    return augmentation.apply(given, np.random.default_rng(seed))


@pytest.mark.parametrize("name", AUGMENTATIONS)
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_bits_come_from_the_pairs_generator_and_torchs_stays(name, seed):
    state = torch.random.get_rng_state()
    one, two = (apply(name, seed, pair()) for _ in range(2))
    assert torch.equal(one.degraded, two.degraded)
    assert torch.equal(one.sharp, two.sharp)
    assert one.degraded.shape == one.sharp.shape == (3, 20, 20)
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("name", GEOMETRIC)
@settings(max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_what_moves_moves_both_alike(name, seed):
    moved = apply(name, seed, pair())
    # bicubic weights sum to one, so that moving commutes with the affine map between the two patches
    torch.testing.assert_close(moved.degraded, moved.sharp * 0.5 + 0.2, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", GEOMETRIC)
def test_planes_of_a_volume_move_together(name):
    flat = pair(shape=(6, 20, 20))
    volume = Pair(flat.degraded.view(2, 3, 20, 20), flat.sharp.view(2, 3, 20, 20))
    for seed in range(5):
        expected = apply(name, seed, flat)
        torch.testing.assert_close(apply(name, seed, volume).sharp.reshape(6, 20, 20), expected.sharp)


@pytest.mark.parametrize("name", HARMFUL)
def test_what_harms_leaves_the_truth_alone(name):
    given = pair()
    harmed = apply(name, 1, given, chance=1.0)
    assert harmed.sharp is given.sharp
    assert not torch.equal(harmed.degraded, given.degraded)
    assert torch.equal(given.degraded, pair().degraded)  # not in place


def test_rotation_agrees_with_scipy():
    y, x = np.mgrid[:33, :33] - 16.0
    smooth = np.exp(-((y - 3) ** 2 + (x + 4) ** 2) / 40).astype(np.float32)[None]
    turned = ShiftScaleRotate._matrix(0.0, 0.0, 1.0, 10.0)
    ours = _resample(torch.from_numpy(smooth), turned).numpy()[0]
    theirs = ndimage.rotate(smooth[0], 10, reshape=False, order=3)
    np.testing.assert_allclose(ours[5:-5, 5:-5], theirs[5:-5, 5:-5], atol=0.01)


def test_chances():
    unmoved = sum(torch.equal(apply("shift-scale-rotate", seed, pair()).sharp, pair().sharp) for seed in range(200))
    assert 70 < unmoved < 130
    assert torch.equal(apply("flip", 0, pair(), horizontal=0.0, vertical=0.0).sharp, pair().sharp)
    up_stays_up = apply("flip", 0, pair(), horizontal=1.0, vertical=0.0)
    assert torch.equal(up_stays_up.sharp, pair().sharp.flip(-1))


def test_brightness_and_contrast_are_one_affine_map():
    changed = apply("brightness-contrast", 3, pair())
    (gain, offset), residual, *_ = np.polyfit(pair().sharp.ravel(), changed.sharp.ravel(), 1, full=True)
    assert residual < 1e-9
    assert 0.8 <= gain <= 1.2
    torch.testing.assert_close(changed.degraded, pair().degraded * gain + offset, atol=1e-5, rtol=0)


def test_color_jitter_is_torchvisions():
    gray = Pair(*(torch.full((3, 8, 8), 0.4),) * 2)
    torch.testing.assert_close(apply("color-jitter", 0, gray, chance=1.0).sharp, gray.sharp)  # gray has no color
    whole = apply("color-jitter", 0, pair(), saturation=0.0, hue=0.5, chance=1.0)
    turned = [vision.adjust_hue(pair().sharp, hue) for hue in np.linspace(-0.5, 0.5, 201)]
    assert min(float((whole.sharp - one).abs().max()) for one in turned) < 0.05
    with pytest.raises(InputError, match=r"expected \(3, Y, X\)"):
        apply("color-jitter", 0, pair(shape=(1, 8, 8)))


def test_names_and_arguments_are_checked():
    for wrong, message in [
        ([{"name": "flipp"}], "did you mean 'flip'"),
        ([{"name": "noise", "arguments": {"deviatoin": [0, 1]}}], "did you mean 'deviation'"),
        ([{"name": "noise", "arguments": {"deviation": [1, 0]}}], "the smaller first"),
        ([{"name": "flip", "argument": {}}], "unknown key 'argument'"),
        ([{"name": "flip", "arguments": {"vertical": 2.0}}], "chance from 0 to 1"),
    ]:
        with pytest.raises(InputError, match=message):
            build_augmentations(wrong)


class Source:
    def __len__(self) -> int:
        return 3

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        return pair(index, (3, patch, patch))


def test_a_source_is_augmented_in_the_order_given():
    names = ["flip", "quarter-turn", "noise"]
    augmented = Augmented(Source(), build_augmentations([{"name": name} for name in names]))
    assert len(augmented) == 3
    drawn, rng = augmented.draw(1, 12, np.random.default_rng(5)), np.random.default_rng(5)
    expected = pair(1, (3, 12, 12))
    for augmentation in build_augmentations([{"name": name} for name in names]):
        expected = augmentation.apply(expected, rng)
    assert torch.equal(drawn.degraded, expected.degraded)
    assert drawn.sharp.is_contiguous()
