"""PSNR, SSIM, MS-SSIM, NRMSE, Pearson, edges: each against a library with code of its own, on 20 real images."""

import dask.array as da
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from scipy.stats import linregress
from skimage.feature import canny
from skimage.measure import pearson_corr_coeff
from skimage.metrics import (
    normalized_root_mse,
    peak_signal_noise_ratio,
    structural_similarity,
)
from torchmetrics.functional.image import multiscale_structural_similarity_index_measure
from torchmetrics.functional.image import peak_signal_noise_ratio as torchmetrics_psnr
from torchmetrics.functional.image import structural_similarity_index_measure as torchmetrics_ssim

from gan_lessons.errors import InputError
from gan_lessons.losses.structure import multiscale_dissimilarity
from gan_lessons.metrics.affine import affine_fit
from gan_lessons.metrics.edges import edge_retention
from gan_lessons.metrics.full_reference import FULL_REFERENCE, compare, photon_range, psnr, ssim
from gan_lessons.metrics.ms_ssim import ms_ssim
from gan_lessons.metrics.nrmse import nrmse
from gan_lessons.metrics.pairs import per_plane
from gan_lessons.metrics.pearson import pearson
from gan_lessons.metrics.ssim import ssim_map

PAPER = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


def edge_oracle(x, y, data_range):
    a, b = (canny(i, 1.0, 100 / 255 * data_range, 200 / 255 * data_range) for i in (x, y))
    return (a & b).sum() / (a | b).sum() if (a | b).any() else np.nan


ORACLES = {
    psnr: lambda x, y, r: peak_signal_noise_ratio(y, x, data_range=r),
    ssim: lambda x, y, r: structural_similarity(x, y, data_range=r, **PAPER),
    nrmse: lambda x, y, r: normalized_root_mse(y, x, normalization="min-max") * (np.ptp(y) / r),
    edge_retention: edge_oracle,
}


