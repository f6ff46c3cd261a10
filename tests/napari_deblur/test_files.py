"""Files in the real viewer: opened, restored, saved, and opened again by another process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from gan_lessons.image import Geo, Image
from gan_lessons.io import read_image, write_image

pytestmark = pytest.mark.gui

UTM = (
    'PROJCS["WGS 84 / UTM zone 18N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",-75],PARAMETER["scale_factor",0.9996],'
    'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1]]'
)
AGAIN = """
import json, sys
from gan_lessons.io import read_image
told = []
for path in sys.argv[1:]:
    image = read_image(path, axes=None)
    geo = image.geo
    told.append([list(image.data.shape), str(image.data.dtype), image.axes, dict(image.pixel_size), dict(image.unit),
        None if geo is None else [geo.crs, list(geo.transform), geo.nodata], list(image.channel_names)])
print(json.dumps(told))
"""
STACKS = [
    "microscopy/neubias/xyzc_16bit__spots.tif",
    "microscopy/neubias/xyz_8bit__chromosomes.tif",
    "microscopy/neubias/xyz_calibrated_16bit__golgi_bfa.tif",
    "microscopy/neubias/xyz_8bit__nucleus.tif",
    "microscopy/neubias/xyc_16bit__hela-cells.tif",
    "microscopy/neubias/xyc_16bit__nup_nuclei.tif",
    "microscopy/neubias/mitocheck_movie_30frames.tif",
    "microscopy/membrane_2d_timelapse.tif",
    "microscopy/BBBC022_IXMtest_A02_s9.tif",
    "microscopy/maize_clsm.tif",
]
MAPS = ["remote/spacenet4_atlanta_pan.tif", "remote/RGB.byte.tif", "remote/sentinel2_29RKH_B02B03B04B08.tif"]
QUICK = (STACKS[0], MAPS[0])


def describe(*paths: Path) -> list[Any]:
    """Say what files hold, in a process that knows nothing of this one."""
    told = subprocess.run([sys.executable, "-c", AGAIN, *map(str, paths)], capture_output=True, text=True, check=True)
    return list(json.loads(told.stdout))


def test_channels_come_as_layers_and_are_saved_as_one_file(viewer: Any, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 4000, (3, 2, 30, 32), dtype=np.uint16)  # ZCYX
    size, unit = {"Z": 0.3, "Y": 0.1, "X": 0.1}, dict.fromkeys("ZYX", "µm")
    write_image(tmp_path / "cells.ome.tif", Image(pixels, "ZCYX", size, unit, ("DAPI", "GFP")))
    layers = viewer.open(tmp_path / "cells.ome.tif", plugin="napari-deblur")
    assert [layer.name for layer in layers] == ["cells.ome DAPI", "cells.ome GFP"]
    for index, layer in enumerate(layers):
        np.testing.assert_array_equal(layer.data, pixels[:, index])
        assert (layer.axis_labels, layer.scale.tolist()) == (("z", "y", "x"), [0.3, 0.1, 0.1])
        assert {str(unit) for unit in layer.units} == {"micrometer"}
        assert layer.blending == "additive"
    viewer.layers.save(str(tmp_path / "again.ome.tif"), plugin="napari-deblur")
    assert describe(tmp_path / "again.ome.tif") == describe(tmp_path / "cells.ome.tif")
    np.testing.assert_array_equal(
        read_image(tmp_path / "again.ome.tif").data, read_image(tmp_path / "cells.ome.tif").data
    )


def test_a_file_that_does_not_name_its_axes_opens_and_leaves_the_question(
    viewer: Any, form: Any, tmp_path: Path
) -> None:
    tifffile.imwrite(tmp_path / "plain.tif", np.zeros((5, 20, 30), np.uint16), photometric="minisblack", metadata=None)
    (layer,) = viewer.open(tmp_path / "plain.tif", plugin="napari-deblur")
    assert layer.data.shape == (5, 20, 30)
    assert form.axes.value == ""


def test_layers_that_differ_are_not_put_into_one_file(viewer: Any, tmp_path: Path) -> None:
    from gan_lessons.errors import InputError
    from napari_deblur.files import write_layers

    viewer.add_image(np.zeros((4, 5)), name="a")
    viewer.add_image(np.zeros((4, 6)), name="b")
    with pytest.raises(InputError, match=r"^b: YX \(4, 6\), but a: YX \(4, 5\); layers of one file must be alike"):
        write_layers(str(tmp_path / "x.tif"), [layer.as_layer_data_tuple() for layer in viewer.layers])
    viewer.add_image(np.zeros((3, 4, 5)), name="c")
    with pytest.raises(InputError, match=r"^c: its axes are not known; name them"):
        write_layers(str(tmp_path / "x.tif"), [viewer.layers["c"].as_layer_data_tuple()])
    assert list(tmp_path.iterdir()) == []


def make_map(path: Path) -> np.ndarray:
    bands = np.random.default_rng(0).integers(1, 200, (3, 60, 80)).astype(np.uint8)
    bands[:, :20] = 0
    geo = Geo(UTM, (10.0, 0.0, 300000.0, 0.0, -10.0, 4500000.0), nodata=0)
    write_image(path, Image(bands, "CYX", geo=geo, channel_names=("red", "green", "blue"), name=path.name))
    return bands


def test_a_map_shows_its_bands_in_their_colors_and_nodata_as_nothing(viewer: Any, tmp_path: Path) -> None:
    make_map(tmp_path / "town.tif")
    viewer.theme = "light"
    layers = viewer.open(tmp_path / "town.tif", plugin="napari-deblur")
    assert [layer.colormap.name.split(",")[0] for layer in layers] == ["red", "green", "blue"]
    assert [str(unit) for unit in layers[0].units] == ["meter", "meter"]
    layers[1].visible = layers[2].visible = False
    layers[0].blending = "translucent"
    viewer.reset_view()
    picture = viewer.screenshot(canvas_only=True, flash=False)
    height, width = picture.shape[:2]
    background, missing, town = picture[2, 2], picture[height // 6, width // 2], picture[int(0.7 * height), width // 2]
    assert (missing == background).all()
    assert not (town == background).all()


def test_part_of_a_map_lies_where_it_lay(
    viewer: Any, restored: Callable[..., Any], model_file: Callable[..., Path], tmp_path: Path
) -> None:
    from napari_deblur.layers import result_layer

    make_map(tmp_path / "town.tif")
    layer = viewer.open(tmp_path / "town.tif", plugin="napari-deblur")[0]
    region = (slice(30, 50), slice(10, 40))
    part = result_layer(layer, layer.data[region], name="part", provenance={"axes": "YX"}, region=region)
    viewer.add_layer(part)
    part.save(str(tmp_path / "part.tif"), plugin="napari-deblur")
    crs, transform, nodata = describe(tmp_path / "part.tif")[0][5]
    assert transform == [10, 0, 300100, 0, -10, 4499700]
    assert "UTM zone 18N" in crs
    assert nodata == 0


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in STACKS + MAPS]
)
def test_real_files_are_opened_restored_saved_and_opened_again(
    viewer: Any, form: Any, qtbot: Any, model_file: Callable[..., Path], shared_data: Path, tmp_path: Path, name: str
) -> None:
    source = shared_data / name
    layers = viewer.open(source, plugin="napari-deblur")
    form.method.file.value = model_file()
    results = []
    for layer in layers:
        form.layer.value = layer
        if not form.axes.value:
            form.axes.value = "TYX"
        form.run.native.click()
        qtbot.waitUntil(lambda: form.job is None, timeout=60_000)
        results.append(viewer.layers[-1])
    assert not set(results) & set(layers)
    target = tmp_path / "restored.ome.tif" if name in STACKS else tmp_path / "restored.tif"
    viewer.layers.selection = set(results)
    viewer.layers.save(str(target), selected=True, plugin="napari-deblur")
    before, after = read_image(source, axes=None if form.axes.value != "TYX" else "TYX"), describe(target)[0]
    order = "".join(axis for axis in "TCZYXS" if axis in before.axes)
    assert after[2] == order
    assert after[0] == [before.sizes[axis] for axis in order]
    assert after[1] == str(before.data.dtype)
    assert after[3] == pytest.approx(dict(before.pixel_size), rel=1e-6)
    assert after[4] == dict(before.unit)
    if before.geo:
        assert after[5] == [before.geo.crs, list(before.geo.transform), before.geo.nodata]
        assert tuple(after[6]) == before.channel_names
