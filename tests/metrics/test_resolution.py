"""Resolution: spectra whose end is known, plain loops, and numbers of NanoPyx."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from gan_lessons.errors import InputError
from gan_lessons.metrics.decorrelation import decorrelation_analysis
from gan_lessons.metrics.fourier_ring import ONE_SEVENTH, fourier_ring_correlation, half_bit_threshold

# NanoPyx 2.1.5 on photographs of scikit-image, [:256, :256], behind a Gaussian of σ, each with noise of 0.01:
# resolution in pixels by DecorrAnalysis and by FIRECalculator.
NANOPYX = {
    ("camera.png", 1.0): (4.0246, 3.0818),
    ("camera.png", 2.0): (6.1683, 5.3271),
    ("camera.png", 3.0): (10.3614, 7.1445),
    ("brick.png", 1.0): (5.0515, 3.2882),
    ("brick.png", 2.0): (6.7782, 5.3734),
    ("brick.png", 3.0): (8.0951, 6.9545),
    ("grass.png", 1.0): (3.2184, 2.6327),
    ("grass.png", 2.0): (5.6624, 4.5252),
    ("grass.png", 3.0): (8.2381, 6.5145),
    ("gravel.png", 1.0): (3.3390, 2.8440),
    ("gravel.png", 2.0): (6.4305, 4.8282),
    ("gravel.png", 3.0): (8.9132, 6.5737),
    ("moon.png", 2.0): (7.8400, 6.1222),
    ("moon.png", 3.0): (10.0513, 8.5277),
}


def two_acquisitions(image, sigma):
    rng = np.random.default_rng(0)
    blurred = gaussian_filter(image[:256, :256], sigma, mode="reflect")
    return [blurred + rng.normal(0, 0.01, blurred.shape) for _ in range(2)]


@pytest.mark.parametrize("case", NANOPYX, ids=lambda case: f"{case[0]}-{case[1]}")
def test_near_nanopyx(case, photographs):
    """Rings: within 2 % (it samples circles and fits a curve). Decorrelation: within 11 %, median 3 %."""
    decorrelation, ring = NANOPYX[case]
    first, second = two_acquisitions(photographs[case[0]], case[1])
    assert fourier_ring_correlation(first, second).resolution() == pytest.approx(ring, rel=0.02)
    assert decorrelation_analysis(first).resolution == pytest.approx(decorrelation, rel=0.11)


def ring_by_loop(first, second, number):
    """The definition, without the symmetry of real transforms: one ring, a voxel at a time."""
    x, y = np.fft.fftn(first), np.fft.fftn(second)
    size = max(first.shape)
    cross = power_x = power_y = 0.0
    count = 0
    for index in np.ndindex(first.shape):
        frequency = [np.fft.fftfreq(n)[k] for n, k in zip(first.shape, index, strict=True)]
        if round(np.linalg.norm(frequency) * size) == number:
            cross += (x[index] * y[index].conjugate()).real
            power_x += abs(x[index]) ** 2
            power_y += abs(y[index]) ** 2
            count += 1
    return cross / np.sqrt(power_x * power_y), count


@pytest.mark.parametrize("shape", [(16, 16), (15, 18), (10, 12, 9)])
def test_rings_equal_a_loop(shape):
    rng = np.random.default_rng(0)
    images = [rng.random(shape) for _ in range(2)]
    faded = []
    for image in images:
        values = image - image.mean()
        for axis, n in enumerate(shape):
            place = np.arange(n) / (n - 1)
            edge = np.minimum(place, 1 - place)
            window = np.where(edge < 0.125, 0.5 * (1 - np.cos(np.pi * edge / 0.125)), 1.0)
            values = values * window.reshape([-1 if a == axis else 1 for a in range(len(shape))])
        faded.append(values)
    found = fourier_ring_correlation(*images)
    for number in (1, 3, 5):
        expected, count = ring_by_loop(*faded, number)
        assert found.frequency[number - 1] == pytest.approx(number / max(shape))
        assert found.correlation[number - 1] == pytest.approx(expected, abs=1e-9)
        assert found.half_bit[number - 1] == pytest.approx(half_bit_threshold(np.array(count, float)))


def band_limited(shape, cutoff, rng):
    """White noise without anything beyond a frequency, as a share of Nyquist's."""
    grids = np.meshgrid(*(2 * np.fft.fftfreq(n) for n in shape), indexing="ij")
    spectrum = np.fft.fftn(rng.normal(0, 1, shape))
    spectrum[np.sqrt(sum(g**2 for g in grids)) > cutoff] = 0
    return np.fft.ifftn(spectrum).real