@pytest.mark.parametrize("offset", [0.0, 30_000.0])
@pytest.mark.parametrize("metric", ORACLES, ids=lambda metric: metric.__name__)
def test_equals_scikit_image(metric, offset, twenty_pairs):
    """Largest differences: 2e-13 at 0, 5e-11 at 30 000; camera-like units, 1000 a range."""
    found = [metric(1000 * x + offset, 1000 * y + offset, 1000.0) for x, y in twenty_pairs]
    theirs = [ORACLES[metric](1000 * x + offset, 1000 * y + offset, 1000.0) for x, y in twenty_pairs]
    assert len(set(np.round(found, 6))) > 12  # the images differ, so that agreement says something
    np.testing.assert_allclose(found, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("offset", [0.0, 30_000.0])
def test_pearson_equals_scikit_image(offset, twenty_pairs):
    found = [pearson(x + offset, y + offset) for x, y in twenty_pairs]
    np.testing.assert_allclose(found, [pearson_corr_coeff(x, y)[0] for x, y in twenty_pairs], rtol=0, atol=1e-9)


def test_ssim_at_an_offset_keeps_its_digits(twenty_pairs):
    """With a range of 1 at 30 000, scikit-image's own map is off by 7e-6; ours follows the exact one."""
    x, y = twenty_pairs[0]
    here = structural_similarity(x, y, data_range=1.0, full=True, **PAPER)[1]
    at_zero, far = ssim_map(x, y, 1.0), ssim_map(x + 30_000, y + 30_000, 1.0)
    # An offset leaves contrast and structure, and makes luminances alike: what remains is what they took away.
    mean_x, mean_y = (gaussian_filter(i, 1.5, truncate=3.5) for i in (x, y))
    luminance = (2 * mean_x * mean_y + 1e-4) / (mean_x**2 + mean_y**2 + 1e-4)
    np.testing.assert_allclose(far, here / luminance, rtol=0, atol=1e-7)
    np.testing.assert_allclose(at_zero, here, rtol=0, atol=1e-7)
    assert np.abs(far).max() <= 1


def test_ssim_map_equals_scikit_image_to_the_border(twenty_pairs):
    for x, y in twenty_pairs:
        theirs = structural_similarity(x, y, data_range=1.0, full=True, **PAPER)[1]
        np.testing.assert_allclose(ssim_map(x, y, 1.0), theirs, rtol=0, atol=1e-7)  # the map is float32


def test_windows_of_three_axes_equal_scikit_image():
    rng = np.random.default_rng(0)
    truth = rng.random((37, 20, 31))
    image = truth + rng.normal(0, 0.2, truth.shape)
    mean, full = structural_similarity(image, truth, data_range=1.0, full=True, **PAPER)
    assert ssim(image, truth, 1.0, dimensions=3) == pytest.approx(mean, abs=1e-12)
    np.testing.assert_allclose(ssim_map(image, truth, 1.0, dimensions=3), full, rtol=0, atol=1e-7)
    stacks = [np.stack([a, a[::-1]]) for a in (image, truth)]
    assert ssim(*stacks, 1.0, dimensions=3) == pytest.approx(mean, abs=1e-12)


def test_psnr_and_ssim_equal_torchmetrics(twenty_pairs):
    x, y = (torch.tensor(np.stack(images))[:, None] for images in zip(*twenty_pairs, strict=True))
    oracle = torchmetrics_psnr(x, y, data_range=1.0)
    assert psnr(x.numpy(), y.numpy(), 1.0) == pytest.approx(oracle.item(), abs=1e-5)  # its range is float32
    # torchmetrics averages over its reflected border too: its map without it is the paper's.
    _, full = torchmetrics_ssim(x, y, data_range=1.0, return_full_image=True)
    assert ssim(x.numpy(), y.numpy(), 1.0) == pytest.approx(full[..., 5:-5, 5:-5].mean().item(), abs=1e-9)


def test_ms_ssim_equals_the_loss_and_torchmetrics(photographs):
    """The loss has code of its own, in float64; torchmetrics counts a reflected border, so it is near, not equal."""
    rng = np.random.default_rng(0)
    for truth in list(photographs.values())[:6]:
        truth = truth[:187, :201]
        image = truth + rng.normal(0, 0.1, truth.shape)
        x, y = (torch.tensor(a)[None, None] for a in (image, truth))
        found = ms_ssim(image, truth, 1.0)
        assert found == pytest.approx(1 - multiscale_dissimilarity(x, y).item(), abs=1e-9)
        theirs = multiscale_structural_similarity_index_measure(x, y, data_range=1.0)
        assert found == pytest.approx(theirs.item(), abs=0.01)


def test_affine_fit_equals_scipys_regression(twenty_pairs):
    for x, y in twenty_pairs:
        line = linregress(x.ravel(), y.ravel())
        assert affine_fit(x + 30_000, y)[0] == pytest.approx(line.slope, rel=1e-9)
        assert affine_fit(x, y) == pytest.approx((line.slope, line.intercept), rel=1e-9)


@given(st.floats(0.1, 10), st.floats(-1000, 1000))
def test_a_fitted_score_ignores_gain_and_offset(gain, offset):
    rng = np.random.default_rng(0)
    truth = rng.random((2, 16, 17))
    image = truth + rng.normal(0, 0.1, truth.shape)
    for metric in (psnr, ssim, nrmse, edge_retention):
        fitted = metric(image, truth, 1.0, fitted=True)
        assert metric(gain * image + offset, truth, 1.0, fitted=True) == pytest.approx(fitted, abs=1e-7)
    assert pearson(gain * image + offset, truth) == pytest.approx(pearson(image, truth), abs=1e-9)


@given(st.floats(0.01, 100), st.floats(-100, 100))
def test_units_dont_matter_where_the_range_is_declared(gain, offset):
    """Both images and the range in other units: the same score (SSIM's luminance alone sees an offset)."""
    rng = np.random.default_rng(1)
    truth = rng.random((16, 17))
    image = truth + rng.normal(0, 0.1, truth.shape)
    for metric in (psnr, nrmse, edge_retention):
        assert metric(gain * image + offset, gain * truth + offset, gain) == pytest.approx(
            metric(image, truth, 1.0), abs=1e-6
        )
    assert ssim(gain * image, gain * truth, gain) == pytest.approx(ssim(image, truth, 1.0), abs=1e-9)


@pytest.mark.parametrize("name", FULL_REFERENCE)
def test_equal_images_score_best(name, photographs):
    image = photographs["camera.png"][100:290, 100:290]
    best = {"psnr": np.inf, "nrmse": 0.0}.get(name, 1.0)
    assert FULL_REFERENCE[name](image, image, 1.0) == pytest.approx(best, abs=1e-12)
    constant = np.full((180, 180), 0.5)
    flat = FULL_REFERENCE[name](constant, constant, 1.0)
    assert np.isnan(flat) if name == "edge-retention" else flat == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("name", FULL_REFERENCE)
def test_noise_scores_worse_and_worse(name, photographs):
    truth = photographs["camera.png"][100:290, 100:290]
    noise = np.random.default_rng(0).normal(0, 1, truth.shape)
    scores = [FULL_REFERENCE[name](truth + s * noise, truth, 1.0) for s in (0.02, 0.05, 0.1, 0.2)]
    better = scores if name != "nrmse" else scores[::-1]
    assert np.all(np.diff(better) < 0)


@pytest.mark.parametrize("name", FULL_REFERENCE)
def test_a_mask_leaves_out(name, photographs):
    """What lies outside the mask, or isn't finite, changes nothing."""
    truth = photographs["camera.png"][100:340, 100:340]
    image = truth + np.random.default_rng(0).normal(0, 0.1, truth.shape)
    mask = np.zeros(truth.shape, bool)
    mask[:, :200] = True
    metric = FULL_REFERENCE[name]
    expected = metric(image, truth, 1.0, mask=mask)
    assert expected != pytest.approx(metric(image, truth, 1.0), abs=1e-6)
    far = 215 if "ssim" in name else 200  # windows reach over the mask's edge
    spoiled = image.copy()
    spoiled[:, far:] = np.nan
    if name != "ms-ssim":  # its coarse windows reach farther still
        assert metric(spoiled, truth, 1.0, mask=mask) == pytest.approx(expected, abs=1e-12)
        assert metric(image, np.where(np.isfinite(spoiled), truth, -np.inf), 1.0, mask=mask) == pytest.approx(expected)
    whole_plane = metric(np.stack([image, image]), np.stack([truth, truth]), 1.0, mask=mask)
    assert whole_plane == pytest.approx(expected, abs=1e-12)  # one mask for all planes


def test_pixels_that_arent_finite_are_left_out(twenty_pairs):
    x, y = (a.copy() for a in twenty_pairs[0])
    x[3, 4], y[7, 9], x[8, 8] = np.nan, np.inf, -np.inf
    known = np.isfinite(x) & np.isfinite(y)
    assert psnr(x, y, 1.0) == pytest.approx(peak_signal_noise_ratio(y[known], x[known], data_range=1.0), abs=1e-9)
    assert pearson(x, y) == pytest.approx(np.corrcoef(x[known], y[known])[0, 1], abs=1e-12)
    assert compare(x, y, 1.0, metrics=[])["compared"] == known.mean()
    # SSIM: the windows that meet one of them are left out, the others are as before.
    theirs = structural_similarity(*twenty_pairs[0], data_range=1.0, full=True, **PAPER)[1]
    found = ssim_map(x, y, 1.0)
    touched = np.zeros(x.shape, bool)
    for row, column in np.argwhere(~known):
        touched[max(row - 5, 0) : row + 6, max(column - 5, 0) : column + 6] = True
    assert np.isnan(found)[touched].all()
    np.testing.assert_allclose(found[~touched], theirs[~touched], atol=1e-7)
    assert ssim(x, y, 1.0) == pytest.approx(theirs[5:-5, 5:-5][~touched[5:-5, 5:-5]].mean(), abs=1e-9)


def test_dask_gives_the_same_a_plane_at_a_time():
    rng = np.random.default_rng(0)
    truth = rng.random((5, 30, 41))
    image = truth + rng.normal(0, 0.1, truth.shape)
    mask = rng.random((30, 41)) > 0.1
    lazy = [da.from_array(a, chunks=(2, 16, 41)) for a in (image, truth)]
    for metric in (psnr, ssim, nrmse, edge_retention):
        expected = metric(image, truth, 1.0, mask=mask, fitted=True)
        assert metric(*lazy, 1.0, mask=da.from_array(mask), fitted=True) == pytest.approx(expected, abs=1e-12)
    found = ssim_map(*lazy, 1.0, mask=mask)
    assert isinstance(found, da.Array)
    assert found.chunks[0] == (1,) * 5
    np.testing.assert_array_equal(found.compute(), ssim_map(image, truth, 1.0, mask=mask))


@pytest.mark.parametrize("planes", [11, 16, 17, 40])
def test_lazy_volumes(planes):
    rng = np.random.default_rng(0)
    truth = rng.random((planes, 12, 13))
    image = truth + rng.normal(0, 0.1, truth.shape)
    lazy = ssim_map(da.from_array(image, chunks=(3, 12, 13)), truth, 1.0, dimensions=3)
    np.testing.assert_array_equal(lazy.compute(), ssim_map(image, truth, 1.0, dimensions=3))
    whole = ssim(da.from_array(image, chunks=(3, 12, 13)), truth, 1.0, dimensions=3)
    assert whole == ssim(image, truth, 1.0, dimensions=3)


def test_each_chunk_is_computed_once():
    computed = []

    def count(block, block_info=None):
        computed.append(block_info[0]["chunk-location"])
        return block

    image = (
        da.random.default_rng(0)
        .random((6, 12, 12), chunks=(3, 12, 12))
        .map_blocks(count, dtype=float, meta=np.array(()))
    )
    computed.clear()
    psnr(image, np.zeros(image.shape), 1.0)
    assert len(computed) == 2


def test_per_plane():
    rng = np.random.default_rng(0)
    truth = rng.random((2, 3, 12, 13))
    image = truth + rng.normal(0, 0.1, truth.shape)
    image[1, 2] = np.nan
    found = per_plane(ssim, image, truth, 1.0)
    assert found.shape == (2, 3)
    assert np.isnan(found[1, 2])
    assert found[0, 1] == ssim(image[0, 1], truth[0, 1], 1.0)
    assert np.nanmean(found) == pytest.approx(ssim(image, truth, 1.0))


def test_a_region_is_all_that_is_read(twenty_pairs):
    x, y = (np.stack([a, a[::-1]]) for a in twenty_pairs[0])
    region = (slice(10, 50), slice(20, 60))
    mask = y[0] > 0.1
    found = compare(x, y, 1.0, region=region, mask=mask)
    cut = compare(x[:, 10:50, 20:60], y[:, 10:50, 20:60], 1.0, mask=mask[10:50, 20:60])
    assert found == cut
    assert set(found) >= {"psnr", "psnr fitted", "ssim", "edge-retention fitted", "pearson", "gain", "compared"}
    assert "ms-ssim" not in found  # 176 pixels are needed


def test_integers_have_the_range_of_their_type():
    image, truth = np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8)
    assert psnr(image, truth) == pytest.approx(0.0)  # and differences don't wrap
    assert psnr(image.astype(np.uint16), truth.astype(np.uint16)) == pytest.approx(20 * np.log10(65535 / 255))
    assert psnr(image.astype(np.int16), truth.astype(np.int16)) == pytest.approx(20 * np.log10(65535 / 255))


