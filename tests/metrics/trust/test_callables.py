"""Disagreement and false structure, with restorations whose behavior is known by their formula."""

import numpy as np
import pytest
from scipy import ndimage

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust import disagreement, false_structure


def smooth(image):
    return ndimage.gaussian_filter(image, (0,) * (image.ndim - 2) + (1, 1))


def sharpen(image):
    return image + 3 * (image - smooth(image))


@pytest.mark.parametrize("shape", [(30, 41), (2, 33, 24)])
def test_a_restoration_that_doesnt_care_agrees_with_itself(shape):
    image = np.random.default_rng(0).random(shape)
    found = disagreement(lambda x: 3 * x - 1, image)
    assert len(found.views) == 12
    assert found.share < 1e-12
    assert disagreement(smooth, image).share < 0.05  # but for the border


def test_every_position_is_noticed():
    image = np.random.default_rng(0).random((32, 40))
    slanted = disagreement(lambda x: x + np.arange(x.shape[-1]), image, shifts=(), offsets=())
    assert slanted.views["mirrored, turned 0°"] == pytest.approx(np.sqrt(np.mean((39 - 2 * np.arange(40)) ** 2)))
    tiled = disagreement(lambda x: x + (np.arange(x.shape[-1]) // 8 % 2), image, turns=False, shifts=())
    assert tiled.views["tiles moved by 5, 3"] == pytest.approx(np.sqrt(3 / 8))  # of every eight columns three change
    assert tiled.spread > 0
    pixels = disagreement(lambda x: np.where(x > np.roll(x, 1, -1), x, 0), image, turns=False, offsets=())
    assert pixels.views["shifted by 0, 0.5"] > 0.1


def test_gaps_are_left_out_of_the_disagreement():
    image = np.random.default_rng(0).random((32, 32))
    image[3, 4] = np.nan
    found = disagreement(smooth, image)
    assert np.isnan(found.map[3, 4])
    assert np.isfinite(found.map).sum() == image.size - 1
    assert np.isfinite(found.spread)


def test_blank_fields():
    camera = PoissonGaussian(electrons_per_unit=2.0, read_noise=1.0)
    raw = camera.apply(np.full((128, 128), 30.0), np.random.default_rng(0))
    untouched = false_structure(lambda image: image, raw, noise=camera)
    assert untouched.count == 0
    assert untouched.noise_gain == pytest.approx(1, abs=0.02)
    doubled = false_structure(lambda image: 2 * image, raw, noise=camera)
    assert doubled.noise_gain == pytest.approx(2 * untouched.noise_gain)
    even = false_structure(smooth, raw, noise=camera)
    assert even.count == 0
    assert even.noise_gain == pytest.approx(1 / np.sqrt(4 * np.pi), rel=0.1)  # of a Gaussian of σ 1
    made_up = false_structure(sharpen, raw, noise=camera)
    assert made_up.count > 20
    assert made_up.per_megapixel == pytest.approx(made_up.count / made_up.map.size * 1e6)


def test_blank_fields_untouched_raise_alarms_no_more_often_than_stated():
    raw = np.random.default_rng(0).poisson(20, (64, 64)).astype(float)
    camera = PoissonGaussian(electrons_per_unit=1.0)
    alarms = [false_structure(lambda x: x, raw, noise=camera, seed=s).count > 0 for s in range(40)]
    assert sum(alarms) <= 5  # 2 expected at most; 6 or more have a probability of 1 %


def test_what_cant_be_run():
    image = np.random.default_rng(0).random((64, 64))
    with pytest.raises(InputError, match="expected the same shape"):
        disagreement(lambda x: x[..., 1:], image)
    with pytest.raises(InputError, match="no view"):
        disagreement(lambda x: x, image, turns=False, shifts=(), offsets=())
    with pytest.raises(InputError, match="32×32"):
        false_structure(lambda x: x, image[:20])
