"""Our files in the programs that people open them with: ImageJ, Bio-Formats, GDAL, QGIS, where the machine has them.

``pytest tests/io -m slow``. On Debian: ``apt-get install imagej xvfb xauth gdal-bin python3-qgis``; Bio-Formats is one
file, ``bioformats_package.jar``, whose place ``BIOFORMATS_JAR`` tells.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from gan_lessons.image import Geo, Image
from gan_lessons.io import read_image, write_image

pytestmark = pytest.mark.slow

LENGTHS = {"Z": "µm", "Y": "µm", "X": "µm"}
VALUES = np.random.default_rng(0).integers(0, 255, (2, 3, 4, 20, 30))

IMAGES = {
    "hyperstack.tif": Image(
        VALUES.astype(np.uint16) * 200,
        "TZCYX",
        {"T": 2.5, "Z": 0.3, "Y": 0.1, "X": 0.2},
        {"T": "s", **LENGTHS},
        ("DAPI", "GFP", "RFP", "Cy5"),
    ),
    "stack.tif": Image(VALUES[0, :, 0].astype(np.uint8), "ZYX", {"Z": 0.3, "Y": 0.1, "X": 0.1}, LENGTHS),
    "plane.tif": Image(VALUES[0, 0, 0].astype(np.float32), "YX", {"Y": 65.0, "X": 65.0}, {"Y": "nm", "X": "nm"}),
    "color.tif": Image(VALUES[0, 0, :3].transpose(1, 2, 0).astype(np.uint8), "YXS"),
    "hyperstack.ome.tif": Image(
        VALUES.astype(np.int16),
        "TZCYX",
        {"T": 2.5, "Z": 0.3, "Y": 0.1, "X": 0.2},
        {"T": "s", **LENGTHS},
        ("DAPI", "GFP", "RFP", "Cy5"),
    ),
}

MACRO = """
setBatchMode(true);
open(getArgument());
getDimensions(width, height, channels, slices, frames);
getVoxelSize(x, y, z, unit);
if (Stack.isHyperstack) Stack.setPosition(channels, slices, frames); else setSlice(nSlices);
seen = "" + width + " " + height + " " + channels + " " + slices + " " + frames + "|" + x + " " + y + " " + z;
seen = seen + "|" + unit + "|" + Stack.getFrameInterval() + "|" + getValue(3, 2) + "|" + getInfo("slice.label");
print("seen|" + seen);
saveAs("Tiff", getArgument() + ".saved.tif");
"""

QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsRasterLayer
application = QgsApplication([], False)
application.initQgis()
layer = QgsRasterLayer(sys.argv[1])
pixels, bands, extent = layer.dataProvider(), range(1, layer.bandCount() + 1), layer.extent()
corner = (extent.xMinimum(), extent.yMaximum(), layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY())
print(json.dumps(dict(
    valid=layer.isValid(), crs=layer.crs().authid(), corner=corner, names=[layer.bandName(i) for i in bands],
    nodata=[pixels.sourceNoDataValue(i) for i in bands], types=[pixels.sourceDataType(i) for i in bands],
)))
"""


def needs(program: str, package: str) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"needs {program}: apt-get install {package}")
    return found


def ask(*words: str | Path, **environment: str) -> str:
    """Return what a program prints, whatever its status (Debian's imagej ends with 1); our own paths don't reach it."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PROJ_", "GDAL_"))}
    environment = {**inherited, "LC_ALL": "C.UTF-8", **environment}
    return subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, env=environment).stdout


@pytest.mark.parametrize(
    ("name", "dimensions", "voxel", "unit", "interval", "label"),
    [
        ("hyperstack.tif", "30 20 4 3 2", (0.2, 0.1, 0.3), "µm", 2.5, "Cy5"),
        ("stack.tif", "30 20 1 3 1", (0.1, 0.1, 0.3), "µm", 0, ""),
        ("plane.tif", "30 20 1 1 1", (65, 65, 1), "nm", 0, ""),
        ("color.tif", "30 20 1 1 1", (1, 1, 1), "pixels", 0, ""),
        # Without the Bio-Formats plugin ImageJ reads no OME description: planes in a row, and the pixel's side.
        ("hyperstack.ome.tif", "30 20 1 24 1", (0.2, 0.1, 1), "µm", 0, ""),
    ],
)
def test_imagej(
    tmp_path: Path, name: str, dimensions: str, voxel: tuple[float, ...], unit: str, interval: float, label: str
) -> None:
    """Axes, scale, units, channel names and the last plane's pixels; and what ImageJ saves again, read by us."""
    imagej, display = needs("imagej", "imagej"), needs("xvfb-run", "xvfb xauth")
    path, image = tmp_path / name, IMAGES[name]
    write_image(path, image)
    (tmp_path / "look.ijm").write_text(MACRO, encoding="utf-8")
    printed = ask(display, "-a", imagej, "-b", tmp_path / "look.ijm", path)
    (line,) = [line for line in printed.splitlines() if line.startswith("seen|")]
    _, found, size, found_unit, found_interval, pixel, found_label = line.split("|")
    assert (found, found_unit.strip(), float(found_interval), found_label) == (dimensions, unit, interval, label)
    assert tuple(map(float, size.split())) == pytest.approx(voxel, rel=1e-3)
    if "S" not in image.axes:
        assert float(pixel) == np.asarray(image.data).reshape(-1, 20, 30)[-1, 2, 3]
    if name.endswith(".ome.tif"):
        return
    again = read_image(tmp_path / f"{name}.saved.tif")
    np.testing.assert_array_equal(again.data, image.data)
    assert (again.axes, again.unit, again.channel_names) == (image.axes, image.unit, image.channel_names)
    assert again.pixel_size == pytest.approx(image.pixel_size, rel=1e-3)


