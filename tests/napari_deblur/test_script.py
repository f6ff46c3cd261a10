"""Copy as Python and as command: what is pasted gives the same bits, in a process of its own."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_lessons.image import Image
from gan_lessons.io import read_image, write_image

pytestmark = pytest.mark.gui

SIZE, UNIT = {"Z": 0.3, "Y": 0.1, "X": 0.1}, dict.fromkeys("ZYX", "µm")


def paste(python: str, command: str, folder: Path) -> list[np.ndarray]:
    """Run both, each in a fresh process; return what they wrote."""
    (folder / "script.py").write_text(python)
    words = shlex.split(command, comments=True)
    assert words[0] == "gan-lessons"
    call = [sys.executable, "-c", "import sys; from gan_lessons.cli import main; sys.exit(main())", *words[1:]]
    results = []
    for words in ([sys.executable, "script.py"], call):
        before = set(folder.iterdir())
        subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
        new = {path for path in set(folder.iterdir()) - before if path.suffix != ".json"}
        assert len(new) == 1
        target = new.pop()
        results.append(np.asarray(read_image(target).data))
        target.unlink()
    return results


@pytest.fixture
def copied(form: Any, qtbot: Any) -> Callable[[], list[str]]:
    """Click both buttons; return what was on the clipboard."""
    from qtpy.QtGui import QGuiApplication

    def click() -> list[str]:
        texts = []
        for button in (form.reuse.python, form.reuse.command):
            button.native.click()
            texts.append(QGuiApplication.clipboard().text())
        return texts

    return click


def test_a_channel_of_a_file_with_the_microscope(
    form: Any, viewer: Any, restored: Any, model_file: Callable[..., Path], copied: Any, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(0).integers(100, 4000, (5, 2, 40, 44), dtype=np.uint16)
    write_image(tmp_path / "my cells.ome.tif", Image(pixels, "ZCYX", SIZE, UNIT, ("DAPI", "GFP")))
    viewer.open(tmp_path / "my cells.ome.tif", plugin="napari-deblur")
    form.layer.value = viewer.layers["my cells.ome GFP"]
    form.optics.source.value = "from the optics"
    form.optics.wavelength.value, form.optics.na.value, form.optics.immersion.value = "535", 1.2, 1.33
    form.output.dtype.value, form.output.ensemble.value = "float32", 2
    result = restored(model_file())
    for pasted in paste(*copied(), tmp_path):
        np.testing.assert_array_equal(pasted, result.data)


def test_a_layer_from_no_file_and_a_classical_method_with_beads(
    form: Any, viewer: Any, qtbot: Any, copied: Any, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    y, x = np.indices((64, 64))
    bead = 2000 * np.exp(-((y - 31) ** 2 + (x - 30) ** 2) / 8)
    viewer.add_image((rng.poisson(3, (64, 64)) + bead).astype(np.uint16), name="beads")
    cells = viewer.add_image(rng.integers(100, 4000, (3, 50, 52)).astype(np.uint16), name="cells")
    form.layer.value, form.axes.value = cells, "TYX"
    form.method.method.value, form.method.iterations.value, form.method.offset.value = "RL, total variation", 4, 90
    form.optics.source.value, form.optics.beads.value = "measured from beads", viewer.layers["beads"]
    form.run.native.click()
    qtbot.waitUntil(lambda: form.job is None, timeout=30_000)
    result = viewer.layers["cells deblurred (rl-tv)"]
    python, command = copied()
    assert "# Save the layer 'cells' as cells.tif first" in python
    assert "# Save the layer 'beads' as beads.tif first" in command
    write_image(tmp_path / "cells.tif", Image(np.asarray(cells.data), "TYX"))
    write_image(tmp_path / "beads.tif", Image(np.asarray(viewer.layers["beads"].data), "YX"))
    for pasted in paste(python, command, tmp_path):
        np.testing.assert_array_equal(pasted, result.data)


def test_before_a_run_there_is_nothing_to_copy(form: Any) -> None:
    assert not form.reuse.python.enabled
    assert not form.reuse.command.enabled


def test_an_estimated_psf_is_estimated_again() -> None:
    from napari_deblur.known_psf import ESTIMATE, KnownPSF
    from napari_deblur.request import Request
    from napari_deblur.script import as_command, as_python

    request = Request(Image(np.zeros((4, 5)), "YX", name="a/b"), "wiener", KnownPSF(ESTIMATE), {"noise_to_signal": 0.1})
    assert "estimate_psf(image)" in as_python(request)
    assert "--estimate-psf" in as_command(request)
    assert "--noise 0.1" in as_command(request)
    assert "--out 'a_b deblurred (wiener).tif'" in as_command(request)
