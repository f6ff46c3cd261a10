"""The contracts of `restore`, with a network that changes every pixel."""

import threading
import time

import cloudpickle
import dask.array
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gan_lessons.degradations import Microscope
from gan_lessons.errors import Cancelled, InputError, InputWarning
from gan_lessons.image import Geo, Image
from gan_lessons.restoration import Report, measure, restore

DTYPES = ["uint8", "uint16", "int16", ">u2", ">f4", "float32", "float64", "float16", "int32", "uint64"]


@pytest.fixture
def photograph(rng):
    return rng.gamma(0.5, 100, (210, 190)).astype(np.float32)


def spread(image):
    """The range that tolerances refer to."""
    return float(np.percentile(image, 99.9) - np.percentile(image, 1))


def test_the_network_is_what_runs(plane_model, photograph):
    (one,) = measure(photograph, plane_model)
    with torch.inference_mode():
        x = torch.from_numpy(one.apply(photograph))[None, None]
        expected = one.undo(plane_model.generator(x)[0, 0].numpy())
    np.testing.assert_allclose(restore(photograph, plane_model), expected, atol=1e-5 * spread(photograph))


@pytest.mark.parametrize("with_psf", [False, True])
@pytest.mark.parametrize("tile", [24, 64, 100])
def test_tiles_equal_the_whole(plane_model, photograph, gaussian, with_psf, tile):
    psf = gaussian(9, 9) if with_psf else None
    photograph[40:70, 90:130] = np.nan
    whole, tiled = (restore(photograph, plane_model, psf=psf, tile=t) for t in (1024, tile))
    assert np.nanmax(np.abs(whole - tiled)) <= 1e-5 * spread(photograph[~np.isnan(photograph)])


@pytest.mark.parametrize("with_psf", [False, True])
def test_tiled_stack_equals_the_whole(stack_model, gaussian, rng, with_psf):
    psf = gaussian(5, 7, 7) if with_psf else None
    stack = rng.gamma(0.5, 100, (19, 150, 20)).astype(np.float32)
    report = Report()
    tiled = restore(stack, stack_model, axes="ZYX", psf=psf, tile=16, report=report)
    whole = restore(stack, stack_model, axes="ZYX", psf=psf, tile=1024)
    assert report.settings["tile"][1] == 16
    assert np.abs(whole - tiled).max() <= 1e-5 * spread(stack)


@pytest.mark.parametrize("with_psf", [False, True])
@pytest.mark.parametrize(("gain", "offset"), [(1.0, 100.0), (3.7, -100.0), (1e-4, 31.0), (250.0, -1.0)])
def test_gain_and_offset_pass_through(plane_model, photograph, gaussian, with_psf, gain, offset):
    psf = gaussian(7, 7) if with_psf else None
    offset *= gain * spread(photograph)
    moved = restore((gain * photograph.astype(np.float64) + offset).astype(np.float32), plane_model, psf=psf)
    expected = gain * restore(photograph, plane_model, psf=psf).astype(np.float64) + offset
    assert np.abs(moved - expected).max() <= 1e-4 * gain * spread(photograph)


@pytest.mark.parametrize("dtype", DTYPES)
def test_data_type_is_kept(plane_model, dtype, rng):
    image = rng.gamma(2, 20, (33, 31)).astype(dtype)
    restored = restore(image, plane_model)
    assert restored.dtype == image.dtype
    assert restored.shape == image.shape
    exact = restore(image.astype(np.float64), plane_model)
    step = 0.5 if restored.dtype.kind in "ui" else 1e-3 * np.abs(exact)
    clipped = np.clip(exact, 0, None) if restored.dtype.kind == "u" else exact
    assert np.all(np.abs(restored.astype(np.float64) - clipped) <= step + 1e-4 * spread(image))
    assert restore(image, plane_model, dtype="float32").dtype == np.float32


def test_clipped_pixels_are_counted(plane_model, rng):
    image = rng.integers(0, 256, (40, 40), dtype=np.uint8)
    report = Report()
    restored = restore(image, plane_model, report=report)
    exact = np.rint(restore(image, plane_model, dtype="float32"))
    assert report.clipped == np.sum((exact < 0) | (exact > 255)) > 0
    assert np.array_equal(restored, np.clip(exact, 0, 255))


def test_pixels_without_a_value_stay_and_dont_spread(plane_model, photograph):
    image = photograph.copy()
    image[60:90, 50:100] = np.nan
    image[0, 0], image[5, 7] = -np.inf, np.inf
    restored = restore(image, plane_model)
    np.testing.assert_array_equal(restored[~np.isfinite(image)], image[~np.isfinite(image)])
    assert np.isfinite(restored[np.isfinite(image)]).all()
    assert np.abs(restored[np.isfinite(image)]).max() < 2 * photograph.max()


