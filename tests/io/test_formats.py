"""What files say of themselves: calibration, channels told from colors, palettes, maps."""

from __future__ import annotations

from pathlib import Path

import dask.array
import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Geo, Image
from gan_lessons.io import read_image, write_image

STACK = np.arange(5 * 12 * 9, dtype=np.uint16).reshape(5, 12, 9)


@pytest.mark.parametrize("unit", ["micron", "\\u00B5m", "um"])
def test_calibration_by_imagej(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "a.tif"
    told = {"axes": "ZYX", "unit": unit, "spacing": 0.3}
    tifffile.imwrite(path, STACK, imagej=True, resolution=(10, 5), metadata=told)
    image = read_image(path)
    assert image.pixel_size == pytest.approx({"Z": 0.3, "Y": 0.2, "X": 0.1})
    assert image.unit == {"Z": "µm", "Y": "µm", "X": "µm"}


def test_no_unit_no_calibration(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, resolution=(72, 72), metadata={"axes": "ZYX"})
    assert read_image(tmp_path / "a.tif").pixel_size == {}


def test_dots_per_inch_are_no_calibration(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK[0], resolution=(300, 300), resolutionunit="INCH")
    assert read_image(tmp_path / "a.tif").pixel_size == {}
    tifffile.imwrite(tmp_path / "b.tif", STACK[0], resolution=(1e5, 1e5), resolutionunit="CENTIMETER")
    assert read_image(tmp_path / "b.tif").pixel_size == pytest.approx({"Y": 0.1, "X": 0.1})


def test_calibration_by_ome(tmp_path: Path) -> None:
    told = {"axes": "CYX", "PhysicalSizeX": 65, "PhysicalSizeXUnit": "nm", "Channel": {"Name": list("abcde")}}
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK, ome=True, metadata=told, photometric="minisblack")
    image = read_image(tmp_path / "a.ome.tif")
    assert image.pixel_size == {"X": 65}
    assert image.unit == {"X": "nm"}
    assert image.channel_names == tuple("abcde")


def test_given_pixel_size_is_stronger(tmp_path: Path) -> None:
    told = {"axes": "ZYX", "unit": "nm", "spacing": 300}
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, resolution=(0.1, 0.1), metadata=told)
    image = read_image(tmp_path / "a.tif", pixel_size=0.065)
    assert image.pixel_size == {"Z": 300, "Y": 0.065, "X": 0.065}
    assert image.unit == {"Z": "nm", "Y": "µm", "X": "µm"}


def test_three_channels_are_not_colors(tmp_path: Path) -> None:
    colors = np.zeros((12, 9, 3), np.uint8)
    tifffile.imwrite(tmp_path / "photo.tif", colors, photometric="rgb")
    tifffile.imwrite(tmp_path / "imagej.tif", colors, photometric="rgb", imagej=True)
    tifffile.imwrite(tmp_path / "gray.tif", colors, photometric="minisblack", planarconfig="contig")
    description = "ImageJ=1.54f\nchannels=3\nmode=composite\n"
    composite = {"photometric": "rgb", "metadata": None, "description": description}
    tifffile.imwrite(tmp_path / "composite.tif", colors.astype(np.uint16), **composite)
    tifffile.imwrite(tmp_path / "composite8.tif", colors, **composite)
    tifffile.imwrite(tmp_path / "planar.tif", np.moveaxis(colors, -1, 0), photometric="rgb", planarconfig="separate")
    found = {path.stem: read_image(path).axes for path in tmp_path.iterdir()}
    assert found == {
        "photo": "YXS",
        "planar": "YXS",
        "imagej": "YXS",
        "gray": "YXC",
        "composite": "YXC",
        "composite8": "YXC",
    }


def test_palette_and_transparency(tmp_path: Path) -> None:
    rgb = np.zeros((8, 6, 3), np.uint8)
    rgb[:4] = (255, 128, 0)
    picture = PillowImage.fromarray(rgb)
    picture.quantize(4).save(tmp_path / "palette.png")
    np.testing.assert_array_equal(read_image(tmp_path / "palette.png").data, rgb)
    PillowImage.fromarray(rgb[..., :2], "LA").save(tmp_path / "la.png")
    assert read_image(tmp_path / "la.png").data.shape == (8, 6, 4)
    picture.convert("RGBA").save(tmp_path / "rgba.png")
    assert read_image(tmp_path / "rgba.png").data.shape == (8, 6, 4)


