"""The parts of `restore`: tiles, gaps, statistics, layout, and what becomes of values at the limits of their type."""

import dask.array
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import fftconvolve

from gan_lessons.restoration.gaps import REACH, fill_gaps, find_gaps
from gan_lessons.restoration.guidance import RADIUS, GuideFilters
from gan_lessons.restoration.layout import CANONICAL, Layout
from gan_lessons.restoration.output import to_pixels
from gan_lessons.restoration.statistics import LARGEST_SAMPLE, MOST_PLANES, sample_channel, saturated_share
from gan_lessons.restoration.tiles import tile_grid, tile_size, within

small = st.integers(1, 9)


@given(shape=st.tuples(small, small, small), size=st.tuples(small, small, small), halo=st.integers(0, 4))
def test_tiles_cover_a_volume_once(shape, size, halo):
    count, position = np.zeros(shape, int), np.arange(np.prod(shape)).reshape(shape)
    for tile in tile_grid(shape, size, (halo,) * 3, (1, 1, 1)):
        count[tile.core] += 1
        read = position[tile.read]
        np.testing.assert_array_equal(read[within(tile.core, tile.read)], position[tile.core])
        for core, seen, length in zip(tile.core, tile.seen, shape, strict=True):
            assert seen.start == max(0, core.start - halo)
            assert seen.stop == min(length, core.stop + halo)
    assert (count == 1).all()


def test_default_tile_computes_little_twice_and_lies_on_the_stride():
    depth, rows, columns = tile_size(None, (100, 9000, 9000), stride=8, halo=48, reach=0, lazy=False)
    assert depth == 1
    assert rows == columns
    assert rows % 8 == 0
    assert (1 + 2 * 48 / rows) ** 2 <= 1.15


def test_small_planes_go_together():
    assert tile_size(None, (100, 64, 64), stride=8, halo=48, reach=0, lazy=False)[0] == 16


def test_gaps_are_filled_from_next_to_them():
    plane = np.tile(np.arange(40.0), (40, 1))
    gaps = np.zeros(plane.shape, bool)
    gaps[10:13, 5:8] = True
    filled = fill_gaps(np.where(gaps, np.nan, plane), gaps, beyond=-1.0)
    np.testing.assert_array_equal(filled[~gaps], plane[~gaps])
    assert np.abs(filled - plane)[gaps].max() <= 2


def test_what_is_far_from_any_value_is_filled_with_the_given_one():
    gaps = np.ones((80, 80), bool)
    gaps[0, 0] = False
    filled = fill_gaps(np.full((80, 80), 7.0), gaps, beyond=3.0)
    reached = np.zeros_like(gaps)
    reached[: REACH + 1, : REACH + 1] = True
    np.testing.assert_allclose(filled, np.where(reached, 7.0, 3.0))


def test_a_window_with_a_margin_is_filled_as_the_whole(rng):
    plane = rng.random((90, 90))
    gaps = rng.random((90, 90)) < 0.7
    gaps[40:60, 40:70] = True
    whole = fill_gaps(plane, gaps, 0.5)[30:60, 30:60]
    window = slice(30 - REACH, 60 + REACH)
    part = fill_gaps(plane[window, window], gaps[window, window], 0.5)[REACH:-REACH, REACH:-REACH]
    np.testing.assert_allclose(part, whole, atol=1e-12)


def test_integers_have_no_gaps_without_nodata():
    assert find_gaps(np.zeros((2, 2), np.uint8)) is None
    assert find_gaps(np.zeros((2, 2), np.uint8), nodata=0).all()
    assert find_gaps(np.ones((2, 2))) is None


def test_a_sample_is_all_of_a_small_channel_and_some_of_a_large_one(rng):
    small_channel = rng.random((1, 3, 1, 20, 30))
    np.testing.assert_array_equal(sample_channel(small_channel), small_channel.ravel())
    large = dask.array.zeros((500, 7, 1, 600, 600), chunks=(1, 1, 1, 600, 600))
    counted = dask.array.map_blocks(_count, large, dtype=float)
    _count.planes = 0
    assert LARGEST_SAMPLE / 4 < sample_channel(counted).size <= LARGEST_SAMPLE
    assert _count.planes <= MOST_PLANES


