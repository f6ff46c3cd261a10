"""What is written comes back: pixels bit for bit, axes, pixel size, units, names."""

from __future__ import annotations

import tempfile
from pathlib import Path

import dask.array
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons.image import Image
from gan_lessons.io import read_image, tiff, tiff_writer, write_image

SIZES = {"T": 3, "C": 2, "Z": 4, "Y": 6, "X": 5}
STEPS = st.floats(1e-3, 1e3)


@st.composite
def stacks(draw: st.DrawFn, dtypes: tuple[str, ...]) -> Image:
    """A stack of up to five axes, in any order of those before Y and X, with what is known of it."""
    leading = draw(st.permutations("TCZ"))[: draw(st.integers(0, 3))]
    axes = "".join(leading) + "YX"
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    shape = tuple(SIZES[axis] for axis in axes)
    data = np.random.default_rng(draw(st.integers(0, 99))).uniform(0, 100, shape).astype(dtype)
    known = [axis for axis in axes if axis in "ZYX"] if draw(st.booleans()) else []
    size = {axis: draw(STEPS) for axis in known}
    unit = dict.fromkeys(size, draw(st.sampled_from(["µm", "nm", "mm"])))
    if "T" in axes and draw(st.booleans()):
        size["T"], unit["T"] = draw(STEPS), "s"
    names = ("DAPI", "GFP") if "C" in axes and draw(st.booleans()) else ()
    return Image(data, axes, size, unit, names)


def assert_same(found: Image, image: Image) -> None:
    assert set(found.axes) == set(image.axes)
    pixels = np.asarray(found.data).transpose([found.axes.index(axis) for axis in image.axes])
    np.testing.assert_array_equal(pixels, np.asarray(image.data))
    assert pixels.dtype == image.data.dtype
    assert dict(found.pixel_size) == pytest.approx(dict(image.pixel_size), rel=1e-6)
    assert found.unit == image.unit


@settings(max_examples=40, deadline=None)
@given(stacks(("uint8", "uint16", "float32")))
def test_imagej(image: Image) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.tif"
        write_image(path, image)
        with tifffile.TiffFile(path) as tif:
            assert tif.is_imagej
            assert tif.series[0].axes == "".join(axis for axis in "TZCYX" if axis in image.axes)
        found = read_image(path)
        assert_same(found, image)
        assert found.channel_names == image.channel_names


@settings(max_examples=40, deadline=None)
@given(stacks(tiff_writer.OME_TYPES))
def test_ome_tiff(image: Image) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.ome.tif"
        write_image(path, image)
        with tifffile.TiffFile(path) as tif:
            assert tif.is_ome
        found = read_image(path)
        assert_same(found, image)
        assert found.channel_names == image.channel_names


@settings(max_examples=15, deadline=None)
@given(stacks(("uint8", "int16", "uint64", "float32", "float64")))
def test_ome_zarr(image: Image) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.zarr"
        write_image(path, image)
        found = read_image(path)
        assert isinstance(found.data, dask.array.Array)
        assert_same(found, image)
        assert found.channel_names == image.channel_names


@pytest.mark.parametrize("dtype", ["int16", "float64", "uint32"])
def test_a_type_that_imagej_lacks_is_kept(tmp_path: Path, dtype: str) -> None:
    image = Image(np.arange(30).reshape(5, 6).astype(dtype), "YX", {"Y": 0.1, "X": 0.1}, {"Y": "µm", "X": "µm"})
    write_image(tmp_path / "a.tif", image)
    assert_same(read_image(tmp_path / "a.tif"), image)


@pytest.mark.parametrize(
    ("name", "samples", "dtype"),
    [
        ("a.tif", 3, "uint8"),
        ("a.tif", 4, "uint8"),
        ("a.tif", 3, "uint16"),
        ("a.ome.tif", 3, "uint8"),
        ("a.png", 3, "uint8"),
        ("a.png", 4, "uint8"),
        ("a.png", 3, "uint16"),
        ("a.png", 4, "uint16"),
        ("a.bmp", 3, "uint8"),
    ],
)
def test_color(tmp_path: Path, name: str, samples: int, dtype: str) -> None:
    data = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (7, 9, samples), dtype=dtype)
    write_image(tmp_path / name, Image(data, "YXS"))
    found = read_image(tmp_path / name)
    assert found.axes == "YXS"
    assert_same(found, Image(data, "YXS"))


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_gray_png(tmp_path: Path, dtype: str) -> None:
    image = Image(np.arange(63, dtype=dtype).reshape(7, 9) * np.dtype(dtype).type(4), "YX")
    write_image(tmp_path / "a.png", image)
    assert_same(read_image(tmp_path / "a.png"), image)


def test_lazy_stack_is_written_block_by_block(tmp_path: Path) -> None:
    """Every block is computed once, whatever its place in the order of planes."""
    data = np.arange(4 * 6 * 8 * 10, dtype=np.uint16).reshape(4, 6, 8, 10)
    computed = []
    lazy = dask.array.from_array(data, chunks=(2, 3, 8, 5)).map_blocks(
        lambda block: computed.append(block.shape) or block, meta=np.empty((0, 0, 0, 0), np.uint16)
    )
    for name in ("a.tif", "a.ome.tif", "a.zarr"):
        computed.clear()
        write_image(tmp_path / name, Image(lazy, "TZYX"))
        assert computed == [(2, 3, 8, 5)] * 8
        assert_same(read_image(tmp_path / name), Image(data, "TZYX"))


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16), "compression": "lzw"}], ids=str)
@pytest.mark.parametrize("plane_above", [tiff.PLANE_ABOVE, 0])
def test_large_tiff_is_lazy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict, plane_above: int) -> None:
    monkeypatch.setattr(tiff, "LAZY_ABOVE", 0)
    monkeypatch.setattr(tiff, "PLANE_ABOVE", plane_above or 600)
    data = np.random.default_rng(0).integers(0, 999, (5, 40, 30), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", data, byteorder=">", photometric="minisblack", **options)
    found = read_image(tmp_path / "a.tif", axes="ZYX")
    assert isinstance(found.data, dask.array.Array)
    assert found.data.numblocks[0] == 5 if plane_above else found.data.npartitions > 5
    assert_same(found, Image(data, "ZYX"))


def test_napari_opens_the_files(tmp_path: Path) -> None:
    pytest.importorskip("napari")
    from napari_builtins.io import napari_get_reader

    image = Image(np.arange(2 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 3, 4, 5), "ZCYX")
    write_image(tmp_path / "a.tif", image)
    write_image(tmp_path / "a.ome.tif", image)
    for name, order in (("a.tif", "ZCYX"), ("a.ome.tif", "CZYX")):
        reader = napari_get_reader(str(tmp_path / name))
        assert reader is not None
        (pixels, *_), *_ = reader(str(tmp_path / name))
        expected = image.data.transpose([image.axes.index(axis) for axis in order])
        np.testing.assert_array_equal(np.asarray(pixels), expected)