@pytest.mark.parametrize("nodata", [0, 65535, -9999.0])
def test_nodata_stays_exactly_where_it_was(plane_model, rng, nodata):
    values = rng.integers(1, 60, (50, 60)).astype(np.float32 if nodata < 0 else np.uint16)
    values[20:30, 10:30] = nodata
    geo = Geo("", (1, 0, 0, 0, -1, 0), nodata=nodata)
    image = Image(values, "YX", geo=geo, pixel_size={"Y": 30.0, "X": 30.0})
    restored = restore(image, plane_model)
    assert restored.geo is geo
    np.testing.assert_array_equal(restored.data == nodata, values == nodata)
    other = values.copy()
    other[values == nodata] = 30  # were nodata an intensity, the percentiles would tell
    assert np.abs(np.median(restored.data[:5].astype(float)) - np.median(other)) < 40


def test_an_image_keeps_all_it_knows(plane_model, rng):
    image = Image(
        rng.gamma(2, 9, (2, 3, 20, 21)), "TCYX", pixel_size={"X": 0.1}, unit={"X": "µm"}, channel_names=("a", "b", "c")
    )
    restored = restore(image, plane_model)
    for name in ("axes", "pixel_size", "unit", "channel_names", "geo", "name"):
        assert getattr(restored, name) == getattr(image, name)


def test_times_and_channels_are_restored_by_themselves(plane_model, rng):
    image = rng.gamma(2, 9, (2, 3, 4, 20, 21)).astype(np.float32)
    image[:, 1] *= 1000
    restored = restore(image, plane_model, axes="TCZYX")
    by_hand = restore(image[:, 1], plane_model, axes="TZYX")
    np.testing.assert_allclose(restored[:, 1], by_hand, rtol=1e-5, atol=0.1)
    # The statistics are the whole channel's, not the plane's.
    (whole,) = measure(image[:, 1], plane_model, axes="TZYX")
    plane = restore(image[1, 1, 2], plane_model, normalizations=[whole])
    np.testing.assert_allclose(restored[1, 1, 2], plane, rtol=1e-5, atol=0.1)


def test_axes_may_come_in_any_order(stack_model, rng):
    stack = rng.gamma(2, 9, (5, 20, 21)).astype(np.float32)
    turned = restore(np.ascontiguousarray(stack.transpose(1, 2, 0)), stack_model, axes="YXZ")
    np.testing.assert_allclose(turned.transpose(2, 0, 1), restore(stack, stack_model, axes="ZYX"), atol=1e-3)


def test_planes_at_the_ends_of_a_stack_are_replicated(stack_model, rng):
    stack = rng.gamma(2, 9, (1, 20, 21)).astype(np.float32)
    thick = np.repeat(stack, 3, axis=0)
    normalizations = measure(stack, stack_model, axes="ZYX")
    one, three = (restore(s, stack_model, axes="ZYX", normalizations=normalizations) for s in (stack, thick))
    np.testing.assert_allclose(one[0], three[1], atol=1e-4)


def test_opacity_is_left_alone(color_model, plane_model, rng):
    image = rng.integers(0, 200, (20, 21, 4), dtype=np.uint8)
    restored = restore(image, color_model, axes="YXS")
    np.testing.assert_array_equal(restored[..., 3], image[..., 3])
    np.testing.assert_array_equal(restored[..., :3], restore(image[..., :3], color_model, axes="YXS"))
    assert np.array_equal(restore(image, plane_model, axes="YXS")[..., 3], image[..., 3])


def test_channels_may_go_through_a_color_model_together(color_model, rng):
    image = rng.integers(0, 200, (3, 20, 21)).astype(np.float32)
    channels = restore(image, color_model, axes="CYX")
    colors = restore(image.transpose(1, 2, 0), color_model, axes="YXS")
    np.testing.assert_allclose(channels, colors.transpose(2, 0, 1), atol=1e-3)


def test_a_psf_by_channel(plane_model, rng, gaussian):
    image = Image(rng.gamma(2, 9, (2, 30, 31)).astype(np.float32), "CYX", channel_names=("dapi", "gfp"))
    blind = restore(image, plane_model).data
    told = restore(image, plane_model, psf={"gfp": gaussian(5, 5)}).data
    np.testing.assert_array_equal(told[0], blind[0])
    assert np.abs(told[1] - blind[1]).max() > 0.01 * spread(image.data)
    np.testing.assert_array_equal(told[1], restore(image, plane_model, psf={1: gaussian(5, 5)}).data[1])


def test_lazy_result_equals_the_eager_one(stack_model, plane_model, rng):
    stack = rng.gamma(2, 20, (2, 5, 40, 50)).astype(np.uint16)
    lazy = dask.array.from_array(stack, chunks=(1, 1, 40, 50))
    for model in (stack_model, plane_model):
        report, seen = Report(), []
        promised = restore(
            lazy, model, axes="TZYX", tile=24, progress=lambda *n, seen=seen: seen.append(n), report=report
        )
        assert isinstance(promised, dask.array.Array)
        assert promised.dtype == stack.dtype
        assert not seen
        # Two tiles of a different size may round a pixel differently.
        difference = promised.compute().astype(int) - restore(stack, model, axes="TZYX")
        assert np.abs(difference).max() <= 1
        assert np.mean(difference != 0) < 1e-3
        assert seen[-1][0] == seen[-1][1] == len(seen)


