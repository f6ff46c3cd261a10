"""What every degradation promises: the protocol in the room's docstring."""

import numpy as np
import pytest

from gan_lessons.degradations import (
    CameraShake,
    DefocusBlur,
    GaussianBlur,
    LinearMotion,
    Microscope,
    PoissonGaussian,
    PSFBlur,
    SensorBlur,
    TurbulenceBlur,
    TurbulenceWarp,
)

BLURS = [
    CameraShake(10),
    DefocusBlur(2.5),
    GaussianBlur((1.0, 2.0)),
    LinearMotion(7.5, 30),
    PSFBlur(Microscope(0.5, 520, 0.3).psf_2d()),
    SensorBlur(0.2),
    TurbulenceBlur(3, 5),
]
VOLUME_BLURS = [
    GaussianBlur((1.0, 1.0, 2.0)),
    PSFBlur(Microscope(1.2, 520, 0.1, 0.3, immersion_index=1.33).psf_3d(5)),
]
OTHERS = [PoissonGaussian(photons=100, read_noise=2), TurbulenceWarp(1.0, 4)]


def name(degradation):
    return f"{type(degradation).__name__}-{getattr(degradation, 'sigma_px', '')}"


@pytest.mark.parametrize("degradation", BLURS + VOLUME_BLURS + OTHERS, ids=name)
@pytest.mark.parametrize("shape", [(3, 1, 1), (4, 33, 20), (2, 3, 16, 17)])
@pytest.mark.parametrize("dtype", [np.uint8, ">u2", np.float64])
def test_an_image_stays_an_image(degradation, shape, dtype):
    image = np.random.default_rng(0).integers(0, 200, shape).astype(dtype)
    kept = image.copy()
    first = degradation.apply(image, np.random.default_rng(1))
    again = degradation.apply(image, np.random.default_rng(1))
    assert first.shape == shape
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    assert first.tobytes() == again.tobytes()
    np.testing.assert_array_equal(image, kept)


@pytest.mark.parametrize("blur", BLURS + VOLUME_BLURS, ids=name)
def test_a_blur_keeps_constants_and_follows_gain_and_offset(blur):
    image = np.random.default_rng(0).random((5, 24, 31))
    plain, moved, flat = (
        blur.apply(x, np.random.default_rng(1)) for x in (image, 3 * image + 50, np.full((5, 24, 31), 7.0))
    )
    np.testing.assert_allclose(flat, 7, rtol=1e-6)
    np.testing.assert_allclose(moved, 3 * plain + 50, atol=2e-5)


@pytest.mark.parametrize("blur", BLURS + VOLUME_BLURS, ids=name)
def test_a_kernel_is_odd_and_has_sum_one(blur):
    kernel = blur.kernel(np.random.default_rng(0))
    assert all(size % 2 for size in kernel.shape)
    assert kernel.dtype == np.float32
    assert kernel.min() >= 0
    assert kernel.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
