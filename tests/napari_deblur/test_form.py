"""The form itself: what each control says, what is remembered, what keys do, what fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.gui

QUANTITIES = {
    "na": "no unit",
    "immersion": "no unit",
    "emission": "nm",
    "excitation": "nm",
    "pixel_um": "µm",
    "z_step_um": "µm",
    "sample_index": "no unit",
    "depth_um": "µm",
    "iterations": "Count",
    "tv": "no unit",
    "noise": "no unit",
    "offset": "image's units",
    "tile": "Pixels",
    "device": "GB",
}


def controls(form: Any) -> list[Any]:
    from qtpy.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit

    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit)
    inside = (QAbstractSpinBox, QComboBox)  # their own parts speak with them
    found = [widget for kind in kinds for widget in form.findChildren(kind)]
    return [one for one in found if not any(isinstance(one.parent(), kind) for kind in inside)]


def test_every_control_says_what_it_is(form: Any) -> None:
    found = controls(form)
    assert len(found) > 35
    silent = [one for one in found if not (one.toolTip() or one.parent().toolTip()) and one.objectName() != "qt_"]
    named = [f"{type(one).__name__} {one.objectName()} {getattr(one, 'text', str)()}" for one in silent]
    assert named == []


def test_every_quantity_has_its_unit_in_the_tooltip(form: Any) -> None:
    rows = [*form.method.settings, *form.optics.settings, form.optics.pixel_um, form.optics.z_step_um]
    told = {row.name: row.tooltip for row in [*rows, *form.output.settings]}
    assert {name for name, unit in QUANTITIES.items() if unit not in told[name]} == set()


def test_nothing_is_cut_off_at_300_pixels(form: Any, viewer: Any, qtbot: Any) -> None:
    from qtpy.QtWidgets import QLabel, QPushButton, QScrollArea, QToolButton

    viewer.add_image(np.zeros((20, 20), np.uint16), name="a layer whose name is far longer than the form is wide")
    form.setFixedWidth(300)
    form.method.method.value = "RL, total variation"
    form.optics.source.value, form.optics.mode.value = "from the optics", "confocal"
    parts = (form.optics, form.previews, form.output, form.batch, form.reuse)
    for part in parts:
        part.section.unfold()
    qtbot.wait(50)
    area = form.findChild(QScrollArea)
    assert area.widget().width() <= area.viewport().width()
    for kind in (QLabel, QPushButton, QToolButton):
        for one in form.findChildren(kind):
            wraps = isinstance(one, QLabel) and one.wordWrap()
            if one.isVisible() and one.text() and not wraps:
                needed = one.fontMetrics().horizontalAdvance(one.text().replace("&", ""))
                assert needed <= one.width(), one.text()


def test_a_preset_sets_the_form_and_lasts(form: Any, viewer: Any) -> None:
    form.method.method.value = "Wiener"
    form.method.noise.value = 0.03
    form.optics.source.value, form.optics.wavelength.value = "from the optics", "461, 520"
    form.reuse.save.native.click()
    assert "type a name" in form.message.text()
    form.reuse.name.value = "two dyes"
    form.reuse.save.native.click()
    form.method.method.value, form.method.noise.value, form.optics.wavelength.value = "fluo-2d", 0.5, "600"
    form.reuse.preset.value = "choose…"
    form.reuse.preset.value = "two dyes"
    assert (form.method.method.value, form.method.noise.value) == ("Wiener", 0.03)
    assert form.optics.wavelength.value == "461, 520"
    _, another = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur", tabify=False)
    assert "two dyes" in another.reuse.preset.choices
    form.reuse.delete.native.click()
    assert form.reuse.preset.choices == ("choose…",)


def test_a_preset_of_a_model_that_is_gone_says_so(form: Any) -> None:
    from napari_deblur.presets import save_preset

    save_preset("old", {"method": "fluo-1d", "iterations": 7})
    form.reset_choices()
    form.reuse._offer()
    form.reuse.preset.value = "old"
    assert "method can't be set any more" in form.message.text()
    assert form.method.iterations.value == 7


def test_the_last_settings_are_there_next_time(form: Any, viewer: Any, restored: Any, model_file: Any) -> None:
    viewer.add_image(np.random.default_rng(0).random((40, 40), np.float32))
    form.output.dtype.value, form.method.iterations.value = "float32", 12
    restored(model_file())
    viewer.window.remove_dock_widget(form)
    _, again = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    assert again.output.dtype.value == "float32"
    assert again.method.iterations.value == 12
    assert str(again.method.file.value) == str(model_file())


def test_a_models_card_is_shown(form: Any) -> None:
    from gan_lessons.zoo import shipped_models

    for name, card in shipped_models().items():
        form.method.method.value = name
        assert form.method.purpose.value == card.purpose
        assert card.training_data in form.method.about.value
        assert card.licence in form.method.about.value
    assert form.method.method.choices[0] == "fluo-2d"


def test_the_users_own_models_are_offered_as_they_come(
    form: Any, model_file: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAN_LESSONS_MODELS", str(tmp_path))
    (tmp_path / "mine.safetensors").write_bytes(model_file().read_bytes())
    (tmp_path / "torn.safetensors").write_bytes(b"torn")
    form.reset_choices()
    form.method.method.value = "mine"
    assert form.method.purpose.value == "for tests"
    assert "torn.safetensors: not a model file" in form.message.text()


def test_keys_do_what_the_buttons_do(form: Any, viewer: Any, qtbot: Any, told: list[str]) -> None:
    from qtpy.QtCore import Qt

    canvas = viewer.window._qt_viewer.canvas.native
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    viewer.add_image(np.zeros((3, 20, 20)), name="cells")
    qtbot.keyClick(canvas, Qt.Key.Key_R, keys)
    assert told == ["cells: its axes are not known; type them: ZYX or TYX or CYX"]
    qtbot.keyClick(canvas, Qt.Key.Key_P, keys)
    assert len(told) == 2


def test_opening_the_form_does_not_load_torch() -> None:
    import subprocess
    import sys

    code = (
        "import napari, sys; viewer = napari.Viewer(show=False); "
        "viewer.window.add_plugin_dock_widget('napari-deblur', 'Deblur'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_starting_napari_imports_nothing_of_ours() -> None:
    import subprocess
    import sys

    code = (
        "import napari, sys; viewer = napari.Viewer(show=False); "
        "names = {name.partition('.')[0] for name in sys.modules}; "
        "found = names & {'torch', 'lightning', 'gan_lessons', 'napari_deblur'}; sys.exit(str(found) if found else 0)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
