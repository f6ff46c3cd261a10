"""Other ways than one click on a layer: classical methods, drawn regions, blinking, stores, several images."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array
import numpy as np
import pytest

import gan_lessons
from gan_lessons.degradations import Microscope
from gan_lessons.image import Image
from gan_lessons.io import read_image, write_image

pytestmark = pytest.mark.gui

Models = Callable[..., Path]


def scene(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(100, 4000, shape).astype(np.uint16)


@pytest.fixture
def finished(form: Any, qtbot: Any) -> Callable[..., None]:
    def click(button: str = "run") -> None:
        getattr(form, button).native.click()
        qtbot.waitUntil(lambda: form.job is None, timeout=60_000)

    return click


@pytest.mark.parametrize(
    ("label", "method", "numbers"),
    [
        ("Richardson–Lucy", "rl", {"iterations": 3, "background": 100}),
        ("RL, total variation", "rl-tv", {"iterations": 3, "background": 100, "tv": 0.01}),
        ("Wiener", "wiener", {"noise_to_signal": 0.05}),
    ],
)
def test_classical_methods_with_a_wavelength_a_channel(
    form: Any, viewer: Any, finished: Any, label: str, method: str, numbers: dict[str, float]
) -> None:
    pixels = scene(2, 40, 44)
    viewer.add_image(pixels, name="cells", scale=(1, 0.07, 0.07), units=("pixel", "um", "um"))
    form.axes.value, form.method.method.value = "CYX", label
    form.method.iterations.value, form.method.offset.value = 3, 100
    form.method.tv.value, form.method.noise.value = 0.01, 0.05
    form.optics.source.value, form.optics.wavelength.value = "from the optics", "461, 520"
    finished()
    scopes = {c: Microscope(1.4, wave, 0.07, immersion_index=1.515) for c, wave in enumerate((461, 520))}
    image = Image(pixels, "CYX", {"Y": 0.07, "X": 0.07}, {"Y": "µm", "X": "µm"})
    expected = gan_lessons.deconvolve(image, scopes, method=method, **numbers)
    result = viewer.layers[f"cells deblurred ({method})"]
    np.testing.assert_array_equal(result.data, expected.data)
    assert result.metadata["napari-deblur"]["optics"]["wavelength_nm"] == [461, 520]


def test_a_classical_method_asks_for_a_psf(form: Any, viewer: Any, told: list[str], finished: Any) -> None:
    viewer.add_image(scene(20, 30), name="cells")
    form.method.method.value = "Wiener"
    assert form.optics.source.value == "estimated from the image"
    form.optics.source.value = "unknown"
    finished()
    assert told == ["cells: wiener needs a PSF; choose one in the section PSF"]


def test_the_microscope_is_read_from_the_file(form: Any, viewer: Any, tmp_path: Path) -> None:
    import tifffile

    channels = {"EmissionWavelength": [461.0, 520.0], "ExcitationWavelength": [405.0, 488.0], "Name": ["a", "b"]}
    channels["AcquisitionMode"] = ["LaserScanningConfocalMicroscopy"] * 2  # type: ignore[assignment]
    told = {"axes": "CYX", "Channel": channels}
    tifffile.imwrite(tmp_path / "a.ome.tif", scene(2, 20, 30), photometric="minisblack", metadata=told)
    layers = viewer.open(tmp_path / "a.ome.tif", plugin="napari-deblur")
    form.layer.value = layers[1]
    assert (form.optics.wavelength.value, form.optics.excitation.value) == ("520", 488)
    assert form.optics.mode.value == "confocal"
    assert "emission 520 nm, excitation 488 nm, confocal" in form.optics.told.value
    other = viewer.open(tmp_path / "a.ome.tif", plugin="napari")[0]  # napari's own reader
    form.layer.value = other
    assert form.optics.wavelength.value == "461, 520"


def test_the_estimate_of_the_blur_is_shown(form: Any, viewer: Any, qtbot: Any) -> None:
    from gan_lessons.restoration import estimate_psf

    viewer.add_image(scene(130, 140), name="cells", scale=(0.2, 0.2), units="um")
    form.optics.source.value = "estimated from the image"
    form.optics.estimate.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=60_000)
    width = estimate_psf(scene(130, 140))[0].width
    found = re.search(r"cells: blurred over ([\d.]+) pixels \(([\d.]+) µm\)", form.message.text())
    assert found
    assert float(found[1]) == pytest.approx(width, abs=0.05)
    assert float(found[2]) == pytest.approx(0.2 * width, rel=0.01)


def test_a_drawn_rectangle_is_previewed(form: Any, viewer: Any, restored: Any, model_file: Models) -> None:
    pixels = scene(3, 90, 100)
    source = viewer.add_image(pixels, scale=(1, 0.5, 0.5), translate=(0, 7, 9))
    corners = np.array([[20, 30], [20, 60], [45, 60], [45, 30]]) * 0.5 + (7, 9)
    shapes = viewer.add_shapes([corners], name="region")
    viewer.dims.set_current_step(0, 2)
    form.layer.value, form.previews.region.value = source, shapes
    preview = restored(model_file(), axes="TYX", button="preview")
    start = np.round(source.world_to_data(preview.data_to_world((0, 0, 0)))).astype(int)
    assert start.tolist() == [2, 20, 30]
    assert preview.data.shape == (1, 26, 31)
    whole = gan_lessons.restore(pixels, model_file(), axes="TYX")
    np.testing.assert_allclose(preview.data[0].astype(int), whole[2, 20:46, 30:61].astype(int), atol=1)
    shapes.data = [corners + 500]
    form.preview.native.click()
    assert "its shape lies beside" in form.message.text()


def test_the_preview_follows_the_view_and_blinks(
    form: Any, viewer: Any, qtbot: Any, restored: Any, model_file: Models
) -> None:
    viewer.add_image(scene(3, 60, 70), axis_labels=("t", "y", "x"), name="cells")
    first = restored(model_file(), button="preview")
    form.previews.follow.value = True
    viewer.dims.set_current_step(0, 2)
    qtbot.waitUntil(lambda: first not in viewer.layers and form.job is None, timeout=20_000)
    form.previews.follow.value = False
    second = viewer.layers[-1]
    assert second.data_to_world((0, 0, 0))[0] == 2
    form.previews.blink.native.click()
    qtbot.waitUntil(lambda: not second.visible, timeout=2_000)
    qtbot.waitUntil(lambda: second.visible, timeout=2_000)
    form.previews.blink.native.click()
    assert second.visible
    viewer.layers.remove(second)
    form.previews.blink.native.click()
    qtbot.waitUntil(lambda: not form.previews.blink.native.isChecked(), timeout=2_000)


def test_a_result_as_it_is_viewed_is_computed_then(form: Any, viewer: Any, restored: Any, model_file: Models) -> None:
    pixels = scene(6, 50, 60)
    viewer.add_image(pixels, name="movie")
    form.output.place.value = "as it is viewed"
    result = restored(model_file(), axes="TYX")
    assert isinstance(result.data, dask.array.Array)
    whole = gan_lessons.restore(pixels, model_file(), axes="TYX")
    np.testing.assert_array_equal(result.data[3].compute(), whole[3])


@pytest.mark.parametrize("lazy", [False, True])
def test_a_result_in_a_store(
    form: Any, viewer: Any, restored: Any, model_file: Models, tmp_path: Path, lazy: bool
) -> None:
    pixels = scene(2, 3, 50, 60)
    data = dask.array.from_array(pixels, chunks=(1, 1, 50, 60)) if lazy else pixels
    viewer.add_image(
        data, name="cells", contrast_limits=(0, 4000), scale=(1, 0.3, 0.1, 0.1), units=("s", "um", "um", "um")
    )
    form.output.place.value, form.output.file.value = "in a Zarr store", tmp_path / "result.zarr"
    result = restored(model_file(), axes="TZYX")
    whole = gan_lessons.restore(pixels, model_file(), axes="TZYX")
    np.testing.assert_array_equal(np.asarray(result.data), whole)
    stored = read_image(tmp_path / "result.zarr")
    np.testing.assert_array_equal(np.asarray(stored.data), whole)
    assert stored.pixel_size == {"T": 1, "Z": 0.3, "Y": 0.1, "X": 0.1}
    form.run.native.click()
    assert "exists already" in form.message.text()


def test_selected_layers_one_after_the_other(form: Any, viewer: Any, finished: Any, model_file: Models) -> None:
    a, b = viewer.add_image(scene(40, 44), name="a"), viewer.add_image(scene(30, 32), name="b")
    viewer.add_image(scene(20, 22), name="c")
    viewer.layers.selection = {a, b}
    form.batch.what.value = "the selected layers"
    form.method.file.value = model_file()
    finished()
    names = {layer.name for layer in viewer.layers}
    assert {f"{name} deblurred ({model_file().stem})" for name in "ab"} == names - {"a", "b", "c"}


def test_a_folder_of_files(form: Any, viewer: Any, finished: Any, model_file: Models, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    size, unit = {"Y": 0.1, "X": 0.1}, dict.fromkeys("YX", "µm")
    for name in ("a", "c"):
        write_image(source / f"{name}.tif", Image(scene(30, 32), "YX", size, unit))
    (source / "b.tif").write_text("not an image")
    form.batch.what.value, form.batch.input.value, form.batch.output.value = "a folder's files", source, target
    form.method.file.value = model_file()
    assert form.run.enabled
    finished()
    assert "b.tif" in form.message.text()
    for name in ("a", "c"):
        result = read_image(target / f"{name}.tif")
        np.testing.assert_array_equal(result.data, gan_lessons.restore(scene(30, 32), model_file()))
        assert result.pixel_size == size
        assert json.loads((target / f"{name}.tif.json").read_text())["axes"] == "YX"
    finished()
    assert "exists already" in form.message.text()
