import numpy as np
import pytest
import torch

from gan_lessons.errors import InputError
from gan_lessons.losses import build_loss
from gan_lessons.losses.content import charbonnier, l1, mse

ERROR = torch.tensor([[[[3.0, 0.0]]], [[[0.0, 0.0]]]])
NONE = torch.zeros_like(ERROR)


def test_by_hand():
    torch.testing.assert_close(l1(ERROR, NONE), torch.tensor([1.5, 0.0]))
    torch.testing.assert_close(mse(ERROR, NONE), torch.tensor([4.5, 0.0]))
    expected = torch.tensor([(np.hypot(3, 4) - 4) / 2, 0.0], dtype=torch.float32)
    torch.testing.assert_close(charbonnier(ERROR, NONE, 4.0), expected)


def test_charbonnier_is_quadratic_for_small_errors_and_absolute_for_large():
    error = torch.tensor([[[[1e-3]]]], dtype=torch.float64)
    assert charbonnier(error, 0 * error, 1.0).item() == pytest.approx(0.5e-6, rel=1e-6)
    assert charbonnier(error, 0 * error, 1e-9).item() == pytest.approx(1e-3, rel=1e-5)


def test_charbonnier_refuses_an_epsilon_without_a_gradient_at_equality():
    with pytest.raises(InputError, match="epsilon is 0; expected a positive number"):
        build_loss("charbonnier", epsilon=0)(NONE, NONE)


@pytest.mark.parametrize("name", ["cycle", "identity"])
def test_cycle_and_identity_are_absolute_errors(name):
    x, y = torch.rand(2, 3, 5, 4), torch.rand(2, 3, 5, 4)
    assert build_loss(name)(x, y).item() == pytest.approx(np.abs(x.numpy() - y.numpy()).mean())
