import numpy as np
import pytest
import tifffile
from scipy.ndimage import shift

from gan_lessons.degradations import PoissonGaussian, measure_psf
from gan_lessons.errors import InputError

SIGMA = np.array([2.0, 1.5, 1.8])
SHAPE = (31, 90, 100)


def bead(center, shape=SHAPE, sigma=SIGMA):
    squares = [((np.arange(n) - c) / s) ** 2 for n, c, s in zip(shape, center, sigma, strict=True)]
    return np.exp(-0.5 * sum(np.ix_(*squares)))


def photographed(centers, brightness=800.0, seed=0):
    clean = 20 + brightness * sum(bead(center) for center in centers)
    camera = PoissonGaussian(electrons_per_unit=1, read_noise=2)
    return camera.apply(clean, np.random.default_rng(seed)).round().clip(0, 65535).astype(np.uint16)


APART = [(15.0, 20.3, 20.7), (14.6, 60.5, 30.2), (15.4, 30.1, 75.8), (15.2, 65.9, 80.4)]


def test_the_mean_bead_is_the_psf():
    measured = measure_psf(photographed(APART), (15, 13, 15))
    truth = bead((7, 6, 7), (15, 13, 15))
    truth /= truth.sum()
    assert measured.psf.shape == (15, 13, 15)
    assert measured.psf.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    assert measured.psf.min() >= 0
    assert np.abs(measured.psf - truth).sum() < 0.1
    assert measured.dropped == {"border": 0, "saturated": 0, "close": 0}
    found = measured.centers[np.argsort(measured.centers[:, 1] + 100 * measured.centers[:, 2])]
    expected = np.array(APART)[np.argsort(np.array(APART)[:, 1] + 100 * np.array(APART)[:, 2])]
    np.testing.assert_allclose(found, expected, atol=0.1)


def test_beads_that_would_spoil_it_are_dropped():
    stack = photographed([*APART, (15, 2, 50), (15, 70.0, 50.0), (15, 70.0, 57.0)])
    stack[15, 20, 21] = 4095
    measured = measure_psf(stack, (11, 11, 11), saturation=4095)
    assert len(measured.centers) == 3
    assert measured.dropped == {"border": 1, "saturated": 1, "close": 2}


def test_the_size_follows_the_bead():
    size = measure_psf(photographed(APART)).psf.shape
    widths = 2.355 * SIGMA
    assert all(n % 2 for n in size)
    np.testing.assert_array_less(3 * widths, size)
    np.testing.assert_array_less(size, 7 * widths)


def test_a_plane_of_beads_gives_a_plane():
    plane = photographed(APART)[15].astype(np.float32)
    assert measure_psf(plane, (13, 13)).psf.shape == (13, 13)


@pytest.mark.parametrize(
    ("stack", "size", "message"),
    [
        (np.zeros((5, 20, 20)), None, "nothing stands out"),
        (np.full((20, 20), np.nan), None, "finite"),
        (np.zeros((0, 4)), None, "expected a plane or"),
        (np.zeros((2, 2, 9, 9)), None, "expected a plane or"),
        (photographed(APART), (15, 13), "one an axis"),
        (photographed(APART), (14, 13, 13), "odd"),
        (photographed(APART), (33, 13, 13), "fit"),
        (photographed([(3, 20, 20)]), (15, 13, 13), "1 border"),
    ],
)
def test_what_cannot_be_measured_is_told(stack, size, message):
    with pytest.raises(InputError, match=message) as raised:
        measure_psf(stack, size, name="beads.tif")
    assert str(raised.value).startswith("beads.tif: ")


def test_real_beads_agree_with_an_earlier_measurement(shared_data):
    folder = shared_data / "microscopy" / "beads"
    measured = measure_psf(tifffile.imread(folder / "Bead_Image1_crop.tif"), (33, 29, 29))
    earlier = tifffile.imread(folder / "psf_measured_mean4.tif").astype(np.float64)
    assert len(measured.centers) == 4

    def core_center(psf):
        core = np.maximum(psf - psf.max() / 2, 0)
        return np.array([(grid * core).sum() for grid in np.indices(psf.shape)]) / core.sum()

    np.testing.assert_allclose(core_center(measured.psf), [16, 14, 14], atol=0.1)
    aligned = shift(earlier, np.array([16, 14, 14]) - core_center(earlier), order=3)
    assert np.corrcoef(measured.psf.ravel(), aligned.ravel())[0, 1] > 0.99
