from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from gan_lessons.data.demo import Scene
from gan_lessons.degradations import GaussianBlur, convolve
from gan_lessons.generators import build_generator
from gan_lessons.image import Image
from gan_lessons.restoration.comparison import compare
from gan_lessons.zoo import Card, Model, save_model


def scene(model: str, gamma: float = 1.0) -> Scene:
    """A few points, blurred, nearly without noise."""
    rng = np.random.default_rng(0)
    light = np.zeros((40, 40, 3), np.float32)
    light[rng.integers(5, 35, 12), rng.integers(5, 35, 12)] = 1.0
    light += 0.05
    psf = GaussianBlur(sigma_px=(1.2, 1.2)).kernel()
    blurred = np.moveaxis(convolve(np.moveaxis(light, -1, 0), psf), 0, -1)
    stored = (blurred * rng.normal(1, 0.01, light.shape)).clip(0) ** (1 / gamma)
    return Scene("points", "", model, light ** (1 / gamma), Image(stored.astype(np.float32), "YXS"), psf, gamma=gamma)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("model") / "identity.safetensors"
    arguments = {"in_channels": 3, "out_channels": 3, "widths": [8, 8]}
    save_model(
        Model(build_generator("unshuffle-unet", **arguments), Card("i", "", "unshuffle-unet", arguments, "YXC")), path
    )
    return str(path)


@pytest.mark.parametrize("gamma", [1.0, 2.2])
def test_distances_from_the_truth(model: str, gamma: float) -> None:
    points = scene(model, gamma)
    results = {result.method: result for result in compare(points)}
    assert list(results) == ["blurred", "Wiener", "Richardson–Lucy", "restored"]
    span = np.percentile(points.truth, 99.9) - points.truth.min()
    expected = peak_signal_noise_ratio(points.truth, points.degraded.data, data_range=span)
    assert results["blurred"].psnr == pytest.approx(expected)
    assert results["restored"].psnr == pytest.approx(expected, abs=1e-3)  # an untrained model returns its input
    if gamma == 1.0:  # of light, Wiener spoils the darkest values, and those are what a photograph spreads
        assert results["Wiener"].psnr > expected + 0.5
    assert results["Richardson–Lucy"].psnr > expected + 1
    assert set(results["Wiener"].row()) == {"image", "method", "setting", "psnr", "ssim", "seconds"}


def test_picture_and_table(model: str, tmp_path: Path) -> None:
    from PIL import Image as Picture

    from gan_lessons.cli.figure import draw_comparison

    points = scene(model)
    draw_comparison([(points, list(compare(points)))], tmp_path / "comparison.png")
    with Picture.open(tmp_path / "comparison.png") as picture:
        assert picture.size[0] > 1000