def test_photon_range_ignores_a_few_bright_pixels():
    truth = np.full((100, 100), 5.0)
    truth[:50] = 2.0
    truth[0, 0] = 1e9
    truth[1, 1] = np.nan
    assert photon_range(truth) == pytest.approx(3.0)


@pytest.mark.parametrize("metric", FULL_REFERENCE.values(), ids=FULL_REFERENCE)
def test_what_cant_be_compared(metric):
    truth = np.random.default_rng(0).random((180, 180))
    with pytest.raises(InputError, match="same shape"):
        metric(truth[1:], truth, 1.0)
    with pytest.raises(InputError, match="data_range is 0"):
        metric(truth, truth, 0.0)
    with pytest.raises(InputError, match="no data_range, and the values are float64"):
        metric(truth, truth)
    with pytest.raises(InputError, match="different ranges"):
        metric(truth.astype(np.uint8), truth.astype(np.uint16))
    with pytest.raises(InputError, match="the image is bool"):
        metric(truth > 0.5, truth, 1.0)
    with pytest.raises(InputError, match="the reference is complex"):
        metric(truth, truth + 0j, 1.0)
    with pytest.raises(InputError, match="the mask is float64"):
        metric(truth, truth, 1.0, mask=truth)
    with pytest.raises(InputError, match=r"mask \(2, 180\)"):
        metric(truth, truth, 1.0, mask=np.ones((2, 180), bool))
    with pytest.raises(InputError, match="no pixel is left"):
        metric(truth, truth, 1.0, mask=np.zeros((180, 180), bool))
    with pytest.raises(InputError, match="no pixel is left"):
        metric(np.full_like(truth, np.nan), truth, 1.0)


