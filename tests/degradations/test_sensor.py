import numpy as np
import pytest

from gan_lessons.degradations import SensorBlur
from gan_lessons.degradations.otf import diffraction_otf
from gan_lessons.errors import InputError


def contrast(kernel, axis):
    """Amplitude that a sinusoid of two pixels along the axis keeps."""
    profile = kernel.astype(np.float64).sum(axis=1 - axis)
    return abs(profile @ (-1.0) ** np.arange(profile.size))


@pytest.mark.parametrize("mtf", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("cutoff", [1.0, 1.5, 4.0])
@pytest.mark.parametrize("smear", [0.0, 1.0])
def test_contrast_at_nyquist_is_the_data_sheets(mtf, cutoff, smear):
    kernel = SensorBlur(mtf, cutoff, smear).kernel()
    assert kernel.min() >= 0
    assert kernel.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-6)
    assert contrast(kernel, 1) == pytest.approx(mtf, rel=0.01)
    assert contrast(kernel, 0) == pytest.approx(mtf * np.sinc(0.5 * smear), rel=0.02)


def test_a_sharper_sensor_jitters_less():
    jitters = [SensorBlur(mtf).jitter_px for mtf in (0.1, 0.2, 0.3)]
    assert jitters == sorted(jitters, reverse=True)


def test_diffraction_is_the_overlap_of_two_pupils():
    size = 257
    y, x = np.indices((size, size)) - size // 2
    pupil = (np.hypot(y, x) <= 60).astype(np.float64)
    overlap = np.array([(pupil * np.roll(pupil, shift, axis=1)).sum() for shift in range(0, 121, 10)])
    np.testing.assert_allclose(diffraction_otf(np.arange(0, 121, 10.0), 120.0), overlap / overlap[0], atol=0.01)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (dict(mtf_at_nyquist=0), "MTF at Nyquist 0"),
        (dict(optics_cutoff=-1), "optics cut off at -1"),
        (dict(smear_px=-1), "smear -1"),
        (dict(mtf_at_nyquist=0.5, optics_cutoff=0.6), "raise optics_cutoff"),
    ],
)
def test_wrong_parameters_are_told(wrong, message):
    with pytest.raises(InputError, match=message):
        SensorBlur(**wrong)
