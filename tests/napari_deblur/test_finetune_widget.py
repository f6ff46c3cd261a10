"""*Fine-tune* in a real window, with a real training in its own process: what is clicked, what comes of it."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from scipy import ndimage

import gan_lessons
from gan_lessons.data.specimens import make_specimen
from gan_lessons.zoo import read_card

pytestmark = pytest.mark.gui

LONG = 600_000  # milliseconds: a process begins, and imports torch; seconds on a machine of its own
SHIFT = 3.0


@pytest.fixture
def folder(tmp_path: Path, model_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own models: one of random weights."""
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("GAN_LESSONS_MODELS", str(own))
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # of the trash
    (own / "tiny.safetensors").write_bytes(model_file().read_bytes())
    return own


@pytest.fixture
def tuning(folder: Path, viewer: Any) -> Any:
    """The form with a pair of layers, and the small model chosen."""
    truth = make_specimen((80, 208), np.random.default_rng(0)) * 400 + 100
    raw = np.random.default_rng(1).poisson(ndimage.gaussian_filter(truth, 1.2)).astype(np.uint16)
    viewer.add_image(truth.astype(np.float32), name="long", axis_labels=("y", "x"), scale=(0.1, 0.1), units="um")
    viewer.add_image(raw, name="short", axis_labels=("y", "x"), scale=(0.1, 0.1), units="um")
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Fine-tune (SSIM-weighted)")
    form.raw.value, form.reference.value = viewer.layers["short"], viewer.layers["long"]
    form.model.value, form.name.value, form.steps.value = "tiny", "mine", 12
    return form


@pytest.fixture
def click(tuning: Any, qtbot: Any) -> Callable[[str], str]:
    """Click a button, wait until nothing runs, and return what the form says."""

    def click(button: str) -> str:
        getattr(tuning, button).native.click()
        qtbot.waitUntil(lambda: tuning.job is None, timeout=LONG)
        return str(tuning.message.text())

    return click


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "napari_deblur.finetune_child" in one.cmdline()]


def test_a_shifted_pair_is_asked_about_trained_resumed_and_undone(
    tuning: Any, viewer: Any, click: Any, folder: Path
) -> None:
    _, deblur = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    moved = ndimage.shift(viewer.layers["long"].data, (0, SHIFT), mode="nearest")
    viewer.layers["long"].data = moved
    box = np.array([[0, 0], [0, 5.52], [7.92, 5.52], [7.92, 0]])  # µm
    tuning.validation.value = viewer.add_shapes([box], name="box")
    tuning.ssim_weight.value = 0.7

    told = click("start")
    asked = re.search(r"the reference lies off .*: it would have to move by -?0\.\d, (-\d\.\d) pixels \(Y, X\)", told)
    assert asked
    assert float(asked[1]) == pytest.approx(-SHIFT, abs=0.15)
    assert tuning.question.isVisible()
    assert list(folder.glob("mine*")) == []

    told = click("register")
    assert not tuning.question.isVisible()
    assert "reference moved by" in told
    assert "validation rows 0:80, columns 0:56" in told
    card = read_card(folder / "mine.safetensors")
    assert (card.parent, card.recipe["finetuned"]["ssim_weight"], card.recipe["finetuned"]["steps"]) == (
        "tiny",
        0.7,
        12,
    )
    assert f"{card.metrics['psnr after']:.2f}" in tuning.figures.value
    assert f"{card.metrics['psnr before']:.2f}" in tuning.figures.value
    assert {"training loss", "psnr", "ssim"} == set(tuning.curves.curves)
    assert tuning.curves.curves["training loss"].steps == list(range(1, 13))
    assert tuning.curves.curves["psnr"].start == tuning.curves.curves["psnr"].values[0]
    assert tuning.curves.height() > 200
    assert "mine" in deblur.method.method.choices
    assert "mine" in tuning.model.choices
    assert "Fine-tuned from: tiny" in tuning.models.about.value

    preview = viewer.layers["short validation (mine)"]
    source = viewer.layers["short"]
    np.testing.assert_allclose(preview.data_to_world((79, 55)), source.data_to_world((79, 55)))
    restored = gan_lessons.restore(source.data, folder / "mine.safetensors", axes="YX", dtype="float32")
    assert preview.data.dtype == np.uint16
    assert np.abs(preview.data - restored[:80, :56]).max() < 0.2 * np.ptp(restored)

    assert "one of your own models has this name" in click("start")
    tuning.steps.value = 14
    assert "14 steps" in click("resume")
    assert read_card(folder / "mine.safetensors").recipe["finetuned"]["steps"] == 14

    assert "mine: moved to the trash; tiny is what it was" in click("undo")
    assert [path.name for path in folder.iterdir()] == ["tiny.safetensors"]
    assert "mine" not in deblur.method.method.choices


