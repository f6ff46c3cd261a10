"""The *Measure* form: a recording, its restorations, a reference where there is one; out come figures and maps."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from magicgui.types import FileDialogMode
from magicgui.widgets import ComboBox, FileEdit, FloatSpinBox, PushButton, Select
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from gan_lessons.errors import InputError
from napari_deblur.figures_table import FiguresTable
from napari_deblur.form import Form, in_a_row, layer_choice, scrolled
from napari_deblur.layers import PROVENANCE, axes_of, image_of
from napari_deblur.measure import (
    Measured,
    Measurement,
    in_order,
    map_layers,
    measure,
    rows_and_columns,
    save_report,
)
from napari_deblur.optics import OpticsRows
from napari_deblur.preview import drawn_region
from napari_deblur.progress_row import ProgressRow
from napari_deblur.runner import Runner, Step
from napari_deblur.worker import Job, tell_error

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer
    from qtpy.QtGui import QShowEvent

    from gan_lessons.evaluation import Evaluation


class MeasureWidget(QWidget):
    """Measure restored layers beside the recording, the classical methods and the truth.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Its layers are the choices; maps are added to it.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.done: Measured | None = None
        self._build()
        self.runner = Runner(self, self.progress, self.say, self._show_state)
        self.run.changed.connect(self._run_clicked)
        self.cancel.changed.connect(self.runner.stop)
        self.add_maps.changed.connect(self._maps_clicked)
        self.save.changed.connect(self._save_clicked)
        self.raw.changed.connect(self._raw_changed)
        self._show_state()

    @property
    def job(self) -> Job | None:
        """What runs."""
        return self.runner.job

    def _build(self) -> None:
        self.raw = layer_choice("raw", "recorded", "The image as it was recorded")
        self.results = Select(
            name="results", label="restored", choices=self._others, tooltip="Images made from it, one or more"
        )
        self.reference = layer_choice("reference", "reference", "The truth, as far as it is known", none="none")
        self.region = layer_choice(
            "region", "region", "Box around the selected shape, else the last", kind="Shapes", none="the whole image"
        )
        self.counted = layer_choice("mask", "mask", "Only pixels with a label count", kind="Labels", none="all pixels")
        self.range = ComboBox(
            name="range",
            label="range",
            choices=[("the reference's", "reference"), ("the integer type's", "type")],
            tooltip="Span of intensities that PSNR and SSIM refer to: 99.9th percentile less minimum of the reference, "
            "in the image's units, or all that the images' integer type holds",
        )
        self.background = FloatSpinBox(
            name="background",
            label="offset",
            max=1e6,
            tooltip="What the camera counts without light, in the image's units",
        )
        form = Form()
        form.add(self.raw, self.results, self.reference, self.region, self.counted, self.range, self.background)
        self.optics = OpticsRows()
        self.run = PushButton(name="run", text="Measure", tooltip="Compute figures and trust maps")
        self.cancel = PushButton(name="cancel", text="Cancel", tooltip="Stop within a second")
        self.progress, self.message, self.table = ProgressRow(), QLabel(), FiguresTable()
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.hide()
        self.add_maps = PushButton(
            name="maps", text="Add trust maps", tooltip="Add a layer a map: where not to believe a result"
        )
        self.folder = FileEdit(
            name="folder", label="folder", mode=FileDialogMode.EXISTING_DIRECTORY, tooltip="Folder for the report"
        )
        self.save = PushButton(name="save", text="Save report", tooltip="Write report.html and table.csv")
        after = Form()
        after.add(self.folder)
        inside = [form, self.optics.section, in_a_row([self.run, self.cancel]), self.progress.native, self.message]
        inside += [self.table, after, in_a_row([self.add_maps, self.save])]
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inside))

    def showEvent(self, event: QShowEvent | None) -> None:
        """Find the layers: a dock has its viewer only once it is shown."""
        super().showEvent(event)
        self.reset_choices()

    def reset_choices(self, *_: Any) -> None:
        """Follow the viewer's layers; napari calls this."""
        boxes = (
            self.raw,
            self.results,
            self.reference,
            self.region,
            self.counted,
            self.optics.layer,
            self.optics.beads,
        )
        for box in boxes:
            box.reset_choices()
        self._show_state()

    def say(self, text: str) -> None:
        """Show a line beside those that are there."""
        self.message.setText("\n".join(filter(None, [self.message.text(), text])))
        self.message.setVisible(bool(self.message.text()))

    def measurement(self) -> Measurement:
        """Return what the form says.

        Raises
        ------
        InputError
            If something is missing or can't be.
        """
        if self.raw.value is None:
            raise InputError("no recorded image is chosen; open one")
        raw: ImageLayer = self.raw.value
        axes = axes_of(raw)
        if not axes:
            raise InputError(f"{raw.name}: its axes are not known; deblur it first, or name the layer's axis_labels")
        chosen = [layer for layer in self.results.value if layer is not raw]
        image = image_of(raw, axes)
        images = {"raw": image, **{layer.name: image_of(layer, axes) for layer in chosen}}
        truth = self.reference.value
        mask = None if self.counted.value is None else in_order(np.asarray(self.counted.value.data) > 0, axes)
        drawn = self.region.value and drawn_region(self.viewer, raw, self.region.value)
        return Measurement(
            images,
            None if truth is None else image_of(truth, axes),
            self.optics.known(raw.name, image.sizes.get("C", 1)),
            "reference" if self.range.value == "reference" and truth is not None else None,
            mask,
            rows_and_columns(drawn, axes) if drawn else (),
            self.background.value,
        )

    def _others(self, *_: Any) -> list[Any]:
        images = [layer for layer in self.raw.choices if layer is not None and layer is not self.raw.value]
        return [layer for layer in images if "map" not in layer.metadata.get(PROVENANCE, {})]

    def _raw_changed(self, *_: Any) -> None:
        self.results.reset_choices()
        if self.raw.value is not None:
            self.optics.forget_steps()
            self.optics.read_steps(self.raw.value, axes_of(self.raw.value))
            self.optics.read_file(self.raw.value)
        self._show_state()

    def _run_clicked(self, *_: Any) -> None:
        self.message.clear()
        self.message.hide()
        try:
            wanted = self.measurement()
        except InputError as error:
            self.say(tell_error(error))
            return
        done = partial(self._show, self.raw.value, wanted)
        self.runner.start([Step(partial(measure, wanted), f"Measuring {self.raw.value.name}", done)])

    def _show(self, source: ImageLayer, wanted: Measurement, found: Evaluation) -> None:
        self.done = Measured(source, wanted, found)
        self.table.show_table(found.table)
        self.say("\n".join(found.notes))
        self._show_state()

    def _maps_clicked(self, *_: Any) -> None:
        assert self.done, "the button is enabled by a measurement"
        try:
            for layer in map_layers(self.done.found, self.done.source):
                self.viewer.add_layer(layer)
        except InputError as error:
            self.say(tell_error(error))

    def _save_clicked(self, *_: Any) -> None:
        assert self.done, "the button is enabled by a measurement"
        try:
            for path in save_report(self.done, Path(str(self.folder.value))):
                self.say(f"saved {path}")
        except InputError as error:
            self.say(tell_error(error))

    def _show_state(self) -> None:
        self.run.enabled = self.job is None and self.raw.value is not None
        self.optics.estimate.enabled = False
        self.cancel.enabled = self.job is not None
        self.add_maps.enabled = self.save.enabled = self.done is not None
