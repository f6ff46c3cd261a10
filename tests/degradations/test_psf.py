import numpy as np
import pytest
from scipy.special import j1

from gan_lessons.degradations import Microscope
from gan_lessons.errors import InputError

WATER = Microscope(na=1.2, wavelength_nm=520, pixel_size_um=0.1, z_step_um=0.3, immersion_index=1.33)
DRY = Microscope(na=0.3, wavelength_nm=500, pixel_size_um=0.1)
CONFOCAL = Microscope(1.2, 520, 0.05, 0.15, immersion_index=1.33, confocal=True, excitation_nm=488)


@pytest.mark.parametrize("scope", [WATER, DRY, CONFOCAL, Microscope(0.5, 520, 0.65), Microscope(0.5, 520, 5.0)])
@pytest.mark.parametrize("defocus_um", [0.0, 1.0])
def test_a_plane_is_odd_centered_and_keeps_flux(scope, defocus_um):
    psf = scope.psf_2d(defocus_um)
    middle = psf.shape[0] // 2
    assert psf.dtype == np.float32
    assert psf.shape[0] == psf.shape[1]
    assert psf.shape[0] % 2 == 1
    assert psf.shape[0] <= 65
    assert psf.min() >= 0
    assert psf.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(psf, psf[::-1, ::-1], atol=1e-7)
    centroid = np.tensordot(psf, np.indices(psf.shape), axes=([0, 1], [1, 2]))
    np.testing.assert_allclose(centroid, middle, atol=1e-4)


@pytest.mark.parametrize("scope", [WATER, CONFOCAL])
def test_a_stack_is_odd_and_brightest_in_the_middle(scope):
    psf = scope.psf_3d()
    assert all(size % 2 for size in psf.shape)
    assert np.unravel_index(psf.argmax(), psf.shape) == tuple(size // 2 for size in psf.shape)
    assert psf.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(psf, psf[::-1], atol=psf.max() * 1e-4)  # no aberration, so the same above and below
    assert scope.psf_3d(planes=7).shape[0] == 7


def test_low_aperture_is_an_airy_disc():
    psf = DRY.psf_2d().astype(np.float64)
    x = (np.arange(psf.shape[0]) - psf.shape[0] // 2) * DRY.pixel_size_um
    v = np.maximum(2 * np.pi * DRY.na * np.hypot(x[:, None], x) / 0.5, 1e-9)
    airy = (2 * j1(v) / v) ** 2
    np.testing.assert_allclose(psf / psf.max(), airy, atol=0.02)  # pixels integrate, the formula samples


def test_light_on_the_axis_vanishes_where_the_paraxial_formula_says():
    zero_um = 2 * 0.5 / 0.3**2  # 2 n λ / NA²
    psf = DRY.psf_2d(zero_um)
    assert psf[psf.shape[0] // 2, psf.shape[0] // 2] < 0.02 * psf.max()


def test_defocus_widens_and_a_pinhole_sections():
    def second_moment(psf):
        y, x = np.indices(psf.shape) - psf.shape[0] // 2
        return float((psf * (x**2 + y**2)).sum())

    widths = [second_moment(WATER.psf_2d(z)) for z in (0.0, 0.5, 1.0)]
    assert widths == sorted(widths)
    wide = Microscope(1.2, 520, 0.05, 0.15, immersion_index=1.33).psf_3d(13).sum(axis=(1, 2))
    narrow = CONFOCAL.psf_3d(13).sum(axis=(1, 2))
    assert narrow[0] / narrow[6] < 0.1 < 0.8 < wide[0] / wide[6]


def test_index_mismatch_aberrates_yet_stays_centered():
    oil_in_water = Microscope(1.4, 520, 0.065, 0.2, immersion_index=1.515, sample_index=1.33, depth_um=10)
    psf = oil_in_water.psf_3d(planes=21)
    assert np.unravel_index(psf.argmax(), psf.shape)[0] == 10
    assert abs(psf[:10].sum() - psf[11:].sum()) > 0.01  # the tail is on one side


def test_nyquist_of_textbook_optics():
    oil = Microscope(1.4, 500, 0.05, immersion_index=1.515)
    alpha = np.arcsin(1.4 / 1.515)
    assert oil.nyquist_um() == pytest.approx((0.5 / 5.6, 0.5 / (2 * 1.515 * (1 - np.cos(alpha)))))
    assert CONFOCAL.nyquist_um().lateral == pytest.approx(0.488 / (8 * 1.2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(na=1.4), "NA 1.4 with immersion index 1;"),
        (dict(na=0.0), "NA 0 "),
        (dict(na=float("nan")), "NA nan"),
        (dict(wavelength_nm=0.52), "200 to 2000 nanometers"),
        (dict(pixel_size_um=-0.1), "pixel size -0.1 µm"),
        (dict(z_step_um=0.0), "z step 0.0 µm"),
        (dict(immersion_index=15.0), "immersion index 15"),
        (dict(depth_um=-1.0), "depth -1 µm"),
        (dict(confocal=True), "excitation None"),
        (dict(confocal=True, excitation_nm=600.0), "below the emission"),
        (dict(confocal=True, excitation_nm=488.0, pinhole_airy=0.0), "pinhole 0"),
    ],
)
def test_impossible_numbers_are_told(change, message):
    good = dict(na=0.5, wavelength_nm=520.0, pixel_size_um=0.3)
    with pytest.raises(InputError, match=message) as raised:
        Microscope(**(good | change))
    assert "\n" not in str(raised.value)


def test_a_stack_needs_a_step_and_a_middle():
    with pytest.raises(InputError, match="z_step_um"):
        DRY.psf_3d()
    with pytest.raises(InputError, match="odd"):
        WATER.psf_3d(planes=4)
