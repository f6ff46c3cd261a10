"""*Measure* in a real window: the table is the library's, maps lie on their layer, the report is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from scipy import ndimage

from gan_lessons.evaluation import examine
from gan_lessons.image import Image
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim

pytestmark = pytest.mark.gui


@pytest.fixture
def images() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = 100 + 400 * ndimage.gaussian_filter(rng.random((3, 96, 100)) ** 6, (0, 1.5, 1.5)).astype(np.float32) * 9
    raw = rng.poisson(ndimage.gaussian_filter(truth, (0, 1.2, 1.2))).astype(np.float32)
    return {"truth": truth, "raw": raw, "better": (raw + truth) / 2}


@pytest.fixture
def measured(viewer: Any, qtbot: Any, images: dict[str, np.ndarray]) -> Any:
    """The form after a measurement of a part of a layer, with a reference."""
    for name, pixels in images.items():
        viewer.add_image(pixels, name=name, axis_labels=("z", "y", "x"), scale=(0.3, 0.1, 0.1), units="um")
    box = np.array([[20, 10], [20, 90], [84, 90], [84, 10]]) * 0.1
    shapes = viewer.add_shapes([box], name="box", scale=(1, 1))
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Measure restored images")
    form.raw.value, form.reference.value = viewer.layers["raw"], viewer.layers["truth"]
    form.results.value, form.region.value = [viewer.layers["better"]], shapes
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=120_000)
    return form


def test_table_maps_and_report(
    measured: Any, viewer: Any, images: dict[str, np.ndarray], tmp_path: Path, told: Callable[..., Any]
) -> None:
    form, raw = measured, viewer.layers["raw"]
    region = (slice(20, 85), slice(10, 91))
    size, unit = {"Z": 0.3, "Y": 0.1, "X": 0.1}, dict.fromkeys("ZYX", "µm")
    candidates = {name: Image(images[name], "ZYX", size, unit, name=name) for name in ("raw", "better")}
    truth = Image(images["truth"], "ZYX", size, unit, name="truth")
    expected = examine(candidates, reference=truth, data_range="reference", region=region)
    pandas.testing.assert_frame_equal(form.done.found.table, expected.table)
    row = [form.table.verticalHeaderItem(n).text() for n in range(form.table.rowCount())].index("psnr, dB")
    figures = [float(form.table.item(row, column).text()) for column in range(2)]
    assert figures == pytest.approx(expected.table["psnr"].tolist(), rel=1e-3)
    assert form.table.item(row, 1).font().bold()
    assert "squared error" in form.table.verticalHeaderItem(row).toolTip()

    form.add_maps.native.click()
    maps = viewer.layers["better: similarity"]
    np.testing.assert_array_equal(maps.data, expected.maps["better"]["similarity"])
    start = raw.world_to_data(maps.data_to_world((0, 0, 0)))
    np.testing.assert_allclose(start[1:], (20, 10), atol=1e-6)
    assert maps.colormap.name == "viridis"

    form.save.native.click()
    assert "no folder is chosen" in form.message.text()
    form.folder.value = tmp_path
    form.save.native.click()
    stored = pandas.read_csv(tmp_path / "table.csv", index_col="candidate")
    np.testing.assert_allclose(stored["psnr"], expected.table["psnr"])
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
    form.save.native.click()
    assert "exists already" in form.message.text()


def test_curves_are_the_librarys_and_a_click_shows_the_plane(
    measured: Any, viewer: Any, images: dict[str, np.ndarray], tmp_path: Path
) -> None:
    form, inside = measured, (slice(20, 85), slice(10, 91))
    span = photon_range(images["truth"][:, *inside])
    for name, metric in (("psnr", psnr), ("ssim", ssim)):
        form.curves.figure.value = name
        drawn = {line.get_label(): line for line in form.curves.plot.axes.lines}
        for candidate in ("raw", "better"):
            expected = [metric(images[candidate][z][inside], images["truth"][z][inside], span) for z in range(3)]
            np.testing.assert_allclose(drawn[candidate].get_ydata(), expected)
            assert drawn[candidate].get_xdata().tolist() == [0, 1, 2]
    viewer.dims.set_point(0, 0.6)
    assert form.curves.plot.mark.get_xdata() == [2, 2]
    form.curves.plot.clicked.emit(0.9)
    assert viewer.dims.point[0] == pytest.approx(0.3)
    assert form.curves.plot.mark.get_xdata() == [1, 1]
    form.folder.value = tmp_path
    form.save.native.click()
    stored = pandas.read_csv(tmp_path / "planes.csv")
    assert stored["Z, µm"].tolist() == pytest.approx([0, 0.3, 0.6] * 2)
    assert stored[stored.candidate == "better"]["ssim"].tolist() == pytest.approx(expected)


def test_a_line_is_drawn_as_intensities_over_its_length(viewer: Any, qtbot: Any, tmp_path: Path) -> None:
    ramp = np.add.outer(np.zeros((2, 40)), 3.0 * np.arange(50)) + np.array([0, 100])[:, None, None]  # 3 a column
    place = {"axis_labels": ("z", "y", "x"), "scale": (1, 0.2, 0.2), "units": "um"}
    viewer.add_image(ramp, name="raw", **place)
    viewer.add_image(ramp[:, :, 10:] / 2, name="half", translate=(0, 0, 2), **place)
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Measure restored images")
    form.raw.value, form.results.value = viewer.layers["raw"], [viewer.layers["half"]]
    form.profile.draw.native.click()
    line = viewer.layers["line"]
    assert line.mode == "add_line"
    line.add_lines(np.array([[5.0, 4.0], [5.0, 34.0]]))
    viewer.dims.set_point(0, 1)
    qtbot.waitUntil(lambda: form.profile.plot is not None and form.profile.table["raw"][0] > 100, timeout=5_000)
    table, drawn = form.profile.table, {line.get_label(): line for line in form.profile.plot.axes.lines}
    assert table.index.name == "distance, µm"
    np.testing.assert_allclose(table.index, 0.2 * np.arange(31), atol=1e-6)
    np.testing.assert_allclose(table["raw"], 100 + 3 * np.arange(4, 35), atol=1e-3)
    np.testing.assert_allclose(table["half"][6:], (100 + 3 * np.arange(10, 35)) / 2, atol=1e-3)
    assert table["half"][:6].isna().all()  # the line begins beside it
    np.testing.assert_allclose(drawn["raw"].get_ydata(), table["raw"])
    form.profile.file.value = tmp_path / "line.csv"
    form.profile.save.native.click()
    np.testing.assert_allclose(pandas.read_csv(tmp_path / "line.csv")["raw"], table["raw"])
    form.profile.save.native.click()
    assert "line.csv: exists already" in form.message.text()
    line.data = []
    qtbot.waitUntil(lambda: not form.profile.save.enabled, timeout=5_000)
    assert "nothing is drawn in it" in form.profile.why_not.text()


def test_a_pair_that_does_not_fit_is_one_line(viewer: Any, qtbot: Any, told: list[str]) -> None:
    viewer.add_image(np.zeros((20, 20), np.float32), name="raw")
    viewer.add_image(np.zeros((20, 22), np.float32), name="result")
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Measure restored images")
    form.raw.value, form.results.value = viewer.layers["raw"], [viewer.layers["result"]]
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=30_000)
    assert len(told) == 1
    assert "must show the same pixels" in told[0]