def test_stop_keeps_the_best_so_far_whatever_becomes_of_the_layers(
    tuning: Any, viewer: Any, qtbot: Any, folder: Path
) -> None:
    tuning.steps.value, tuning.minutes.value = 0, 60
    tuning.start.native.click()
    first = tuning.job
    tuning._begin(resume=False)  # as a script might; the button is disabled
    assert tuning.job is first
    viewer.layers.clear()
    qtbot.waitUntil(lambda: "training loss" in tuning.curves.curves, timeout=LONG)
    tuning.stop.native.click()
    qtbot.waitUntil(lambda: tuning.job is None, timeout=LONG)
    assert (folder / "mine.safetensors").is_file()
    assert "mine" in tuning.message.text()
    assert len(viewer.layers) == 0
    tuning.scripts.python.native.click()
    assert "copied" in tuning.message.text()
    assert children() == []


def test_cancel_leaves_no_model_and_no_process(tuning: Any, qtbot: Any, folder: Path) -> None:
    tuning.steps.value, tuning.minutes.value = 0, 60
    tuning.start.native.click()
    qtbot.waitUntil(lambda: "psnr" in tuning.curves.curves, timeout=LONG)
    assert len(children()) == 1
    tuning.cancel.native.click()
    qtbot.waitUntil(lambda: tuning.job is None and children() == [], timeout=LONG)
    assert not (folder / "mine.safetensors").exists()
    assert not list(folder.glob(".*"))
    assert tuning.start.enabled


def test_closing_the_form_ends_the_process(tuning: Any, viewer: Any, qtbot: Any) -> None:
    tuning.steps.value, tuning.minutes.value = 0, 60
    tuning.start.native.click()
    qtbot.waitUntil(lambda: len(children()) == 1, timeout=LONG)
    (child,) = children()
    viewer.window.remove_dock_widget(tuning)
    tuning.deleteLater()
    qtbot.waitUntil(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, timeout=LONG)


def test_a_process_that_the_system_ends_is_told_of(tuning: Any, qtbot: Any, told: list[str], folder: Path) -> None:
    tuning.start.native.click()
    qtbot.waitUntil(lambda: len(children()) == 1, timeout=LONG)
    children()[0].kill()
    qtbot.waitUntil(lambda: tuning.job is None, timeout=LONG)
    assert "mine: the training process has ended by itself" in told[-1]
    assert tuning.start.enabled


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_disk_that_is_full_is_one_line_and_leaves_nothing(
    tuning: Any, qtbot: Any, told: list[str], folder: Path
) -> None:
    import resource

    tuning.steps.value = 2
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    tuning.start.native.click()
    qtbot.waitUntil(lambda: len(children()) == 1, timeout=LONG)
    resource.prlimit(children()[0].pid, resource.RLIMIT_FSIZE, (10_000, limits[1]))
    qtbot.waitUntil(lambda: tuning.job is None, timeout=LONG)
    assert "could not be written: File too large" in told[-1]
    assert [path.name for path in folder.iterdir()] == ["tiny.safetensors"]