def _count(plane):
    _count.planes += 1
    return plane


@given(length=st.integers(1, 10**7))
def test_a_line_of_pixels_is_sampled_too(length):
    assert 0 < sample_channel(np.broadcast_to(np.uint8(3), (1, 1, 1, 1, length))).size <= LARGEST_SAMPLE


def test_the_sample_is_without_gaps():
    values = np.array([1, 2, np.nan, np.inf, -9999]).reshape(1, 1, 1, 1, 5)
    assert sample_channel(values, nodata=-9999).tolist() == [1, 2]


def test_saturation_is_told_from_a_maximum():
    assert saturated_share(np.array([1, 200, 200], np.uint8)) == 0
    assert saturated_share(np.array([1, 255, 255, 255], np.uint8)) == 0.75
    assert saturated_share(np.array([1.0, 255.0])) == 0


@given(axes=st.permutations("TCZYX"), together=st.booleans())
def test_layout_comes_back(axes, together):
    axes = "".join(axes)
    data = np.arange(120).reshape([dict(zip("TCZYX", (1, 2, 3, 4, 5), strict=True))[axis] for axis in axes])
    layout = Layout.of(axes, together=together)
    canonical = layout.canonical(data)
    assert canonical.shape == tuple(
        {"T": 1, "Z": 3, "Y": 4, "X": 5, "S" if together else "C": 2}.get(a, 1) for a in CANONICAL
    )
    np.testing.assert_array_equal(layout.original(canonical), data)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint64", "int64", "float16"])
def test_values_beyond_a_type_are_clipped_and_counted(dtype):
    dtype = np.dtype(dtype)
    pixels, clipped = to_pixels(np.array([[-1e30, 1e30, 3.4]]), np.zeros((1, 3), dtype), None, dtype, None)
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    assert pixels[0, 0] == limits.min
    assert pixels[0, 1] >= 0.99 * limits.max
    assert pixels[0, 2] == dtype.type(3.4)
    assert clipped == 2


@pytest.mark.parametrize(("nodata", "dtype", "expected"), [(0, "uint8", 1), (255, "uint8", 254), (5, "float32", 5)])
def test_no_result_becomes_nodata_by_chance(nodata, dtype, expected):
    values, original = np.full((1, 2), float(nodata)), np.array([[7, nodata]], dtype)
    gaps = np.array([[False, True]])
    pixels, _ = to_pixels(values, original, gaps, np.dtype(dtype), nodata)
    assert pixels[0, 1] == nodata
    assert pixels[0, 0] != nodata
    assert pixels[0, 0] == pytest.approx(expected)


def test_a_nodata_that_the_type_cant_hold_is_no_ones():
    pixels, clipped = to_pixels(np.array([3.0]), np.array([3], np.uint8), None, np.dtype(np.uint8), -9999.0)
    assert pixels.tolist() == [3]
    assert clipped == 0


@pytest.mark.parametrize("sides", [(7, 7), (5, 7, 7)])
def test_guides_are_convolutions_with_their_kernels(sides, gaussian, rng):
    filters = GuideFilters(torch.from_numpy(gaussian(*sides)))
    shape = (9, 20, 23)[-len(sides) :]
    image = rng.random(shape).astype(np.float32)
    found = filters(torch.from_numpy(image)[None, None])[0]
    padded = np.pad(image, [(r, r) for r in RADIUS[len(sides)]], mode="edge")
    for guide, kernel in zip(found.numpy(), filters.kernels.numpy(), strict=True):
        expected = fftconvolve(padded.astype(np.float64), kernel, "valid")
        np.testing.assert_allclose(guide, expected, atol=1e-5 * np.abs(kernel).sum())


def test_guides_of_some_planes_are_those_of_all(gaussian, rng):
    filters = GuideFilters(torch.from_numpy(gaussian(5, 7, 7)))
    volume = torch.from_numpy(rng.random((2, 1, 12, 20, 23), dtype=np.float32))
    torch.testing.assert_close(filters(volume, slice(3, 7)), filters(volume)[:, :, 3:7])