def test_bio_formats(tmp_path: Path) -> None:
    """The plugin by which Fiji reads OME-TIFF."""
    java, jar = needs("java", "default-jre-headless"), os.environ.get("BIOFORMATS_JAR")
    if not jar:
        pytest.skip("needs Bio-Formats: set BIOFORMATS_JAR to bioformats_package.jar")
    write_image(tmp_path / "a.ome.tif", IMAGES["hyperstack.ome.tif"])
    printed = ask(java, "-cp", jar, "loci.formats.tools.ImageInfo", "-nopix", "-omexml-only", tmp_path / "a.ome.tif")
    told = ElementTree.fromstring(printed).find("{*}Image/{*}Pixels")
    assert told is not None
    assert [told.get(f"Size{axis}") for axis in "XYCZT"] == ["30", "20", "4", "3", "2"]
    assert [told.get(f"PhysicalSize{axis}") for axis in "XYZ"] == ["0.2", "0.1", "0.3"]
    assert [told.get(f"PhysicalSize{axis}Unit") for axis in "XYZ"] == ["µm", "µm", "µm"]
    assert (told.get("TimeIncrement"), told.get("Type")) == ("2.5", "int16")
    assert [channel.get("Name") for channel in told.findall("{*}Channel")] == ["DAPI", "GFP", "RFP", "Cy5"]


@pytest.fixture
def map_file(tmp_path: Path) -> Path:
    rasterio = pytest.importorskip("rasterio")
    geo = Geo(rasterio.CRS.from_epsg(32629).to_wkt(), (10.0, 0.0, 219980.0, 0.0, -10.0, 2780020.0), 0.0)
    bands = VALUES[0, 0].astype(np.uint16)
    size, unit = {"Y": 10.0, "X": 10.0}, {"Y": "m", "X": "m"}
    write_image(tmp_path / "map.tif", Image(bands, "CYX", size, unit, ("B02", "B03", "B04", "B08"), geo))
    return tmp_path / "map.tif"


def test_gdal(map_file: Path) -> None:
    told = json.loads(ask(needs("gdalinfo", "gdal-bin"), "-json", map_file))
    assert told["size"] == [30, 20]
    assert told["geoTransform"] == [219980.0, 10.0, 0.0, 2780020.0, 0.0, -10.0]
    assert 'ID["EPSG",32629]' in told["coordinateSystem"]["wkt"]
    assert [band["description"] for band in told["bands"]] == ["B02", "B03", "B04", "B08"]
    assert {(band["type"], band["noDataValue"]) for band in told["bands"]} == {("UInt16", 0.0)}


def test_qgis(map_file: Path) -> None:
    """By QGIS's own Python, which is Debian's and not this environment's."""
    python = "/usr/bin/python3"
    if not Path(python).exists() or subprocess.run([python, "-c", "import qgis.core"], capture_output=True).returncode:
        pytest.skip("needs QGIS: apt-get install python3-qgis")
    told = json.loads(ask(python, "-c", QGIS, map_file, QT_QPA_PLATFORM="offscreen"))
    assert told["valid"]
    assert told["crs"] == "EPSG:32629"
    assert told["corner"] == [219980.0, 2780020.0, 10.0, 10.0]
    assert told["names"] == ["Band 1: B02", "Band 2: B03", "Band 3: B04", "Band 4: B08"]
    assert (told["nodata"], told["types"]) == ([0.0] * 4, [2] * 4)  # 2: 16 bits without sign
