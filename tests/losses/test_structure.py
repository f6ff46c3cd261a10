import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from skimage.metrics import structural_similarity
from torchmetrics.functional.image import structural_similarity_index_measure

from gan_lessons.errors import InputError
from gan_lessons.losses.structure import multiscale_dissimilarity, structural_dissimilarity


def pair(*shape: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    truth = rng.random(shape)
    return torch.from_numpy(0.7 * truth + 0.3 * rng.random(shape)), torch.from_numpy(truth)


def test_ssim_equals_scikit_image():
    image, truth = pair(2, 3, 40, 30)
    ours = structural_dissimilarity(image, truth)
    for n in range(2):
        theirs = np.mean([_ssim(image[n, c].numpy(), truth[n, c].numpy()) for c in range(3)])
        assert 1 - ours[n].item() == pytest.approx(theirs, abs=1e-10)


def _ssim(a, b):
    options = {"data_range": 1, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "full": True}
    return structural_similarity(a, b, **options)[1][5:-5, 5:-5].mean()


@pytest.mark.parametrize("shape", [(2, 3, 20, 31), (2, 1, 12, 13, 14)])
def test_ssim_equals_torchmetrics(shape):
    """Its mean takes reflected borders in; the map without them is ours."""
    image, truth = pair(*shape)
    options = {"data_range": 5.0, "reduction": "none", "return_full_image": True}
    _, full = structural_similarity_index_measure(5 * image, 5 * truth, **options)
    inner = full[(..., *(slice(5, -5) for _ in shape[2:]))].flatten(1).mean(1)
    torch.testing.assert_close(1 - structural_dissimilarity(5 * image, 5 * truth, 5.0), inner, rtol=0, atol=1e-7)


def formula_of_multiscale(x: np.ndarray, y: np.ndarray) -> float:
    """Wang et al. 2003 in float64 with scipy's filters: two gray planes in [0, 1]."""

    def window(image):
        return ndimage.gaussian_filter(image, 1.5, truncate=3.5)[5:-5, 5:-5]

    def halved(image):
        rows, columns = image.shape[0] // 2, image.shape[1] // 2
        return image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean((1, 3))

    result = 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        x, y = (halved(x), halved(y)) if scale else (x, y)
        mean_x, mean_y = window(x), window(y)
        variance_x, variance_y = window(x * x) - mean_x**2, window(y * y) - mean_y**2
        seen = (2 * (window(x * y) - mean_x * mean_y) + 0.03**2) / (variance_x + variance_y + 0.03**2)
        if scale == 4:
            seen = seen * (2 * mean_x * mean_y + 0.01**2) / (mean_x**2 + mean_y**2 + 0.01**2)
        result *= seen.mean() ** weight
    return result


@pytest.mark.parametrize("shape", [(2, 3, 180, 177), (1, 1, 176, 200)])
def test_multiscale_equals_its_formula(shape):
    image, truth = pair(*shape)
    ours = 1 - multiscale_dissimilarity(image, truth)
    for n in range(shape[0]):
        gray = [formula_of_multiscale(image[n, c].numpy(), truth[n, c].numpy()) for c in range(shape[1])]
        assert ours[n].item() == pytest.approx(np.mean(gray), abs=1e-10)


def test_one_scale_is_ssim():
    image, truth = pair(2, 1, 15, 11)
    one = multiscale_dissimilarity(image, truth, weights=(1.0,))
    torch.testing.assert_close(one, structural_dissimilarity(image, truth))


def test_an_inverted_image_has_a_finite_gradient():
    truth = pair(1, 1, 44, 44)[1]
    image = (1 - truth).requires_grad_()
    value = multiscale_dissimilarity(image, truth, weights=(0.5, 0.5))
    assert 0.99 < value.item() <= 1
    assert torch.autograd.grad(value, image)[0].isfinite().all()


def test_two_constant_images_by_hand():
    """No structure: what is left is (2·x·y + c1) / (x² + y² + c1)."""
    x, y = torch.full((1, 1, 11, 11), 0.2, dtype=torch.float64), torch.full((1, 1, 11, 11), 0.6, dtype=torch.float64)
    expected = 1 - (2 * 0.12 + 1e-4) / (0.04 + 0.36 + 1e-4)
    assert structural_dissimilarity(x, y).item() == pytest.approx(expected, abs=1e-10)


@given(gain=st.floats(0.01, 1e4), seed=st.integers(0, 20))
def test_units_with_their_range_change_nothing(gain, seed):
    image, truth = pair(1, 2, 12, 14, seed=seed)
    scaled = structural_dissimilarity(gain * image, gain * truth, gain)
    torch.testing.assert_close(scaled, structural_dissimilarity(image, truth))


@given(height=st.integers(11, 30), width=st.integers(11, 30), seed=st.integers(0, 20))
def test_within_bounds_at_any_size(height, width, seed):
    image, truth = pair(1, 1, height, width, seed=seed)
    assert 0 <= structural_dissimilarity(image - 0.5, truth - 0.5).item() <= 2
    assert structural_dissimilarity(image, image).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("data_range", [0.0, -1.0, float("nan")])
def test_a_range_must_be_positive(data_range):
    with pytest.raises(InputError, match="expected a positive number"):
        structural_dissimilarity(*pair(1, 1, 11, 11), data_range)


def test_no_scales_are_refused():
    with pytest.raises(InputError, match="at least one weight"):
        multiscale_dissimilarity(*pair(1, 1, 11, 11), weights=())