def test_colors_with_a_model_of_one_channel_are_learned_sample_by_sample(
    tuning: Any, viewer: Any, click: Any, folder: Path
) -> None:
    pixels = viewer.layers["short"].data
    colors = np.stack([pixels // 4] * 3, -1).clip(0, 255).astype(np.uint8)
    viewer.layers.clear()
    for name in ("colors", "better"):
        viewer.add_image(colors, rgb=True, name=name)
    tuning.raw.value, tuning.reference.value = viewer.layers["colors"], viewer.layers["better"]
    tuning.steps.value = 2
    click("start")
    assert (folder / "mine.safetensors").is_file()
    preview = viewer.layers["colors validation (mine)"]
    assert (preview.rgb, preview.data.dtype, preview.data.shape[-1]) == (True, np.uint8, 3)


def test_a_constant_layer_is_one_line(tuning: Any, viewer: Any, click: Any, told: list[str]) -> None:
    viewer.layers["long"].data = np.full((80, 208), 7, np.float32)
    assert "reference long: all pixels are 7; expected an image of something" in click("start")
    assert len(told) == 1
    assert tuning.start.enabled


def spoil(form: Any, viewer: Any, fault: str) -> None:
    if fault == "shape":
        viewer.layers["long"].data = np.zeros((80, 200), np.float32)
    elif fault == "same":
        form.reference.value = viewer.layers["short"]
    elif fault == "taken":
        form.name.value = "tiny"
    elif fault == "shipped":
        form.name.value = "fluo-2d"
    elif fault == "nameless":
        form.name.value = "my cells"
    elif fault == "no PSF":
        form.kind.value = "a blurred layer and its PSF"
    elif fault == "sharp estimate":
        form.kind.value = "a sharp layer and its PSF"
        form.optics.source.value = "estimated from the image"
    elif fault == "beside":
        form.validation.value = viewer.add_shapes(
            [np.array([[90, 90], [90, 95], [95, 95], [95, 90]])], name="far", units="um"
        )


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("shape", "long: 80 × 200 pixels, but short has 80 × 208; expected the same: crop or resample one of them"),
        ("same", "short: is chosen as recorded layer and as reference; choose another reference"),
        ("taken", "tiny: one of your own models has this name; type another, click Resume, or Undo it first"),
        ("shipped", "'fluo-2d' is a shipped model; choose another name"),
        ("nameless", "'my cells' can't be a model's name"),
        (
            "no PSF",
            "short: a blurred layer and its PSF: no PSF is known; choose one in the section PSF",
        ),
        ("sharp estimate", "long: a sharp layer doesn't show the microscope's blur; choose another PSF"),
        ("beside", "far: its shape lies beside short; draw it on the layer"),
    ],
)
def test_what_can_be_said_at_once_starts_no_process(
    tuning: Any, viewer: Any, told: list[str], fault: str, line: str
) -> None:
    spoil(tuning, viewer, fault)
    tuning.start.native.click()
    assert len(told) == 1
    assert told[0].startswith(line)
    assert tuning.message.text() == told[0]
    assert tuning.job is None


def test_own_models_are_exported_imported_and_removed(
    tuning: Any, viewer: Any, folder: Path, tmp_path: Path, told: list[str]
) -> None:
    rows = tuning.models
    rows.model.value = "tiny"
    assert "Network: unshuffle-unet" in rows.about.value
    rows.export.native.click()
    assert "expected a name that ends in .safetensors" in told[-1]
    rows.file.value = tmp_path / "theirs.safetensors"
    rows.export.native.click()
    assert (tmp_path / "theirs.safetensors").read_bytes() == (folder / "tiny.safetensors").read_bytes()
    rows.export.native.click()
    assert "exists already" in told[-1]
    rows.take.native.click()
    assert rows.model.value == "theirs"
    assert "theirs" in tuning.model.choices
    rows.remove.native.click()
    assert [path.name for path in folder.iterdir()] == ["tiny.safetensors"]
    assert list((tmp_path / "data").rglob("theirs.safetensors"))  # in the trash
    assert "theirs" not in tuning.model.choices


