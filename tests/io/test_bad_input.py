"""Whatever a folder of images may hold: a clear line, or the right pixels."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Geo, Image
from gan_lessons.io import read_image, write_image

PLANE = np.arange(12 * 9, dtype=np.uint16).reshape(12, 9)


def message(error: pytest.ExceptionInfo[InputError], path: Path) -> str:
    """Return the message, after a look at what all messages have in common."""
    text = str(error.value)
    assert "\n" not in text
    assert path.name in text
    return text


def refused(path: Path, **options: str) -> str:
    with pytest.raises(InputError) as error:
        read_image(path, **options)
    return message(error, path)


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "nothing.tif"
    path.touch()
    assert "empty" in refused(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "absent.tif")
    assert "no such file" in refused(tmp_path / "absent" / "a.tif")
    assert "folder" in refused(tmp_path)


def test_text_renamed(tmp_path: Path) -> None:
    path = tmp_path / "notes.tif"
    path.write_text("dear diary")
    assert "b'dear dia'" in refused(path)


def test_other_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "stack.mrc"
    path.write_bytes(bytes(100))
    assert "expected TIFF" in refused(path)


@pytest.mark.parametrize("fraction", [0.0005, 0.01, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(
    "options",
    [{"imagej": True}, {"ome": True}, {}, {"metadata": None}, {"compression": "zlib"}, {"compression": "lzw"}],
    ids=str,
)
def test_truncated_tiff(tmp_path: Path, options: dict, fraction: float) -> None:
    path = tmp_path / "cut.tif"
    stack = np.random.default_rng(0).integers(0, 60000, (6, 120, 120), dtype=np.uint16)
    tifffile.imwrite(path, stack, photometric="minisblack", **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * fraction)])
    refused(path, axes="ZYX")


def test_truncated_png(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    PillowImage.fromarray(np.random.default_rng(0).integers(0, 255, (50, 50), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:1000])
    assert "not a readable image" in refused(path)


@pytest.mark.parametrize("dtype", ["complex64", "bool"])
def test_pixels_without_an_intensity(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "odd.tif"
    tifffile.imwrite(path, PLANE.astype(dtype))
    assert dtype in refused(path)


def test_one_pixel(tmp_path: Path) -> None:
    path = tmp_path / "dot.tif"
    tifffile.imwrite(path, np.array([[7]], np.uint16))
    image = read_image(path)
    assert (image.axes, image.data.tolist()) == ("YX", [[7]])


def test_five_axes(tmp_path: Path) -> None:
    path = tmp_path / "five.tif"
    stack = np.random.default_rng(1).integers(0, 255, (2, 3, 2, 5, 4), dtype=np.uint8)
    tifffile.imwrite(path, stack, imagej=True, metadata={"axes": "TZCYX"})
    image = read_image(path)
    assert image.axes == "TZCYX"
    np.testing.assert_array_equal(image.data, stack)


@pytest.mark.parametrize("dtype", [">u2", ">f4", "i1", "i2", "i4", "f8"])
def test_kinds_of_numbers(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "numbers.tif"
    values = (PLANE - np.int64(20)).clip(0 if "u" in dtype else -20).astype(dtype)
    tifffile.imwrite(path, values, byteorder=">" if dtype[0] == ">" else "<")
    data = read_image(path).data
    assert data.dtype == np.dtype(dtype).newbyteorder("=")
    assert data.dtype.isnative
    np.testing.assert_array_equal(data, values)


def test_axes_that_the_file_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, np.zeros((5, 12, 9), np.uint8), photometric="minisblack")
    text = refused(path)
    assert "(5, 12, 9)" in text
    assert "--axes ZYX" in text
    assert read_image(path, axes="TYX").axes == "TYX"


@pytest.mark.parametrize("axes", ["YX", "ZYXS", "QYX", "ZZX"])
def test_axes_that_do_not_fit(tmp_path: Path, axes: str) -> None:
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, np.zeros((5, 12, 9), np.uint8), photometric="minisblack")
    refused(path, axes=axes)


def test_several_images_in_a_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    with tifffile.TiffWriter(path) as tif:
        tif.write(PLANE)
        tif.write(np.zeros((30, 20), np.float32))
    with pytest.warns(InputWarning, match="holds 2 images"):
        image = read_image(path)
    np.testing.assert_array_equal(image.data, PLANE)


def test_missing_part_of_an_image(tmp_path: Path) -> None:
    """An OME-TIFF whose description tells of planes in another file, which isn't there."""
    path = tmp_path / "part.ome.tif"
    tifffile.imwrite(path, np.stack([PLANE, PLANE]), ome=True, metadata={"axes": "ZYX"}, photometric="minisblack")
    with tifffile.TiffFile(path) as tif:
        text = tif.ome_metadata
    assert text is not None
    head, tail = text.split("<TiffData", 1)
    uuids = [
        f"<UUID FileName='{name}'>urn:uuid:{number}</UUID>" for number, name in enumerate([path.name, "b.ome.tif"])
    ]
    parts = "".join(f"<TiffData FirstZ='{z}' IFD='0' PlaneCount='1'>{uuid}</TiffData>" for z, uuid in enumerate(uuids))
    description = head + parts + tail[tail.index("/>") + 2 :]
    tifffile.imwrite(path, PLANE, metadata=None, description=description.replace("<OME ", "<OME UUID='urn:uuid:0' "))
    assert "missing" in refused(path)