def test_windows_need_room():
    with pytest.raises(InputError, match="planes are 10×30 pixels; expected at least 11×11"):
        ssim(np.ones((10, 30)), np.ones((10, 30)), 1.0)
    with pytest.raises(InputError, match="expected at least 11×11×11"):
        ssim(np.ones((10, 30, 30)), np.ones((10, 30, 30)), 1.0, dimensions=3)
    with pytest.raises(InputError, match=r"expected 2 .* or 3"):
        ssim(np.ones((30, 30)), np.ones((30, 30)), 1.0, dimensions=1)
    with pytest.raises(InputError, match="176×176"):
        ms_ssim(np.ones((175, 300)), np.ones((175, 300)), 1.0)
    with pytest.raises(InputError, match="did you mean 'psnr'"):
        compare(np.ones((30, 30)), np.ones((30, 30)), 1.0, metrics=["psnrr"])


def test_negative_values_are_values(twenty_pairs):
    x, y = twenty_pairs[3]
    assert psnr(-x, -y, 1.0) == pytest.approx(psnr(x, y, 1.0), abs=1e-12)
    assert ssim(-x, -y, 1.0) == pytest.approx(ssim(x, y, 1.0), abs=1e-12)
    assert ms_ssim(*(np.pad(a, 50, mode="reflect") for a in (-y, y)), 1.0) == 0.0  # inverted


def test_an_inverted_image_has_a_negative_gain(twenty_pairs):
    _, truth = twenty_pairs[0]
    scores = compare(1 - truth, truth, 1.0, metrics=["psnr"])
    assert scores["gain"] == pytest.approx(-1)
    assert scores["pearson"] == pytest.approx(-1)
    assert scores["psnr fitted"] > 200
    assert np.isnan(pearson(np.ones((3, 3)), truth[:3, :3]))
