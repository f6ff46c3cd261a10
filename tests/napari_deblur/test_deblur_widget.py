"""The form in a real window: what is clicked, what comes of it, what is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array
import numpy as np
import pytest

import gan_lessons
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import Microscope
from gan_lessons.image import Image

pytestmark = pytest.mark.gui

Models = Callable[..., Path]
Restored = Callable[..., Any]


def scene(*shape: int, dtype: type = np.uint16) -> np.ndarray:
    return np.random.default_rng(0).integers(100, 4000, shape).astype(dtype)


def test_layer_choices_follow_the_viewer(form: Any, viewer: Any) -> None:
    assert not form.run.enabled
    layer = viewer.add_image(scene(20, 30), name="cells")
    viewer.add_labels(np.zeros((20, 30), int))
    assert form.layer.choices == (layer,)
    assert form.run.enabled
    viewer.layers.remove(layer)
    assert form.layer.choices == ()
    assert not form.run.enabled


def test_a_layer_that_was_there_is_read(viewer: Any) -> None:
    viewer.add_image(scene(20, 30, 3), axis_labels=("z", "y", "x"), scale=(0.3, 0.1, 0.1), units="um")
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    assert form.axes.value == "ZYX"
    assert (form.optics.pixel_um.value, form.optics.z_step_um.value) == (0.1, 0.3)


def test_result_is_the_librarys_and_lies_on_its_source(
    form: Any, viewer: Any, restored: Restored, model_file: Models
) -> None:
    pixels = scene(60, 70)
    source = viewer.add_image(
        pixels,
        name="cells",
        scale=(0.2, 0.1),
        units=("um", "um"),
        axis_labels=("y", "x"),
        translate=(3, 4),
        affine=[[0, 1, 2], [-1, 0, 5], [0, 0, 1]],
        colormap="magma",
    )
    before = pixels.copy()
    assert form.axes.value == "YX"
    result = restored(model_file())
    np.testing.assert_array_equal(result.data, gan_lessons.restore(pixels, model_file(), axes="YX"))
    assert result.data.dtype == np.uint16
    assert (result.data != before).any()
    np.testing.assert_array_equal(source.data, before)
    np.testing.assert_allclose(result.data_to_world((59, 69)), source.data_to_world((59, 69)))
    assert (result.units, result.axis_labels) == (source.units, source.axis_labels)
    assert (result.colormap.name, result.contrast_limits) == ("magma", source.contrast_limits)
    assert result.name == f"cells deblurred ({model_file().stem})"
    provenance = result.metadata["napari-deblur"]
    assert (provenance["layer"], provenance["axes"], provenance["optics"]) == ("cells", "YX", {"psf": "unknown"})
    assert provenance["model_sha256"] == gan_lessons.load_model(model_file()).sha256
    assert provenance["clipped"] >= 0


@pytest.mark.parametrize(
    ("shape", "axes", "sees", "settings"),
    [
        ((4, 40, 44), "ZYX", "ZYX", {}),
        ((3, 40, 44), "TYX", "YX", {"axis_labels": ("t", "y", "x")}),
        ((2, 2, 3, 32, 36), "TCZYX", "ZYX", {}),
        ((40, 44, 3), "YXS", "YXC", {"rgb": True}),
        ((40, 44, 4), "YXS", "YXC", {"rgb": True}),
        ((1, 1), "YX", "YX", {}),
    ],
)
def test_any_axes(
    form: Any, viewer: Any, restored: Restored, model_file: Models, shape: Any, axes: str, sees: str, settings: Any
) -> None:
    pixels = scene(*shape) if "rgb" not in settings else (scene(*shape) // 16).astype(np.uint8)
    viewer.add_image(pixels, **{"rgb": False, **settings})
    result = restored(model_file(sees), axes=axes)
    np.testing.assert_array_equal(result.data, gan_lessons.restore(pixels, model_file(sees), axes=axes))
    assert result.rgb is bool(settings.get("rgb"))


def test_dask_is_restored_tile_by_tile(viewer: Any, restored: Restored, model_file: Models) -> None:
    pixels = scene(5, 40, 44)
    viewer.add_image(dask.array.from_array(pixels, chunks=(1, 40, 44)), contrast_limits=(0, 4000))
    result = restored(model_file(), axes="TYX")
    np.testing.assert_array_equal(result.data, gan_lessons.restore(pixels, model_file(), axes="TYX"))


def test_multiscale_is_restored_at_full_resolution(viewer: Any, restored: Restored, model_file: Models) -> None:
    pixels = scene(128, 160)
    viewer.add_image([pixels, pixels[::2, ::2]], multiscale=True, scale=(2, 2))
    result = restored(model_file())
    np.testing.assert_array_equal(result.data, gan_lessons.restore(pixels, model_file(), axes="YX"))
    assert not result.multiscale
    assert tuple(result.scale) == (2, 2)


def test_optics_give_the_psf(form: Any, viewer: Any, restored: Restored, model_file: Models) -> None:
    pixels = scene(60, 64)
    viewer.add_image(pixels, scale=(100, 100), units="nm")
    form.optics.source.value = "from the optics"
    form.optics.na.value, form.optics.immersion.value = 1.2, 1.33
    assert form.optics.pixel_um.value == pytest.approx(0.1)
    result = restored(model_file())
    assert result.metadata["napari-deblur"]["optics"]["na"] == 1.2
    scope = Microscope(na=1.2, wavelength_nm=520, pixel_size_um=0.1, immersion_index=1.33)
    image = Image(pixels, "YX", {"Y": 100, "X": 100}, {"Y": "nm", "X": "nm"})
    np.testing.assert_array_equal(result.data, gan_lessons.restore(image, model_file(), psf=scope).data)


def test_what_was_typed_of_the_optics_stays(form: Any, viewer: Any) -> None:
    viewer.add_image(scene(3, 20, 30), name="no units")
    form.optics.pixel_um.value = 0.2
    form.axes.value = "ZYX"
    assert form.optics.pixel_um.value == 0.2
    form.layer.value = viewer.add_image(scene(20, 30), name="other")
    assert form.optics.pixel_um.value == 0


def test_layer_gives_the_psf(form: Any, viewer: Any, restored: Restored, model_file: Models) -> None:
    pixels, psf = scene(60, 64), np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32) / 16
    viewer.add_image(psf, name="psf")
    viewer.add_image(pixels, name="cells")
    form.layer.value = viewer.layers["cells"]
    form.optics.source.value = "from a layer"
    form.optics.layer.value = viewer.layers["psf"]
    result = restored(model_file())
    np.testing.assert_array_equal(result.data, gan_lessons.restore(pixels, model_file(), axes="YX", psf=psf))


@pytest.mark.parametrize("lazy", [False, True])
def test_preview_is_part_of_the_whole(viewer: Any, restored: Restored, model_file: Models, lazy: bool) -> None:
    pixels = scene(3, 400, 420, dtype=np.float32)
    data = dask.array.from_array(pixels, chunks=(1, 400, 420)) if lazy else pixels
    source = viewer.add_image(data, scale=(1, 0.5, 0.5), translate=(0, 7, 9), contrast_limits=(0, 4000))
    viewer.scene.camera.zoom *= 3
    viewer.dims.set_current_step(0, 1)
    viewer.screenshot(canvas_only=True, flash=False)  # draws, so that the layer knows its corners
    preview = restored(model_file(), axes="TYX", button="preview")
    assert preview.data.shape[0] == 1
    assert 10 < preview.data.shape[1] < 300
    start = np.round(source.world_to_data(preview.data_to_world((0, 0, 0)))).astype(int)
    assert start[0] == 1
    part = tuple(slice(a, a + n) for a, n in zip(start, preview.data.shape, strict=True))
    whole = gan_lessons.restore(pixels, model_file(), axes="TYX")
    np.testing.assert_allclose(preview.data, whole[part], atol=1e-5 * np.ptp(pixels))
    again = restored(model_file(), axes="TYX", button="preview")
    assert preview not in viewer.layers
    again.name = "mine"
    restored(model_file(), axes="TYX", button="preview")
    assert again in viewer.layers


def test_preview_of_a_3d_view_says_what_to_do(form: Any, viewer: Any, told: list[str]) -> None:
    viewer.add_image(scene(3, 20, 20), name="cells")
    form.axes.value = "ZYX"
    viewer.dims.ndisplay = 3
    form.method.file.value = "some.safetensors"
    form.preview.native.click()
    assert told == ["cells: the preview shows what the 2D view shows, and the view is 3D; leave 3D"]


def test_unknown_axes_are_asked_for(form: Any, viewer: Any, told: list[str]) -> None:
    viewer.add_image(scene(3, 20, 20), name="cells")
    form.run.native.click()
    assert told == ["cells: its axes are not known; type them: ZYX or TYX or CYX"]
    assert form.job is None


def test_a_missing_model_is_told_and_run_comes_back(
    form: Any, viewer: Any, qtbot: Any, told: list[str], tmp_path: Path
) -> None:
    viewer.add_image(scene(20, 20))
    form.method.file.value = tmp_path / "absent.safetensors"
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=10_000)
    assert len(told) == 1
    assert told[0].endswith("absent.safetensors: no such model file")
    assert form.message.text() == told[0]
    assert form.run.enabled
    assert len(viewer.layers) == 1


def test_cancel_is_answered_and_leaves_nothing(form: Any, viewer: Any, qtbot: Any, model_file: Models) -> None:
    viewer.add_image(scene(1500, 1500))
    form.method.file.value = model_file(widths=(48, 64, 96))
    form.run.native.click()
    form.run.native.click()  # disabled by now
    assert not form.run.enabled
    assert form.cancel.enabled
    qtbot.wait(500)
    job, clicked = form.job, time.monotonic()
    assert job is not None, "it was done before it could be cancelled"
    form.cancel.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=5_000)
    assert time.monotonic() - clicked < 1.5  # promised within 1 s; half a second for a busy machine
    assert len(viewer.layers) == 1
    assert form.run.enabled
    assert not form.cancel.enabled


def test_closing_the_window_stops_the_work(form: Any, viewer: Any, qtbot: Any, model_file: Models) -> None:
    viewer.add_image(scene(1500, 1500))
    form.method.file.value = model_file(widths=(48, 64, 96))
    form.run.native.click()
    job = form.job
    qtbot.waitUntil(lambda: job.is_running, timeout=5_000)
    viewer.close()
    assert job.cancel.is_set()
    qtbot.waitUntil(lambda: not job.is_running, timeout=5_000)


def test_window_answers_while_it_works(form: Any, viewer: Any, qtbot: Any, model_file: Models) -> None:
    from qtpy.QtCore import QTimer

    viewer.add_image(scene(700, 700))
    form.method.file.value = model_file(widths=(48, 64, 96))
    beats: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    timer.start(20)
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=60_000)
    timer.stop()
    assert np.diff(beats).max() < 0.5 * (beats[-1] - beats[0])  # a frozen window is silent for the whole of the work


def test_a_form_that_is_gone_is_not_told(form: Any, viewer: Any, qtbot: Any, model_file: Models) -> None:
    viewer.add_image(scene(1500, 1500))
    form.method.file.value = model_file(widths=(48, 64, 96))
    form.run.native.click()
    job = form.job
    qtbot.waitUntil(lambda: job.is_running, timeout=5_000)
    form.deleteLater()
    qtbot.waitUntil(lambda: not job.is_running, timeout=5_000)
    qtbot.wait(100)  # for what a slot would raise
    assert job.cancel.is_set()
    assert len(viewer.layers) == 1


def test_a_shipped_model_restores_a_noisy_specimen(form: Any, viewer: Any, qtbot: Any) -> None:
    truth = 100 + 400 * make_specimen((96, 96), np.random.default_rng(3))
    counts = np.random.default_rng(0).poisson(truth).astype(np.uint16)
    viewer.add_image(counts, scale=(0.1, 0.1), units=("µm", "µm"))
    form.method.method.value = "fluo-2d"
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=30_000)
    result = viewer.layers[-1]
    assert result.name.endswith("deblurred (fluo-2d)")
    assert result.scale.tolist() == [0.1, 0.1]
    assert result.data.dtype == counts.dtype
    np.testing.assert_array_equal(result.data, gan_lessons.restore(counts, "fluo-2d", axes="YX"))