@pytest.mark.parametrize("size", [0.0, -0.1, float("nan")])
def test_pixel_size_must_be_positive(tmp_path: Path, size: float) -> None:
    path = tmp_path / "plane.tif"
    tifffile.imwrite(path, PLANE)
    with pytest.raises(InputError, match="positive"):
        read_image(path, pixel_size=size)


def test_pixel_size_of_an_absent_axis(tmp_path: Path) -> None:
    path = tmp_path / "plane.tif"
    tifffile.imwrite(path, PLANE)
    with pytest.raises(InputError, match="axis Z"):
        read_image(path, pixel_size={"Z": 0.3})


def test_unknown_suffix_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown suffix"):
        write_image(tmp_path / "a.xyz", Image(PLANE, "YX"))


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    for suffix in (".tif", ".zarr"):
        path = tmp_path / f"result{suffix}"
        write_image(path, Image(PLANE, "YX"))
        with pytest.raises(InputError, match="exists already") as error:
            write_image(path, Image(PLANE + 1, "YX"))
        message(error, path)
        np.testing.assert_array_equal(np.asarray(read_image(path).data), PLANE)
        write_image(path, Image(PLANE + 1, "YX"), overwrite=True)
        np.testing.assert_array_equal(np.asarray(read_image(path).data), PLANE + 1)
    assert len(list(tmp_path.iterdir())) == 2


def test_missing_output_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        write_image(tmp_path / "absent" / "a.tif", Image(PLANE, "YX"))


@pytest.mark.skipif(sys.platform != "linux", reason="not even the superuser can write into Linux's /sys")
@pytest.mark.parametrize("suffix", [".tif", ".png", ".zarr"])
def test_read_only_output_folder(suffix: str) -> None:
    with pytest.raises(InputError, match="could not be written") as error:
        write_image(Path("/sys") / f"a{suffix}", Image(PLANE, "YX"))
    message(error, Path(f"a{suffix}"))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the limit on a file's size is POSIX")
@pytest.mark.parametrize("suffix", [".tif", ".ome.tif", ".png", ".zarr", "map.tif"])
def test_no_room_left(tmp_path: Path, suffix: str) -> None:
    """A limit on a file's size stands for the full disk: the same calls fail in the same way."""
    noise = np.random.default_rng(2).integers(0, 60000, (300, 300), dtype=np.uint16)
    image = Image(noise, "YX")
    if suffix == "map.tif":
        pytest.importorskip("rasterio")
        image = Image(noise, "YX", geo=Geo("", (10.0, 0.0, 500.0, 0.0, -10.0, 900.0)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(InputError, match="could not be written") as error:
            write_image(tmp_path / f"a{suffix}", image)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    message(error, tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())


def test_interrupted_writing_leaves_the_older_file(tmp_path: Path) -> None:
    import dask.array

    def interrupt(block: np.ndarray) -> np.ndarray:
        raise KeyboardInterrupt

    for suffix in (".tif", ".zarr"):
        path = tmp_path / f"result{suffix}"
        write_image(path, Image(PLANE, "YX"))
        lazy = dask.array.from_array(PLANE, chunks=4).map_blocks(interrupt, meta=np.empty((0, 0), np.uint16))
        with pytest.raises(KeyboardInterrupt):
            write_image(path, Image(lazy, "YX"), overwrite=True)
        np.testing.assert_array_equal(np.asarray(read_image(path).data), PLANE)
    assert len(list(tmp_path.iterdir())) == 2