def test_a_lazy_result_can_go_to_another_process(plane_model, rng):
    lazy = dask.array.from_array(rng.gamma(2, 20, (2, 40, 50)), chunks=(1, 40, 50))
    promised = restore(lazy, plane_model, axes="ZYX")
    sent = cloudpickle.loads(cloudpickle.dumps(promised))
    np.testing.assert_array_equal(sent.compute(), promised.compute())


def test_a_lazy_window_computes_only_its_tiles(plane_model, rng):
    seen = []
    lazy = dask.array.from_array(rng.gamma(2, 20, (4, 96, 96)), chunks=(1, 96, 96))
    restore(lazy, plane_model, axes="ZYX", tile=48, progress=lambda *n: seen.append(n))[2, :40, :40].compute()
    assert len(seen) == 1


def test_progress_counts_the_tiles(plane_model, photograph):
    seen = []
    restore(photograph, plane_model, tile=100, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 6) for i in range(1, 7)]


def test_cancel_stops_within_a_second(plane_model):
    image, cancel = np.zeros((20, 1024, 1024), np.float32), threading.Event()
    set_at = []
    timer = threading.Timer(0.3, lambda: (set_at.append(time.perf_counter()), cancel.set()))
    timer.start()
    with pytest.raises(Cancelled):
        restore(image, plane_model, axes="ZYX", cancel=cancel)
    assert time.perf_counter() - set_at[0] < 1


def test_the_callers_model_is_untouched(plane_model, photograph):
    before = {name: (w.clone(), w.stride()) for name, w in plane_model.generator.state_dict().items()}
    restore(photograph, plane_model, cancel=threading.Event())
    for name, weight in plane_model.generator.state_dict().items():
        assert torch.equal(weight, before[name][0])
        assert weight.stride() == before[name][1]
    assert not any(layer._forward_pre_hooks for layer in plane_model.generator.modules())


def test_report_says_what_was_done(plane_model, photograph, gaussian):
    report = Report()
    restore(photograph, plane_model, psf=gaussian(5, 5), tile=50, report=report)
    (one,) = measure(photograph, plane_model)
    assert report.method == plane_model.card.name
    assert report.normalization == [{"offset": one.offset, "scale": one.scale}]
    assert report.settings["tile"][1:] == [56, 56]
    assert report.settings["psf"] == ["given"]


@settings(max_examples=25, deadline=None)
@given(
    image=arrays.arrays(
        st.sampled_from([np.dtype(d) for d in ("uint8", "<i2", ">f4", "f8")]),
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.integers(0, 100),
    ),
    holes=st.randoms(use_true_random=False),
)
def test_any_image_keeps_shape_type_and_gaps(plane_model, image, holes):
    if image.dtype.kind == "f":
        for _ in range(holes.randrange(3)):
            image[holes.randrange(image.shape[0]), holes.randrange(image.shape[1])] = np.nan
        if np.isnan(image).all():
            return
    restored = restore(image, plane_model)
    assert restored.shape == image.shape
    assert restored.dtype == image.dtype
    if image.dtype.kind == "f":
        np.testing.assert_array_equal(np.isnan(restored), np.isnan(image))


@settings(max_examples=15, deadline=None)
@given(level=st.integers(-30000, 30000), height=st.integers(1, 40), width=st.integers(1, 40))
def test_constant_in_constant_out(plane_model, level, height, width):
    image = np.full((height, width), level, np.int16)
    np.testing.assert_array_equal(restore(image, plane_model), image)


def test_saturation_is_warned_of(plane_model, rng):
    image = np.minimum(rng.gamma(2, 1000, (50, 50)), 4095).astype(np.uint16)
    with pytest.warns(InputWarning, match="saturated"):
        restore(image, plane_model)


def test_coarse_sampling_is_warned_of(plane_model, photograph):
    coarse = Microscope(na=1.4, wavelength_nm=500, pixel_size_um=0.3, immersion_index=1.515)
    with pytest.warns(InputWarning, match="Nyquist"):
        restore(photograph, plane_model, psf=coarse)


def test_a_microscope_completes_itself_from_the_image(stack_model, rng):
    sizes, units = {"Z": 200.0, "Y": 100.0, "X": 100.0}, dict.fromkeys("ZYX", "nm")
    stack = Image(rng.gamma(2, 9, (4, 30, 31)).astype(np.float32), "ZYX", pixel_size=sizes, unit=units)
    scope = Microscope(na=1.0, wavelength_nm=520, pixel_size_um=0.1, immersion_index=1.33)
    told = restore(stack, stack_model, psf=scope)
    assert np.abs(told.data - restore(stack, stack_model).data).max() > 0.01 * spread(stack.data)
    wrong = Microscope(na=1.0, wavelength_nm=520, pixel_size_um=0.05, immersion_index=1.33)
    with pytest.raises(InputError, match=r"0\.1 µm, the microscope's 0\.05 µm"):
        restore(stack, stack_model, psf=wrong)