def test_settings_are_remembered(tuning: Any, viewer: Any, click: Any) -> None:
    from napari_deblur import presets

    tuning.ssim_weight.value, tuning.minutes.value = 0.8, 9
    presets.save_last(presets.values_of(tuning.settings), "finetune")
    _, again = viewer.window.add_plugin_dock_widget("napari-deblur", "Fine-tune (SSIM-weighted)", tabify=False)
    assert (again.model.value, again.ssim_weight.value, again.minutes.value) == ("tiny", 0.8, 9)
    assert presets.read_last() == {}, "Deblur's own settings are others"


QUANTITIES = {"photons": "Photons", "ssim_weight": "no unit", "minutes": "Minutes", "steps": "Count", "device": "GB"}


def test_every_control_says_what_it_is_with_its_unit(tuning: Any) -> None:
    from tests.napari_deblur.test_form import controls

    found = controls(tuning)
    assert len(found) > 35
    silent = [one for one in found if not (one.toolTip() or one.parent().toolTip()) and one.objectName() != "qt_"]
    assert [f"{type(one).__name__} {one.objectName()}" for one in silent] == []
    told = {row.name: row.tooltip for row in tuning.settings}
    assert {name for name, unit in QUANTITIES.items() if unit not in told[name]} == set()
    assert "dB" in tuning.curves.toolTip()


def test_opening_the_form_loads_no_torch_and_takes_no_time() -> None:
    import subprocess

    code = (
        "import napari, sys; viewer = napari.Viewer(show=False); "
        "viewer.window.add_plugin_dock_widget('napari-deblur', 'Fine-tune (SSIM-weighted)'); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_the_copied_command_and_script_name_everything(tuning: Any, viewer: Any) -> None:
    from napari_deblur.finetune_requests_of import request_of
    from napari_deblur.finetune_script import as_command, as_python

    tuning.optics.source.value, tuning.optics.wavelength.value = "from the optics", "535"
    request = request_of(tuning, resume=False)
    python, command = as_python(request), as_command(request)
    compile(python, "script", "exec")
    assert "# Save the layer 'short' as short.tif first" in python
    assert "raw = read_image('short.tif', axes='YX', pixel_size={'Y': 0.1, 'X': 0.1})" in python
    assert "out='mine-again', ssim_weight=0.5, minutes=5.0, device='cpu', steps=12" in python
    words = shlex.split(command, comments=True)
    assert words[:4] == ["gan-lessons", "finetune", "tiny", "--out"]
    assert words[words.index("--wavelength") + 1] == "535.0"
    assert "takes other steps" not in python
    tuning.steps.value = 0
    assert "takes other steps" in as_python(request_of(tuning, resume=False))


def test_nothing_is_cut_off_at_300_pixels(tuning: Any, viewer: Any, qtbot: Any, folder: Path) -> None:
    from qtpy.QtWidgets import QScrollArea

    from napari_deblur.finetune_events import Look, Steps, Trained
    from napari_deblur.finetune_figures import figures_table

    rows = {what: {"psnr": 20.123, "ssim": 0.8123} for what in ("raw", "start", "best")}
    tuning.setFixedWidth(300)
    tuning.figures.value = figures_table(Trained("mine", "", "tiny", "step 100", {"test": rows}, 100, 60.0))
    tuning.curves.add_look(Look(0, {"psnr": 20.0, "ssim": 0.8}, 0))
    tuning.curves.add_steps(Steps(((1, 0.5), (2, 0.4)), 0.1))
    for kind in tuning.kind.choices:
        tuning.kind.value = kind
        tuning.optics.source.value = "from the optics"
        for section in (tuning.optics.section, tuning.models.section, tuning.scripts.section):
            section.unfold()
        tuning.models.model.value = "tiny"
        qtbot.wait(50)
        area = tuning.findChild(QScrollArea)
        assert area.widget().width() <= area.viewport().width()
    assert list(tuning.curves.curves) == ["psnr", "ssim", "training loss"]
    picture = tuning.curves.grab().toImage()
    colors = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(74)]
    assert any(color.blue() - color.red() > 60 for color in colors), "the loss is drawn in the first panel"
