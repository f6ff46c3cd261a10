from __future__ import annotations

import numpy as np
import pytest

from gan_lessons.data.demo import SCENES, make_scenes
from gan_lessons.degradations import convolve


@pytest.mark.parametrize("model", [name for name in SCENES if name != "fluo-3d"])
def test_scenes_are_what_they_say(model: str) -> None:
    for scene, again in zip(make_scenes(model), make_scenes(model), strict=True):
        image = scene.degraded
        np.testing.assert_array_equal(image.data, again.degraded.data)
        assert image.data.shape == scene.truth.shape
        color = image.axes.endswith("S")
        truth = np.moveaxis(scene.truth, -1, 0) if color else scene.truth
        stored = np.moveaxis(image.data, -1, 0) if color else image.data
        light = np.maximum(truth - scene.background, 0.0) ** scene.gamma
        expected = np.maximum(convolve(light, scene.psf), 0) ** (1 / scene.gamma) + scene.background
        error = stored - expected
        assert abs(error.mean()) < 0.01 * np.ptp(truth)
        assert error.std() < 0.15 * np.ptp(truth)


def test_a_model_without_scenes_has_none() -> None:
    assert make_scenes("somebody's") == []
