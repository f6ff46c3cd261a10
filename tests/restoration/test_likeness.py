import dataclasses
import warnings

import numpy as np
import pytest

from gan_lessons import restore
from gan_lessons.errors import InputWarning
from gan_lessons.restoration.likeness import traits


@pytest.mark.parametrize("deviation", [0.01, 0.1])
def test_noise_is_measured_on_a_scene(deviation):
    y, x = np.indices((200, 200))
    scene = 0.5 + 0.4 * np.sin(x / 9) * np.cos(y / 13)
    noisy = (scene + np.random.default_rng(0).normal(0, deviation, scene.shape)).astype(np.float32)
    assert traits(noisy)["noise"] == pytest.approx(deviation, rel=0.1)
    assert traits(noisy)["brightness"] == pytest.approx(0.5, abs=0.02)


def test_an_unlike_image_is_told_apart(plane_model):
    careful = dataclasses.replace(plane_model, card=dataclasses.replace(plane_model.card, seen={"noise": 0.05}))
    y, _ = np.indices((64, 64), np.float32)
    noisy = y + np.random.default_rng(0).normal(0, 10, y.shape).astype(np.float32)
    with pytest.warns(InputWarning, match="noisier than what .* learned from"):
        restore(noisy, careful, axes="YX")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        restore(y, careful, axes="YX")


def test_of_a_critic_is_warned(plane_model):
    judged = dataclasses.replace(plane_model, card=dataclasses.replace(plane_model.card, recipe={"critics": [{}]}))
    with pytest.warns(InputWarning, match="learned from a critic.*not to count or measure"):
        restore(np.ones((32, 32), np.float32), judged, axes="YX")
