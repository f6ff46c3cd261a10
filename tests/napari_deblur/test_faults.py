"""What goes wrong in real use: it is said in a line, nothing is lost, and the form goes on."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gan_lessons

pytestmark = pytest.mark.gui

Models = Callable[..., Path]
NO_MEMORY = """
import resource, threading, warnings
import numpy as np
import gan_lessons, gan_lessons.restoration
from gan_lessons.image import Image
from napari_deblur.request import Request
from napari_deblur.tasks import restore_whole

model = gan_lessons.load_model({model!r})
image = Image(np.random.default_rng(0).random((1400, 1400), np.float32), "YX", name="cells")
def run(tile=None):
    return restore_whole(Request(image, {model!r}, tile=tile), progress=lambda *_: None, cancel=threading.Event())
run(tile=256)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {room} * 2**20,) * 2)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    done = run()
print([str(one.message) for one in told if "memory" in str(one.message)], done.request.tile)
"""
FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import threading
import numpy as np
from pathlib import Path
from gan_lessons.errors import InputError
from gan_lessons.image import Image
from napari_deblur.request import Request
from napari_deblur.tasks import restore_whole

image = Image(np.random.default_rng(0).random((4, 700, 700), np.float32), "ZYX", name="cells")
request = Request(image, {model!r}, store=Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    restore_whole(request, progress=lambda *_: None, cancel=threading.Event())
except InputError as error:
    print(error)
"""


def scene(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(100, 4000, shape).astype(np.uint16)


def script(code: str, *words: str) -> str:
    told = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_the_layer_is_removed_during_a_run(form: Any, viewer: Any, qtbot: Any, model_file: Models) -> None:
    layer = viewer.add_image(scene(300, 300), name="cells", scale=(2, 2))
    form.method.file.value = model_file()
    form.run.native.click()
    viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: form.job is None, timeout=30_000)
    assert [one.name for one in viewer.layers] == [f"cells deblurred ({model_file().stem})"]
    assert viewer.layers[0].scale.tolist() == [2, 2]


def test_a_key_during_a_run_starts_no_second_one(form: Any, viewer: Any, qtbot: Any, model_file: Models) -> None:
    viewer.add_image(scene(600, 600), name="cells")
    form.method.file.value = model_file()
    form.run.native.click()
    job = form.job
    form._run_clicked()  # as a script might; the button is disabled
    assert form.job is job
    qtbot.waitUntil(lambda: form.job is None, timeout=30_000)
    assert len(viewer.layers) == 2


def test_the_models_file_is_gone(
    form: Any, viewer: Any, qtbot: Any, told: list[str], model_file: Models, tmp_path: Path
) -> None:
    viewer.add_image(scene(20, 20), name="cells")
    path = tmp_path / "mine.safetensors"
    path.write_bytes(model_file().read_bytes())
    form.method.file.value = path
    path.unlink()
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=10_000)
    assert told == [f"{path}: no such model file"]


def test_pixels_without_a_value_stay_without(viewer: Any, form: Any, restored: Any, model_file: Models) -> None:
    pixels = scene(60, 70).astype(np.float32)
    pixels[10:14, 20:30] = np.nan
    viewer.add_image(pixels, name="cells")
    result = restored(model_file())
    np.testing.assert_array_equal(np.isnan(result.data), np.isnan(pixels))


def test_a_layer_of_nothing_but_nan(form: Any, viewer: Any, qtbot: Any, told: list[str], model_file: Models) -> None:
    viewer.add_image(np.full((20, 20), np.nan, np.float32), name="cells")
    form.method.file.value = model_file()
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=10_000)
    assert "cells: no pixel has a value" in told[-1]
    assert form.run.enabled


def test_colors_with_a_model_of_one_channel(viewer: Any, form: Any, restored: Any, model_file: Models) -> None:
    colors = (scene(40, 44, 3) // 16).astype(np.uint8)
    viewer.add_image(colors, rgb=True)
    result = restored(model_file())
    for sample in range(3):
        expected = gan_lessons.restore(colors[..., sample], model_file(), axes="YX")
        np.testing.assert_array_equal(result.data[..., sample], expected)


def test_a_model_of_colors_for_one_channel(
    form: Any, viewer: Any, qtbot: Any, told: list[str], model_file: Models
) -> None:
    viewer.add_image(scene(20, 20), name="cells")
    form.method.file.value = model_file("YXC")
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=10_000)
    assert told == ["cells: model tiny takes 3 channels together, but axes YX hold 1; take a model of planes"]


def test_a_psf_layer_that_is_removed_is_not_replaced_unseen(form: Any, viewer: Any, told: list[str]) -> None:
    viewer.add_image(scene(20, 20), name="cells")
    psf = viewer.add_image(np.ones((3, 3), np.float32), name="psf")
    form.layer.value, form.optics.source.value = viewer.layers["cells"], "from a layer"
    form.optics.layer.value = psf
    viewer.layers.remove(psf)
    form.method.method.value = "fluo-2d"
    form.run.native.click()
    assert told == ["PSF from a layer: no layer is chosen; open it as an image layer, or set PSF to unknown"]


def test_labels_are_not_offered(form: Any, viewer: Any) -> None:
    viewer.add_labels(scene(20, 20).astype(int))
    assert form.layer.choices == ()
    assert not form.run.enabled


def test_a_saturated_image_is_told_of(form: Any, viewer: Any, restored: Any, model_file: Models) -> None:
    pixels = scene(40, 44)
    pixels[:10] = 4095
    viewer.add_image(pixels, name="cells")
    restored(model_file())
    assert "cells: 25.0% of the pixels are saturated" in form.message.text()


def test_a_scale_that_is_no_microscopes_is_not_taken_for_one(form: Any, viewer: Any) -> None:
    viewer.add_image(scene(20, 20), scale=(10, 10), units="m", name="map")
    assert form.optics.pixel_um.value == 0


@pytest.mark.skipif(sys.platform != "linux", reason="limits the process's memory as Linux does")
def test_where_memory_runs_out_a_smaller_tile_is_tried_once(model_file: Models) -> None:
    model = str(model_file(widths=(48, 64, 96)))
    printed = script(NO_MEMORY.format(model=model, room=300))
    assert "cells: not enough memory; tried again with tiles of" in printed


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_disk_that_is_full_leaves_no_store(model_file: Models, tmp_path: Path) -> None:
    printed = script(FULL_DISK.format(model=str(model_file())), str(tmp_path / "result.zarr"))
    assert "result.zarr: could not be written: File too large" in printed
    assert list(tmp_path.iterdir()) == []


def test_five_runs_leave_no_memory_and_no_thread(form: Any, viewer: Any, restored: Any, model_file: Models) -> None:
    import psutil

    viewer.add_image(scene(512, 512), name="cells")
    process = psutil.Process()

    def run() -> tuple[int, int]:
        viewer.layers.remove(restored(model_file()))
        gc.collect()
        return process.memory_info().rss, threading.active_count()

    run()
    run()
    before = run()
    after = [run() for _ in range(5)][-1]
    assert after[0] - before[0] < 50e6
    assert after[1] <= before[1]
