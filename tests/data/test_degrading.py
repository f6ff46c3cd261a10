"""Degradations by name: ranges, physics, and patches that see what lies around them."""

from __future__ import annotations

import numpy as np
import pytest

from gan_lessons.data import open_pairs
from gan_lessons.data.degrading import KINDS, RandomDegradation
from gan_lessons.degradations import GaussianBlur, convolve
from gan_lessons.errors import InputError


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", KINDS)
def test_drawn_parameters_are_in_range_and_the_kernel_keeps_the_light(name):
    for seed in range(3):
        drawn = RandomDegradation(name).draw(rng(seed))
        assert drawn.parameters.keys() == KINDS[name].ranges.keys()
        for parameter, value in drawn.parameters.items():
            low, high = KINDS[name].ranges[parameter]
            assert low <= value <= high * (1 + 1e-9)
        assert drawn.kernel.sum() == pytest.approx(1, abs=1e-4)
        flat = drawn.apply(np.full((2, 1, 40, 40), 0.5, np.float32), rng())
        assert flat.mean() == pytest.approx(0.5, abs=0.05)


def test_photographs_are_blurred_in_light():
    drawn = RandomDegradation("defocus", {"radius_px": 3}).draw(rng())
    image = rng().random((1, 1, 30, 30), dtype=np.float32)
    expected = convolve(image.astype(np.float64) ** 2.2, drawn.kernel) ** (1 / 2.2)
    np.testing.assert_allclose(drawn.apply(image, rng()), expected, atol=1e-3)


def test_photons_are_those_of_white():
    quiet = RandomDegradation("gaussian", {"sigma_px": 0, "photons": 400}).draw(rng())
    noisy = quiet.apply(np.full((1, 1, 200, 200), 0.25, np.float32), rng())
    assert noisy.mean() == pytest.approx(0.25, rel=0.01)
    assert noisy.std() == pytest.approx(np.sqrt(100) / 400, rel=0.03)  # a quarter of white: 100 photons


def test_wrong_ranges_are_named():
    for ranges, message in [
        ({"radius": 2}, "did you mean 'radius_px'"),
        ({"radius_px": (3, 1)}, "the smaller first"),
        ({"radius_px": (0, float("inf"))}, "expected the smaller first"),
    ]:
        with pytest.raises(InputError, match=message):
            RandomDegradation("defocus", ranges)


def test_a_patch_sees_what_lies_around_it(tmp_path, write):
    """No mirror at the patch's own border: it equals a window of the whole picture, blurred."""
    stored = rng(3).integers(0, 255, (90, 90), dtype=np.uint8)
    write("one.png", data=stored)
    pairs = open_pairs(tmp_path, degradation="gaussian", ranges={"sigma_px": 2})
    blurred = convolve(stored / 255.0, GaussianBlur((2, 2)).kernel())
    windows = np.lib.stride_tricks.sliding_window_view(blurred, (24, 24))
    for seed in range(5):
        patch = pairs.draw(0, 24, rng(seed)).degraded[0].numpy()
        assert np.abs(windows - patch).max((2, 3)).min() < 1e-5


def test_a_stack_is_blurred_in_three_dimensions():
    drawn = RandomDegradation("microscope").draw(rng(), planes=9)
    assert drawn.kernel.ndim == 3
    assert drawn.reach[0] > 0
