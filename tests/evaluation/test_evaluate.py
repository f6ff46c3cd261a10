"""The table: figures of the rooms below, one row a candidate, whatever carries the pixels."""

import dask.array as da
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

import gan_lessons
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.evaluation import examine
from gan_lessons.evaluation.columns import COLUMNS
from gan_lessons.evaluation.recording import judged_box
from gan_lessons.image import Geo, Image
from gan_lessons.metrics.full_reference import photon_range, ssim
from gan_lessons.metrics.trust import judge_structure, reblur_consistency


def test_a_row_a_candidate_with_the_baselines_beside(found, scene):
    truth, raw, psf = scene
    table = found.table
    assert list(table.index) == ["raw", "wiener", "rl", "<restored>"]
    assert set(table.columns) <= set(COLUMNS)
    span = photon_range(truth)
    assert table.loc["raw", "psnr"] == pytest.approx(peak_signal_noise_ratio(truth, raw, data_range=span))
    assert table.loc["raw", "ssim"] == ssim(raw, truth, span)
    expected = reblur_consistency(raw, raw, psf)
    assert table.loc["raw", "rsp"] == expected.rsp
    own = gan_lessons.deconvolve(raw.astype(np.float64), psf, method="rl", dtype="float32")
    assert table.loc["rl", "psnr"] == pytest.approx(peak_signal_noise_ratio(truth, own, data_range=span), abs=1e-4)
    # A wrong gain and offset show raw, and are gone after the fit.
    assert table.loc["<restored>", "psnr fitted"] > 200 > 50 > table.loc["<restored>", "psnr"]
    assert table.loc["<restored>", "gain"] == pytest.approx(1 / 0.9)
    assert table.loc["<restored>", "invented"] == table.loc["<restored>", "missing"] == 0
    assert table.loc["<restored>", "disagreement"] == pytest.approx(0, abs=1e-9)
    assert table.loc["<restored>", "noise gain"] == pytest.approx(1, abs=0.02)


def test_maps_come_with_it(found, scene):
    truth, raw, psf = scene
    assert set(found.maps["raw"]) == {"structure", "consistency", "linearity", "similarity"}
    assert set(found.maps["<restored>"]) > {"seams", "disagreement"}
    expected = judge_structure(raw, raw, psf, reference=truth).z
    np.testing.assert_allclose(found.maps["raw"]["structure"], expected, rtol=1e-5, atol=1e-5)


def test_candidates_that_are_baselines_arent_made_again(scene):
    _, raw, psf = scene
    table = gan_lessons.evaluate({"raw": raw, "rl": raw, "Wiener": raw}, psf=psf)
    assert list(table.index) == ["raw", "rl", "Wiener"]
    assert list(gan_lessons.evaluate({"raw": raw}, psf=psf, baselines=()).index) == ["raw"]


@pytest.mark.parametrize("carrier", ["dask", "image", "order"])
def test_what_carries_the_pixels_doesnt_matter(scene, carrier):
    truth, raw, _ = scene
    truth, raw = (np.stack([a, a[::-1], 2 * a]) for a in (truth, raw))
    options = {"data_range": 100.0, "axes": "ZYX"}
    expected = gan_lessons.evaluate({"raw": raw}, reference=truth, **options)
    if carrier == "dask":
        given, reference = da.from_array(raw, chunks=(1, 50, 80)), da.from_array(truth, chunks=(2, 96, 80))
    elif carrier == "image":
        given, reference, options = Image(raw, "ZYX"), Image(truth, "ZYX"), {"data_range": 100.0}
    else:
        given, reference = (Image(np.moveaxis(a, 0, -1), "YXZ") for a in (raw, truth))
        options = {"data_range": 100.0}
    found = gan_lessons.evaluate({"raw": given}, reference=reference, **options)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_mask_and_region_leave_out(scene):
    truth, raw, _ = scene
    spoiled = raw.copy()
    spoiled[:20] = 1e6
    mask = np.ones(raw.shape, bool)
    mask[:20] = False
    masked = gan_lessons.evaluate({"raw": spoiled}, reference=truth, data_range=100.0, mask=mask)
    assert masked.loc["raw", "compared"] == mask.mean()
    cut = gan_lessons.evaluate(
        {"raw": spoiled}, reference=truth, data_range=100.0, region=(slice(20, None), slice(None))
    )
    for column in ("psnr", "pearson", "gain"):
        assert masked.loc["raw", column] == pytest.approx(cut.loc["raw", column])
    whole = gan_lessons.evaluate({"raw": raw[20:]}, reference=truth[20:], data_range=100.0)
    np.testing.assert_allclose(cut, whole, rtol=1e-9)


def test_nodata_is_left_out(scene):
    truth, raw, _ = scene
    holes = raw.copy()
    holes[30:40, 30:40] = -999.0
    image = Image(holes, "YX", geo=Geo("", (1, 0, 0, 0, 1, 0), nodata=-999.0))
    table = gan_lessons.evaluate({"raw": image}, reference=truth, data_range=100.0)
    assert table.loc["raw", "compared"] == 1 - 100 / raw.size
    assert table.loc["raw", "psnr"] > 10


