"""The formulas of Zero-DCE in plain loops, beside values worked out by hand."""

import numpy as np
import pytest
import torch

from gan_lessons.errors import InputError
from gan_lessons.losses import WeightedSum, build_loss
from gan_lessons.losses.low_light import (
    ZERO_DCE_WEIGHTS,
    color_constancy,
    exposure,
    illumination_smoothness,
    spatial_consistency,
)

RNG = np.random.default_rng(0)


def test_exposure_by_hand():
    image = torch.full((1, 3, 16, 32), 0.25)
    image[..., 16:] = 1.0
    assert exposure(image, 0.5).item() == pytest.approx((0.25 + 0.5) / 2)


def test_exposure_averages_before_it_compares():
    """A checkerboard of black and 1.2 is exposed at 0.6 in every patch."""
    board = 1.2 * (torch.arange(16).view(16, 1) + torch.arange(32)).remainder(2).view(1, 1, 16, 32)
    assert exposure(board).item() == pytest.approx(0, abs=1e-6)


def test_exposure_of_patches_cut_by_the_border():
    image = torch.zeros(1, 1, 16, 17)
    image[..., 16] = 1.0
    assert exposure(image, 0.0).item() == pytest.approx(0.5)


def loops_of_spatial_consistency(image: np.ndarray, source: np.ndarray) -> float:
    after, before = (x.mean(0).reshape(x.shape[1] // 4, 4, x.shape[2] // 4, 4).mean((1, 3)) for x in (image, source))
    rows, columns = after.shape
    total = 0.0
    for i in range(rows):
        for j in range(columns):
            for k, m in [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]:
                if 0 <= k < rows and 0 <= m < columns:
                    total += (abs(after[i, j] - after[k, m]) - abs(before[i, j] - before[k, m])) ** 2
    return total / (rows * columns)


@pytest.mark.parametrize("shape", [(3, 12, 20), (1, 8, 4), (5, 16, 16)])
def test_spatial_consistency_as_loops(shape):
    image, source = RNG.random((2, *shape))
    ours = spatial_consistency(torch.from_numpy(image)[None], torch.from_numpy(source)[None])
    assert ours.item() == pytest.approx(loops_of_spatial_consistency(image, source))


def test_an_inverted_image_keeps_its_contrast():
    image = torch.rand(1, 3, 12, 12, dtype=torch.float64)
    assert spatial_consistency(1 - image, image).item() == pytest.approx(0, abs=1e-15)


def test_color_constancy_as_the_sum_over_pairs():
    image = RNG.random((2, 3, 4, 5))
    red, green, blue = image.mean((2, 3)).T
    expected = (red - green) ** 2 + (red - blue) ** 2 + (green - blue) ** 2
    np.testing.assert_allclose(color_constancy(torch.from_numpy(image)), expected)


def loops_of_smoothness(curves: np.ndarray, iterations: int) -> float:
    total = 0.0
    for plane in curves:
        for i in range(plane.shape[0]):
            for j in range(plane.shape[1]):
                down = abs(plane[i + 1, j] - plane[i, j]) if i + 1 < plane.shape[0] else 0
                right = abs(plane[i, j + 1] - plane[i, j]) if j + 1 < plane.shape[1] else 0
                total += (down + right) ** 2 / plane.size
    return total / iterations


@pytest.mark.parametrize(("shape", "iterations"), [((24, 5, 4), 8), ((6, 3, 3), 2), ((1, 1, 7), 1)])
def test_illumination_smoothness_as_loops(shape, iterations):
    curves = RNG.random(shape)
    ours = illumination_smoothness(torch.from_numpy(curves)[None], iterations)
    assert ours.item() == pytest.approx(loops_of_smoothness(curves, iterations))


def test_curves_must_divide_into_iterations():
    with pytest.raises(InputError, match="20 maps don't divide into 8 iterations"):
        illumination_smoothness(torch.zeros(1, 20, 4, 4))


def test_the_papers_sum():
    image, source, curves = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32), torch.rand(1, 24, 32, 32)
    total, terms = WeightedSum(ZERO_DCE_WEIGHTS)(image, source=source, curves=curves)
    by_hand = 200 * terms["illumination-smoothness"] + terms["spatial-consistency"]
    by_hand = by_hand + 5 * terms["color-constancy"] + 10 * terms["exposure"]
    torch.testing.assert_close(total, by_hand)
    assert build_loss("exposure").patch == 16
    assert build_loss("exposure").level == 0.6