@pytest.mark.parametrize("cutoff", [0.25, 0.4, 0.6, 0.8])
def test_the_end_of_a_spectrum_is_found(cutoff):
    """Rings: to 2.5 rings at a signal-to-noise ratio of 2.6 below the end. Decorrelation: to 10 % at one of 130."""
    rng = np.random.default_rng(0)
    plane = band_limited((256, 256), cutoff, rng)
    noise = plane.std() / cutoff * rng.normal(0, 1, (2, 256, 256))
    found = fourier_ring_correlation(plane + 0.7 * noise[0], plane + 0.7 * noise[1], pixel_size=0.1)
    for threshold in ("1/7", "half-bit"):
        assert 1 / found.resolution(threshold) == pytest.approx(cutoff / 0.2, abs=2.5 / 25.6)
    assert decorrelation_analysis(plane + 0.1 * noise[0], 0.1).resolution == pytest.approx(0.2 / cutoff, rel=0.1)


def test_shells_of_stacks_whose_planes_lie_apart():
    """Twice the step along Z: only frequencies that the planes can hold are in shells, in true units."""
    rng = np.random.default_rng(0)
    fine = band_limited((64, 64, 64), 0.3, rng)[::2]
    noise = 4 * fine.std() * rng.normal(0, 1, (2, *fine.shape))
    found = fourier_ring_correlation(fine + noise[0], fine + noise[1], pixel_size=(0.2, 0.1, 0.1))
    assert found.frequency[-1] < 0.5 / 0.2
    assert 1 / found.resolution("half-bit") == pytest.approx(0.3 / 0.2, abs=1 / 6.4)


@given(st.floats(0.01, 100), st.floats(-1000, 1000), st.floats(0.01, 10))
def test_gain_offset_and_units(gain, offset, pixel_size):
    rng = np.random.default_rng(0)
    plane = band_limited((64, 64), 0.5, rng)
    first, second = plane + 0.1 * rng.normal(0, 1, (2, 64, 64))
    expected = fourier_ring_correlation(first, second)
    found = fourier_ring_correlation(gain * first + offset, second, pixel_size)
    np.testing.assert_allclose(found.correlation, expected.correlation, atol=1e-6)
    assert found.resolution() == pytest.approx(pixel_size * expected.resolution(), rel=1e-5)
    alone = decorrelation_analysis(first)
    assert decorrelation_analysis(gain * first + offset, pixel_size).resolution == pytest.approx(
        pixel_size * alone.resolution, rel=1e-3
    )


def test_independent_noise_has_no_resolution_and_equal_images_no_limit():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1, (2, 128, 128))
    assert fourier_ring_correlation(first, second).resolution() == np.inf
    found = fourier_ring_correlation(first, second)
    assert np.abs(found.correlation[40:]).mean() < 0.7 * ONE_SEVENTH
    assert np.isnan(fourier_ring_correlation(first, first).resolution())
    assert decorrelation_analysis(first).snr < 0.1


def test_more_blur_is_less_resolution_and_more_noise_too(photographs):
    image = photographs["camera.png"]
    by_blur = [decorrelation_analysis(two_acquisitions(image, s)[0]).resolution for s in (1, 2, 3, 4)]
    assert np.all(np.diff(by_blur) > 0)
    rings = [fourier_ring_correlation(*two_acquisitions(image, s)).resolution() for s in (1, 2, 3, 4)]
    assert np.all(np.diff(rings) > 0)


def test_half_bit_is_that_of_the_paper():
    """0.1716 for many voxels: the correlation at a signal-to-noise ratio of √2 − 1 in the sum of both."""
    assert half_bit_threshold(np.array([1e12]))[0] == pytest.approx(0.2071 / 1.2071, abs=1e-4)
    assert half_bit_threshold(np.array([1.0]))[0] == pytest.approx(1.0, abs=1e-12)


def test_bad_input():
    image = np.random.default_rng(0).random((40, 40))
    spoiled = image.copy()
    spoiled[3, 3] = np.nan
    for wrong, match in ((image[:30], "same shape"), (spoiled, "aren't finite"), (0 * image, "constant")):
        with pytest.raises(InputError, match=match):
            fourier_ring_correlation(image, wrong)
    with pytest.raises(InputError, match="at least 8"):
        fourier_ring_correlation(image[:7], image[:7])
    with pytest.raises(InputError, match="unknown threshold"):
        fourier_ring_correlation(image, image).resolution("1/2")
    with pytest.raises(InputError, match="pixel size"):
        fourier_ring_correlation(image, image, (0.1, 0.1, 0.1))
    for wrong, match in ((image[:20], "at least 32×32"), (spoiled, "aren't finite"), (0 * image, "constant")):
        with pytest.raises(InputError, match=match):
            decorrelation_analysis(wrong)
    with pytest.raises(InputError, match="pixel size"):
        decorrelation_analysis(image, 0.0)