def test_colors_are_scored_by_sample_without_opacity():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 255, (40, 50, 4), dtype=np.uint8)
    image = truth.copy()
    image[..., 3] = 0
    table = gan_lessons.evaluate({"raw": image}, reference=truth, axes="YXS")
    assert table.loc["raw", "psnr"] == np.inf
    assert table.loc["raw", "spectral angle"] == pytest.approx(0)


def test_a_large_image_is_trusted_by_its_middle():
    planes = judged_box((7, 96, 80), volumes=False, voxels=96 * 80 * 2)
    assert [part.stop - part.start for part in planes] == [2, 96, 80]
    volume = judged_box((10, 200, 200), volumes=True, voxels=10**5)
    assert [part.stop - part.start for part in volume] == [10, 100, 100]


def test_without_a_reference_no_range_is_needed(scene):
    _, raw, _ = scene
    table = gan_lessons.evaluate({"raw": raw, "restored": raw})
    assert "psnr" not in table
    assert {"rsp", "resolution", "brightness slope"} <= set(table)
    assert np.isnan(table.loc["raw", "brightness slope"])  # the recording against itself says nothing
    assert table.loc["restored", "brightness slope"] == pytest.approx(1)


def test_what_cant_be_measured_is_told_and_the_rest_is_there(scene):
    truth, _, psf = scene
    flat = np.full(truth.shape, 7.0)
    with pytest.warns(InputWarning, match="raw has no noise to estimate"):
        found = examine({"raw": flat}, reference=truth, psf=psf, data_range=100.0, baselines=())
    assert any("no noise to estimate" in note for note in found.notes)
    assert "invented" not in found.table
    assert np.isnan(found.table.loc["raw", "pearson"])
    assert found.table.loc["raw", "psnr"] > 0


def test_all_of_16_bits_is_warned_of(scene):
    truth, raw, _ = scene
    counts = [np.clip(a, 0, 65535).astype(np.uint16) for a in (raw, truth)]
    with pytest.warns(InputWarning, match="every figure looks good"):
        gan_lessons.evaluate({"raw": counts[0]}, reference=counts[1])


def small(**changes):
    image = np.random.default_rng(0).random((40, 40))
    return {"candidates": {"raw": image}, "reference": image, "data_range": 1.0, **changes}


IMAGE = np.random.default_rng(0).random((40, 40))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"candidates": {}}, "no candidate; expected at least one"),
        ({"candidates": {"b": IMAGE}, "reference": None}, "neither a candidate called 'raw' nor a reference"),
        ({"candidates": {"raw": IMAGE[1:]}}, r"reference: axes YX \(40, 40\); expected those of raw"),
        ({"candidates": {"raw": IMAGE + 0j}}, "complex"),
        ({"candidates": {"raw": [[1.0]]}}, "found a list"),
        ({"candidates": {"raw": np.ones((2, 3, 4))}}, "say which its axes are"),
        ({"data_range": None}, "no data_range, and the values are float64, which says nothing of their range"),
        ({"data_range": -1.0}, "data_range is -1; expected a positive number"),
        ({"data_range": "raw"}, "expected a number or 'reference'"),
        ({"data_range": "reference", "reference": np.ones((40, 40))}, "the reference is constant"),
        ({"candidates": {"raw": (9 * IMAGE).astype(np.uint8)}, "data_range": None}, "no data_range"),
        ({"mask": np.zeros((40, 40), bool)}, "no pixel"),
        ({"mask": IMAGE}, "the mask is float64; expected bool"),
        ({"mask": np.ones((3, 40), bool)}, r"mask \(3, 40\); expected the images' shape"),
        ({"region": (slice(5, 5), slice(None))}, "is empty"),
        ({"region": (slice(None),) * 3}, "a region of 3 axes; the images have 2"),
        ({"candidates": {"raw": np.full((40, 40), np.nan)}}, "no pixel"),
        ({"psf": np.zeros((3, 3))}, "all values are zero"),
        ({"psf": {0: np.ones((1, 1))}}, "a PSF for each of 1 channels"),
        ({"psf": np.ones((1, 1)), "baselines": ("rll",)}, "unknown baseline 'rll'; did you mean 'rl'"),
        ({"restorations": {"restord": lambda image: image}}, "a restoration for 'restord'; expected one of raw"),
    ],
)
def test_bad_input(changes, message):
    with pytest.raises(InputError, match=message) as told:
        gan_lessons.evaluate(**small(**changes))
    assert "\n" not in str(told.value)


def test_constant_and_negative_images_are_measured():
    table = gan_lessons.evaluate({"raw": -IMAGE, "flat": np.zeros((40, 40))}, reference=-IMAGE, data_range=1.0)
    assert table.loc["raw", "psnr"] == np.inf
    assert table.loc["flat", "gain"] == 0
    assert np.isnan(table.loc["flat", "resolution"])


def test_every_figure_has_its_meaning():
    for name, column in COLUMNS.items():
        assert column.meaning.count(".") >= 1, name
        assert column.better in ("more", "less", "one", "")
        assert "\n" not in column.meaning
