import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from gan_lessons.degradations import DefocusBlur, GaussianBlur, Microscope, PSFBlur, convolve
from gan_lessons.errors import InputError

sizes = st.integers(1, 12)
odd = st.sampled_from([1, 3, 5, 7])


@given(st.tuples(sizes, sizes), st.tuples(odd, odd), st.sampled_from(["reflect", "nearest"]), st.integers(0, 9))
def test_convolve_equals_scipy_in_2d(shape, kernel_shape, boundary, seed):
    rng = np.random.default_rng(seed)
    image, kernel = rng.random(shape), rng.random(kernel_shape)
    expected = ndimage.convolve(image, kernel, mode=boundary)
    np.testing.assert_allclose(convolve(image, kernel, boundary), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("boundary", ["reflect", "nearest"])
def test_convolve_equals_scipy_in_3d(boundary):
    rng = np.random.default_rng(0)
    image, kernel = rng.random((6, 17, 20)).astype(np.float32), rng.random((5, 3, 9))
    expected = ndimage.convolve(image.astype(float), kernel, mode=boundary)
    np.testing.assert_allclose(convolve(image, kernel, boundary), expected, rtol=1e-5)


def test_a_large_offset_costs_no_digits():
    image = np.random.default_rng(0).random((33, 40))
    kernel = GaussianBlur((2.0, 2.0)).kernel()
    moved = convolve(image + 60000, kernel) - np.float32(60000)
    np.testing.assert_allclose(moved, convolve(image, kernel), atol=60000 * 2.0**-23)


def test_leading_axes_are_independent():
    rng = np.random.default_rng(0)
    image, kernel = rng.random((2, 3, 16, 15)), rng.random((5, 7))
    blurred = convolve(image, kernel)
    assert blurred.shape == image.shape
    assert blurred.dtype == np.float32
    for index in np.ndindex(2, 3):
        np.testing.assert_allclose(blurred[index], convolve(image[index], kernel), rtol=1e-5)


def test_nothing_wraps_around():
    image = np.zeros((40, 40))
    image[:, -1] = 1
    blurred = convolve(image, GaussianBlur((2.0, 2.0)).kernel())
    assert np.abs(blurred[:, :20]).max() < 1e-6
    assert np.ptp(blurred[:, -1]) < 1e-6  # the mirror keeps a uniform edge uniform


def test_an_even_kernel_is_refused():
    with pytest.raises(ValueError, match="no middle"):
        convolve(np.zeros((5, 5)), np.ones((2, 3)))


@pytest.mark.parametrize("sigma", [(1.0, 1.0), (0.7, 2.5), (0.0, 1.2), (1.0, 0.8, 2.0)])
def test_gaussian_has_its_width(sigma):
    kernel = GaussianBlur(sigma).kernel().astype(np.float64)
    assert kernel.sum() == pytest.approx(1, abs=1e-6)
    for axis, s in enumerate(sigma):
        x = np.arange(kernel.shape[axis]) - kernel.shape[axis] // 2
        profile = kernel.sum(axis=tuple(a for a in range(kernel.ndim) if a != axis))
        assert profile @ x == pytest.approx(0, abs=1e-6)
        assert profile @ x**2 == pytest.approx(s**2 + (s > 0) / 12, rel=5e-3)  # a pixel's own width adds


@given(st.floats(0.5, 12))
def test_disc_covers_each_pixel_by_its_overlap_with_a_circle(radius):
    kernel = DefocusBlur(radius).kernel().astype(np.float64)
    half = kernel.shape[0] // 2
    steps = 400  # a pixel, along x
    x = (np.arange(kernel.shape[1] * steps) + 0.5) / steps - half - 0.5
    height = np.sqrt(np.maximum(radius**2 - x**2, 0))
    edges = np.arange(-half, half + 2)[:, None] - 0.5
    below = np.clip(height, edges[:-1], edges[1:]) - np.clip(-height, edges[:-1], edges[1:])
    overlap = below.reshape(kernel.shape[0], kernel.shape[1], steps).mean(axis=2)
    assert overlap.sum() == pytest.approx(np.pi * radius**2, rel=1e-3)
    np.testing.assert_allclose(kernel, overlap / overlap.sum(), atol=0.01 * kernel.max())


def test_a_psf_blurs_a_point_to_itself():
    psf = Microscope(1.2, 520, 0.1, 0.3, immersion_index=1.33).psf_3d(5)
    image = np.zeros((5, 71, 71))
    image[2, 35, 35] = 10
    blurred = PSFBlur(psf).apply(image)
    half = psf.shape[1] // 2
    np.testing.assert_allclose(blurred[:, 35 - half : 36 + half, 35 - half : 36 + half], 10 * psf, atol=1e-6)


@pytest.mark.parametrize(
    "wrong", [lambda: GaussianBlur((1.0,)), lambda: GaussianBlur((-1.0, 1.0)), lambda: DefocusBlur(-2)]
)
def test_wrong_parameters_are_told(wrong):
    with pytest.raises(InputError, match="expected"):
        wrong()
