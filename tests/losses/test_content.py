import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from gan_lessons.losses.content import charbonnier, structural_dissimilarity


def test_charbonnier_by_hand():
    image = torch.tensor([[[[3.0, 0.0]]], [[[0.0, 0.0]]]])
    expected = torch.tensor([(np.hypot(3, 4) - 4) / 2, 0.0], dtype=torch.float32)
    torch.testing.assert_close(charbonnier(image, torch.zeros_like(image), 4.0), expected)


def test_ssim_equals_scikit_image():
    rng = np.random.default_rng(0)
    image, truth = rng.random((2, 3, 40, 30)), rng.random((2, 3, 40, 30))
    ours = structural_dissimilarity(torch.from_numpy(image), torch.from_numpy(truth))
    for n in range(2):
        theirs = np.mean([_ssim(image[n, c], truth[n, c]) for c in range(3)])
        assert 1 - ours[n].item() == pytest.approx(theirs, abs=1e-10)


def _ssim(a, b):
    options = {"data_range": 1, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "full": True}
    return structural_similarity(a, b, **options)[1][5:-5, 5:-5].mean()
