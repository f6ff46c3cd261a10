"""False and missing structure: its rate of false alarms by statistics, what is planted, and what must score clean."""

import numpy as np
import pytest
import torch
from scipy import ndimage, stats

from gan_lessons.degradations import convolve
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust import judge_structure
from gan_lessons.restoration import richardson_lucy
from tests.metrics.trust.conftest import look


def test_false_alarms_are_no_more_than_stated():
    rate, trials, alarms = 0.3, 60, 0
    scenes = [look(seed, side=48, photons=photons, blank=photons == 20) for seed, photons in enumerate((10, 20, 100))]
    for trial in range(trials):
        truth, _, psf, noise = scenes[trial % len(scenes)]
        # Light from beyond the border is that of the mirror image, here and where it is judged.
        raw = noise.apply(convolve(truth, psf), np.random.default_rng(trial))
        found = judge_structure(truth, raw, psf, noise=noise, false_positive_rate=rate)
        alarms += bool(found.invented.any() or found.missing.any())
    assert stats.binomtest(alarms, trials, rate, alternative="greater").pvalue > 0.01
    assert alarms > 0  # a bound that nothing ever reaches would find nothing either


@pytest.mark.parametrize("photons", [10, 100, 1000])
def test_z_is_standard_normal_where_there_is_only_noise(photons):
    z = []
    for seed in range(4):
        truth, raw, psf, noise = look(seed, photons=photons)
        found = judge_structure(truth, raw, psf, noise=noise).z
        z.append(found[np.isfinite(found)][::37])  # farther apart than the PSF is wide
    z = np.concatenate(z)
    assert stats.kstest(z, "norm").pvalue > 0.01
    tail = int(np.sum(np.abs(z) > 2))
    assert stats.binomtest(tail, z.size, 2 * stats.norm.sf(2)).pvalue > 0.01


@pytest.mark.parametrize("noise_is_known", [True, False])
def test_a_perfect_result_is_clean(noise_is_known):
    for seed in range(3):
        truth, raw, psf, noise = look(seed)
        for reference in (None, truth):
            found = judge_structure(truth, raw, psf, reference=reference, noise=noise if noise_is_known else None)
            assert found.invented_count == found.missing_count == found.overfitted_share == 0
    assert found.improved_count > 0


def test_the_input_is_no_better_than_itself():
    for seed in range(3):
        truth, raw, psf, noise = look(seed)
        found = judge_structure(raw, raw, psf, reference=truth, noise=noise)
        assert found.missing_count > 0  # the blur has lost light of fine structure
        assert found.improved_count == 0


def test_a_perfect_stack_is_clean_plane_by_plane(view):
    found = judge_structure(np.stack([view.truth] * 2), np.stack([view.raw] * 2), view.psf, noise=view.noise)
    plane = judge_structure(view.truth, view.raw, view.psf, noise=view.noise)
    assert found.invented_count == found.missing_count == 0
    np.testing.assert_allclose(found.z[0], plane.z, atol=0.02)  # the fit of gain and offset has twice the pixels


def test_a_spot_at_the_limit_is_found_as_often_as_stated():
    found, tried = 0, 0
    for seed in range(3):
        truth, raw, psf, noise = look(seed)
        limit = judge_structure(truth, raw, psf, noise=noise).limit
        wrong = truth.copy()
        spots = [(y, x) for y in range(24, 110, 16) for x in range(24, 110, 16)]
        for spot in spots:
            wrong[spot] += limit[spot]
        marks = judge_structure(wrong, raw, psf, noise=noise).invented
        near = ndimage.binary_dilation(marks, iterations=2)
        found, tried = found + sum(near[spot] for spot in spots), tried + len(spots)
    assert found / tried > 0.8  # 0.95 for one spot; 36 at once pull on the fit, and on each other


def test_planted_and_erased_spots_are_told_apart(view):
    wrong = view.truth.copy()
    wrong[40, 40] += 2000
    spot = np.zeros_like(wrong)
    spot[90, 80] = 2000
    raw = view.raw + convolve(spot, view.psf)
    for reference in (None, view.truth + spot):
        found = judge_structure(wrong, raw, view.psf, noise=view.noise, reference=reference)
        assert found.invented[40, 40]
        assert found.missing[90, 80]
        assert found.invented_count == found.missing_count == 1


def test_noise_that_was_sharpened_isnt_clean():
    _, raw, psf, noise = look(1, blank=True)
    sharpened = {
        "unsharp mask": raw + 3 * (raw - ndimage.gaussian_filter(raw, 1.5)),
        "Richardson–Lucy": richardson_lucy(torch.from_numpy(raw), torch.from_numpy(psf), 30).numpy(),
        "untouched": raw,
    }
    for name, image in sharpened.items():
        assert judge_structure(image, raw, psf, noise=noise).overfitted_share > 0.5, name
    flat = judge_structure(np.full_like(raw, raw.mean()), raw, psf, noise=noise)
    assert flat.overfitted_share == 0


def test_the_offset_of_a_camera_doesnt_count(view):
    plain = judge_structure(view.truth, view.raw, view.psf, noise=view.noise)
    moved = judge_structure(5 * view.truth - 7, view.raw, view.psf, noise=view.noise)
    np.testing.assert_allclose(moved.z, plain.z, atol=1e-3)


def test_gaps_arent_judged_and_dont_leak(view):
    raw = view.raw.copy()
    raw[60:64, 60:64] = np.nan
    found = judge_structure(view.truth, raw, view.psf, noise=view.noise)
    assert np.isnan(found.z[60:64, 60:64]).all()
    assert np.isfinite(found.z[60, 80])
    assert found.invented_count == found.missing_count == 0


def test_finest_period_of_a_gaussian(view):
    found = judge_structure(view.truth, view.raw, view.psf).finest_period
    assert found == pytest.approx(2 * np.pi * 1.5 / np.sqrt(2 * np.log(100)), rel=0.02)  # exp(−(2πfσ)²/2) = 1 %


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"psf": None}, "give psf or reference"),
        ({"false_positive_rate": 0.0}, "false_positive_rate is 0"),
        ({"size": -1.0}, "size is -1"),
        ({"reference": np.ones((3, 3))}, "same shape"),
    ],
)
def test_what_cant_be_judged(view, changes, message):
    with pytest.raises(InputError, match=message):
        judge_structure(view.truth, view.raw, **({"psf": view.psf} | changes))
