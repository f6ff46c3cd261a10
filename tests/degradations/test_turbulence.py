import numpy as np
import pytest

from gan_lessons.degradations import TurbulenceBlur, TurbulenceWarp
from gan_lessons.errors import InputError


@pytest.mark.parametrize("aperture_cm", [None, 30.0])
@pytest.mark.parametrize("fried_cm", [1.0, 3.0, 10.0, 100.0])
def test_a_kernel_is_centered_and_keeps_flux(fried_cm, aperture_cm):
    kernel = TurbulenceBlur(fried_cm, pixel_urad=5, aperture_cm=aperture_cm).kernel()
    middle = kernel.shape[0] // 2
    assert kernel.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    assert kernel.min() >= 0
    assert kernel[middle, middle] == kernel.max()
    np.testing.assert_allclose(kernel, kernel.T, atol=1e-6)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-6)


def test_a_long_exposure_has_frieds_transfer_function():
    blur = TurbulenceBlur(fried_cm=2, pixel_urad=5, wavelength_nm=550)
    kernel = blur.kernel().astype(np.float64)
    offset = np.arange(kernel.shape[1]) - kernel.shape[1] // 2
    for cycles_per_pixel in (0.05, 0.1, 0.2):
        measured = kernel.sum(axis=0) @ np.cos(2 * np.pi * cycles_per_pixel * offset)
        angle = cycles_per_pixel / 5e-6  # cycles a radian
        assert measured == pytest.approx(np.exp(-3.44 * (550e-9 * angle / 0.02) ** (5 / 3)), abs=0.006)
    assert blur.seeing_px == pytest.approx(0.976 * 550e-9 / 0.02 / 5e-6)


def test_a_short_exposure_is_sharper():
    long, short = (TurbulenceBlur(3, 5, aperture_cm=aperture).kernel() for aperture in (None, 30.0))
    assert short.max() > 1.5 * long.max()


def test_a_warp_has_its_deviation_and_keeps_a_constant():
    warp = TurbulenceWarp(rms_px=1.5, correlation_px=3)
    rng = np.random.default_rng(0)
    displacement = warp.displacement((300, 300), rng)
    np.testing.assert_allclose(displacement.std(axis=(1, 2)), 1.5, rtol=0.05)
    np.testing.assert_allclose(warp.apply(np.full((2, 20, 30), 7.0), rng), 7, rtol=1e-5)


def test_a_warp_moves_a_ramp_by_its_displacement():
    warp = TurbulenceWarp(rms_px=0.5, correlation_px=5)
    ramp = np.broadcast_to(np.arange(60.0), (3, 40, 60))
    moved = warp.apply(ramp, np.random.default_rng(4))
    expected = ramp + warp.displacement((40, 60), np.random.default_rng(4))[1]
    np.testing.assert_allclose(moved[:, :, 8:-8], expected[:, :, 8:-8], atol=2e-3)
    np.testing.assert_array_equal(moved[0], moved[2])


def test_no_warp_is_the_image():
    image = np.random.default_rng(0).random((9, 11)).astype(np.float32)
    np.testing.assert_allclose(TurbulenceWarp(0.0).apply(image, np.random.default_rng(0)), image, atol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: TurbulenceBlur(0, 5), "fried_cm is 0"),
        (lambda: TurbulenceBlur(2, float("nan")), "pixel_urad is nan"),
        (lambda: TurbulenceBlur(0.1, 5), "pixels wide"),
        (lambda: TurbulenceWarp(-1), "rms_px ≥ 0"),
        (lambda: TurbulenceWarp(1, 0), "correlation_px ≥ 1"),
    ],
)
def test_wrong_parameters_are_told(wrong, message):
    with pytest.raises(InputError, match=message):
        wrong()