def test_photograph_is_turned_upright(tmp_path: Path) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    PillowImage.fromarray(np.zeros((8, 6, 3), np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg").data.shape == (6, 8, 3)


def test_png_says_what_it_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="float32"):
        write_image(tmp_path / "a.png", Image(np.zeros((4, 4), np.float32), "YX"))
    with pytest.raises(InputError, match="axes ZYX"):
        write_image(tmp_path / "a.png", Image(STACK, "ZYX"))
    with pytest.warns(InputWarning, match="pixel size"):
        write_image(tmp_path / "a.png", Image(STACK[0], "YX", {"X": 0.1}, {"X": "µm"}))


def test_bare_zarr_needs_axes(tmp_path: Path) -> None:
    dask.array.from_array(STACK).to_zarr(tmp_path / "a.zarr")
    with pytest.raises(InputError, match="--axes"):
        read_image(tmp_path / "a.zarr")
    np.testing.assert_array_equal(np.asarray(read_image(tmp_path / "a.zarr", axes="ZYX").data), STACK)


def test_ome_zarr_of_version_4(tmp_path: Path) -> None:
    from ome_zarr.format import FormatV04
    from ome_zarr.writer import write_image as write

    steps, units = {"z": 0.3, "y": 0.1, "x": 0.1}, dict.fromkeys("zyx", "micrometer")
    write(STACK, str(tmp_path / "a.zarr"), fmt=FormatV04(), axes="zyx", scale=steps, axes_units=units)
    image = read_image(tmp_path / "a.zarr")
    assert (image.axes, image.pixel_size, image.unit["Z"]) == ("ZYX", {"Z": 0.3, "Y": 0.1, "X": 0.1}, "µm")
    np.testing.assert_array_equal(np.asarray(image.data), STACK)


@pytest.mark.parametrize("lazy", [False, True])
def test_map_keeps_its_place(tmp_path: Path, lazy: bool) -> None:
    rasterio = pytest.importorskip("rasterio")
    crs = rasterio.CRS.from_epsg(32629).to_wkt()
    geo = Geo(crs, (10.0, 0.0, 219980.0, 0.0, -10.0, 2780020.0), 0.0)
    bands = np.random.default_rng(0).integers(0, 9999, (4, 300, 280), dtype=np.uint16)
    data = dask.array.from_array(bands, chunks=(4, 100, 130)) if lazy else bands
    image = Image(data, "CYX", {"Y": 10.0, "X": 10.0}, {"Y": "m", "X": "m"}, ("B02", "B03", "B04", "B08"), geo)
    write_image(tmp_path / "map.tif", image)
    found = read_image(tmp_path / "map.tif")
    assert isinstance(found.data, dask.array.Array)
    np.testing.assert_array_equal(np.asarray(found.data), bands)
    assert (found.axes, found.channel_names, found.pixel_size) == ("CYX", image.channel_names, image.pixel_size)
    assert found.geo is not None
    assert (found.geo.transform, found.geo.nodata) == (geo.transform, 0.0)
    assert rasterio.CRS.from_wkt(found.geo.crs) == rasterio.CRS.from_epsg(32629)


def test_maps_of_the_shared_data(tmp_path: Path, shared_data: Path) -> None:
    """Bands, colors, nodata, transform and projection as GDAL sees them, before and after."""
    rasterio = pytest.importorskip("rasterio")
    paths = sorted((shared_data / "remote").glob("*.tif"))
    assert len(paths) >= 9
    for path in paths:
        write_image(tmp_path / path.name, read_image(path))
        with rasterio.open(path) as before, rasterio.open(tmp_path / path.name) as after:
            for what in ("shape", "dtypes", "nodata", "crs", "transform", "descriptions", "colorinterp"):
                assert getattr(after, what) == getattr(before, what), (path.name, what)
            np.testing.assert_array_equal(after.read(), before.read())


def test_stacks_of_the_shared_data(shared_data: Path) -> None:
    """Files that don't say what their axes are stop; the others have the axes that their names and sources tell."""
    silent, told = {}, {}
    for path in sorted((shared_data / "microscopy").rglob("*.tif")):
        try:
            told[path.name] = read_image(path)
        except InputError as error:
            silent[path.name] = str(error)
    assert len(silent) == 8
    assert all("--axes" in text for text in silent.values())
    assert told["xyc_16bit__hela-cells.tif"].axes == "YXC"
    assert told["xyzc_16bit__spots.tif"].axes == "ZCYX"
    assert told["xyt_calibrated_16bit__golgi_bfa_sum_projection.tif"].axes == "TYX"
    assert told["Bead_Image1_crop.tif"].pixel_size == pytest.approx(
        {"Z": 0.125, "Y": 0.022492, "X": 0.022492}, rel=1e-4
    )
