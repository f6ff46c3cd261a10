"""PSNR and SSIM against torchmetrics, which has code of its own."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from gan_lessons.errors import InputError
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    truth = rng.gamma(0.5, 100, (3, 40, 51))
    return truth + rng.normal(0, 10, truth.shape), truth


def test_psnr_equals_torchmetrics(pair):
    image, truth = pair
    oracle = peak_signal_noise_ratio(torch.tensor(image), torch.tensor(truth), data_range=200.0)
    assert psnr(image, truth, 200.0) == pytest.approx(oracle.item(), abs=1e-5)  # its range is float32


def test_psnr_of_integers_doesnt_wrap():
    assert psnr(np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8), 255.0) == pytest.approx(0.0)


def test_psnr_of_equals_is_infinite(pair):
    assert psnr(pair[1], pair[1], 1.0) == np.inf


def test_ssim_equals_torchmetrics(pair):
    image, truth = pair
    # torchmetrics averages over its reflected border too: its map without it is the paper's.
    _, full = structural_similarity_index_measure(
        torch.tensor(image)[:, None], torch.tensor(truth)[:, None], data_range=200.0, return_full_image=True
    )
    assert ssim(image, truth, 200.0) == pytest.approx(full[..., 5:-5, 5:-5].mean().item(), abs=1e-9)


def test_ssim_of_a_stack_is_the_mean_of_its_planes(pair):
    image, truth = pair
    planes = [ssim(i, t, 200.0) for i, t in zip(image, truth, strict=True)]
    assert ssim(image, truth, 200.0) == pytest.approx(np.mean(planes))
    assert ssim(truth, truth, 200.0) == pytest.approx(1.0)


def test_photon_range_ignores_a_few_bright_pixels():
    truth = np.full((100, 100), 5.0)
    truth[:50] = 2.0
    truth[0, 0] = 1e9
    assert photon_range(truth) == pytest.approx(3.0)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_what_cant_be_compared(metric, pair):
    image, truth = pair
    with pytest.raises(InputError, match="same shape"):
        metric(image[:, 1:], truth, 1.0)
    with pytest.raises(InputError, match="data_range is 0"):
        metric(image, truth, 0.0)


def test_ssim_needs_a_window():
    with pytest.raises(InputError, match="at least 11×11"):
        ssim(np.ones((10, 30)), np.ones((10, 30)), 1.0)
