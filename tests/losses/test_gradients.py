import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from torchmetrics.functional.image import total_variation as torchmetrics_total_variation

from gan_lessons.losses.gradients import edge, gradient_difference, laplacian, total_variation


def test_total_variation_equals_torchmetrics():
    image = torch.rand(2, 3, 9, 7, dtype=torch.float64)
    theirs = torchmetrics_total_variation(image, reduction="none") / image[0].numel()
    torch.testing.assert_close(total_variation(image), theirs)


def test_total_variation_of_a_volume_by_hand():
    steps = torch.tensor([1.0, 2.0, 4.0]).view(1, 1, 3, 1, 1).expand(1, 1, 3, 2, 5)
    assert total_variation(steps).item() == pytest.approx(3 / 3)


@given(offset=st.floats(-100, 100), height=st.integers(1, 8), width=st.integers(1, 8))
def test_an_offset_is_not_seen(offset, height, width):
    image = torch.rand(1, 2, height, width, dtype=torch.float64)
    assert gradient_difference(image, image + offset).item() == pytest.approx(0, abs=1e-10)
    assert edge(image, image + offset).item() == pytest.approx(0, abs=1e-10)
    assert total_variation(image + offset).item() == pytest.approx(total_variation(image).item())


@pytest.mark.parametrize("shape", [(6, 5), (1, 4), (4, 3, 5)])
def test_laplacian_equals_scipy(shape):
    image = np.random.default_rng(0).random(shape)
    ours = laplacian(torch.from_numpy(image)[None, None])[0, 0]
    np.testing.assert_allclose(ours, ndimage.laplace(image, mode="nearest"), atol=1e-12)


def test_edge_by_hand():
    """The Laplacian of a spike of 3 is 3, -6, 3, then Charbonnier with ε = 4."""
    image = torch.zeros(1, 1, 1, 5)
    image[..., 2] = 3
    expected = (2 * (np.hypot(3, 4) - 4) + (np.hypot(6, 4) - 4)) / 5
    assert edge(image, torch.zeros_like(image), 4.0).item() == pytest.approx(expected)


def test_gradient_difference_by_hand():
    image = torch.tensor([[[[0.0, 1.0, 0.0]]]])
    assert gradient_difference(image, -image).item() == pytest.approx((2 + 2) / 3)
