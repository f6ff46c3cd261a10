import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import rgb2lab

from gan_lessons.losses.color import color_cast, color_consistency, rgb_to_lab


def grid(steps: int) -> np.ndarray:
    """All colors in steps, and dark ones below the curves' breaks."""
    values = np.concatenate([np.linspace(0, 1, steps), [1e-4, 0.003, 0.03, 0.04, 0.041]])
    return np.stack(np.meshgrid(values, values, values), -1).reshape(1, -1, 3)


def test_lab_equals_scikit_image():
    """Scikit-image rounds CIE's constants 841/108 and 216/24389 to 7.787 and 0.008856."""
    image = grid(11)
    ours = rgb_to_lab(torch.from_numpy(image).movedim(-1, 0)[None])[0].movedim(0, -1)
    np.testing.assert_allclose(ours, rgb2lab(image), atol=4e-4)


def test_lab_in_single_precision():
    image = grid(11).astype(np.float32)
    ours = rgb_to_lab(torch.from_numpy(image).movedim(-1, 0)[None])[0].movedim(0, -1)
    np.testing.assert_allclose(ours, rgb2lab(image.astype(np.float64)), atol=2e-3)


def test_lab_gradients_are_finite_at_black_and_beyond_white():
    image = torch.tensor([0.0, 1.0, 1.5, -0.5]).view(1, 1, 1, 4).expand(1, 3, 1, 4).clone().requires_grad_()
    rgb_to_lab(image).sum().backward()
    assert image.grad.isfinite().all()
    assert (image.grad != 0).any(1).all()  # nothing is clipped


def test_lab_against_finite_differences():
    image = torch.rand(1, 3, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(rgb_to_lab, image)


def test_color_terms_equal_scikit_image():
    x, y = np.random.default_rng(0).random((2, 2, 6, 5, 3))
    lab_x, lab_y = rgb2lab(x)[..., 1:], rgb2lab(y)[..., 1:]
    x, y = (torch.from_numpy(v).movedim(-1, 1) for v in (x, y))
    np.testing.assert_allclose(color_consistency(x, y), np.abs(lab_x - lab_y).mean((1, 2, 3)) / 100, atol=1e-5)
    shift = (lab_x - lab_y).mean((1, 2))
    np.testing.assert_allclose(color_cast(x, y), np.hypot(shift[:, 0], shift[:, 1]) / 100, atol=1e-5)


@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_grays_have_no_color(first, second):
    x, y = (torch.full((1, 3, 2, 2), v, dtype=torch.float64) for v in (first, second))
    assert color_consistency(x, y).item() == pytest.approx(0, abs=1e-4)
    assert color_cast(x, y).item() == pytest.approx(0, abs=1e-4)


def test_a_cast_does_not_see_where_colors_lie():
    image = torch.rand(1, 3, 4, 6, dtype=torch.float64)
    assert color_cast(image, image.flip(3)).item() == pytest.approx(0, abs=1e-10)
    assert color_consistency(image, image.flip(3)).item() > 0.1
