"""The *Deblur* form: a layer, a model, what is known of the optics; out comes a new layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magicgui.widgets import ComboBox, FileEdit, Label, LineEdit, PushButton
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gan_lessons.errors import InputError
from napari_deblur.form import Form, layer_choice
from napari_deblur.layers import axes_choices, image_of, result_layer, visible_region
from napari_deblur.optics import OpticsRows
from napari_deblur.progress_row import ProgressRow
from napari_deblur.tasks import Choices, Request, Restored, find_choices, restore_region, restore_whole
from napari_deblur.worker import Job, make_job, tell_error

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer
    from qtpy.QtGui import QShowEvent

FROM_FILE = "from a file…"


class DeblurWidget(QWidget):
    """Restore an image layer with a trained model.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Its layers are the choices, and results are added to it.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.job: Job | None = None
        self.choices: Choices | None = None
        self.last_preview: tuple[ImageLayer, str] | None = None
        self._build()
        self.layer.changed.connect(self._layer_changed)
        self.axes.changed.connect(self._axes_changed)
        self.model.changed.connect(self._model_changed)
        self.preview.changed.connect(self._preview_clicked)
        self.run.changed.connect(self._run_clicked)
        self.cancel.changed.connect(self.stop)
        self._model_changed()
        self._layer_changed()
        self._start(find_choices, "Looking for models", self._models_found)

    def _build(self) -> None:
        self.layer = layer_choice("layer", "The image to restore; it stays as it is")
        self.axes = LineEdit(label="axes", tooltip="T time, C channel, Z plane, Y row, X column, S color sample")
        self.model = ComboBox(label="model", choices=[FROM_FILE])
        self.file = FileEdit(label="file", filter="Models (*.safetensors)")
        self.purpose = Label(label="")
        self.device = ComboBox(label="device", choices=["cpu"])
        self.form = Form()
        self.form.add(self.layer, self.axes, self.model, self.file, self.purpose)
        self.optics = OpticsRows(self.form)
        self.form.add(self.device)
        self.purpose.native.setWordWrap(True)

        self.preview = PushButton(text="Preview", tooltip="Restore what is in view, with the whole layer's statistics")
        self.run = PushButton(text="Run", tooltip="Restore the whole layer into a new one")
        self.cancel = PushButton(text="Cancel", tooltip="Stop, and leave everything as it was")
        self.progress = ProgressRow()
        self.message = QLabel()
        self.message.setWordWrap(True)
        buttons = QHBoxLayout()
        for button in (self.preview, self.run, self.cancel):
            buttons.addWidget(button.native)
        rows = QVBoxLayout(self)
        rows.addWidget(self.form)
        rows.addLayout(buttons)
        rows.addWidget(self.progress.native)
        rows.addWidget(self.message)
        rows.addStretch()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Find the layers: a dock has its viewer only once it is shown."""
        super().showEvent(event)
        self.reset_choices()

    def reset_choices(self, *_: Any) -> None:
        """Follow the viewer's layers; napari calls this."""
        self.layer.reset_choices()
        self.optics.layer.reset_choices()
        self._show_state()

    def stop(self, *_: Any) -> None:
        """Cancel what runs."""
        if self.job:
            self.progress.cancelling()
            self.job.quit()

    def request(self) -> Request:
        """Return what the form says.

        Raises
        ------
        InputError
            If something is missing or can't be.
        """
        layer: ImageLayer | None = self.layer.value
        if layer is None:
            raise InputError("no image layer is chosen; open an image")
        axes = self.axes.value.strip().upper()
        if not axes:
            choices = " or ".join(axes_choices(layer)) or "letters of TCZYXS"
            raise InputError(f"{layer.name}: its axes are not known; type them: {choices}")
        return Request(image_of(layer, axes), self._model_name(), self.optics.psf(), self.device.value)

    def _model_name(self) -> str:
        if self.model.value != FROM_FILE:
            return str(self.model.value)
        path = Path(str(self.file.value))
        if not path.name:
            raise InputError("no model file is chosen; choose a .safetensors file")
        return str(path)

    def _run_clicked(self) -> None:
        self._submit(restore_whole, "Deblur", lambda layer: ())

    def _preview_clicked(self) -> None:
        self._submit(restore_region, "Preview", lambda layer: visible_region(self.viewer, layer))

    def _submit(self, task: Callable[..., Restored], verb: str, region_of: Callable[[ImageLayer], Any]) -> None:
        """Read the form and start; what is wrong with the form is told like any other error."""
        layer = self.layer.value
        try:
            request = self.request()
            region = region_of(layer)
        except InputError as error:
            self.message.setText(tell_error(error))
            return
        call = partial(task, request, region) if region else partial(task, request)
        self._start(call, f"{verb} {layer.name}", partial(self._add_result, layer, request, region))

    def _start(self, call: Callable[..., Any], description: str, returned: Callable[[Any], None]) -> None:
        if self.job:  # a second click that was under way as the first was answered
            return
        self.job = make_job(call, description)
        self.job.returned.connect(returned)
        self.job.finished.connect(self._finished)
        self.destroyed.connect(self.job.abandon)
        self.job.reports.told.connect(self._show_message)
        self.message.clear()
        self.progress.follow(self.job, description)
        self._show_state()
        self.job.start()

    def _show_message(self, text: str) -> None:
        """Keep what a notification shows for seconds, and cuts."""
        self.message.setText("\n".join(filter(None, [self.message.text(), text])))

    def _finished(self, *_: Any) -> None:
        if self.job:
            self.destroyed.disconnect(self.job.abandon)
        self.job = None
        self.progress.rest()
        self._show_state()

    def _add_result(self, source: ImageLayer, request: Request, region: tuple[slice, ...], done: Restored) -> None:
        name = f"{source.name} {'preview' if region else 'deblurred'} ({Path(request.model).stem})"
        layer = result_layer(source, done.data, name=name, provenance=done.provenance, region=region)
        if region:
            self._drop_last_preview()
        self.viewer.add_layer(layer)
        if region:
            self.last_preview = (layer, layer.name)

    def _drop_last_preview(self) -> None:
        """One preview is enough; but one that was renamed is the user's."""
        layer, name = self.last_preview or (None, "")
        if layer and layer in self.viewer.layers and layer.name == name:
            self.viewer.layers.remove(layer)

    def _models_found(self, found: Choices) -> None:
        self.choices = found
        self.device.choices = found.devices
        self.model.choices = [*found.cards, FROM_FILE]
        for row, card in enumerate(found.cards.values()):
            self.model.native.setItemData(row, card.purpose, Qt.ItemDataRole.ToolTipRole)
        if found.cards:
            self.model.value = next(iter(found.cards))
        self._model_changed()

    def _model_changed(self, *_: Any) -> None:
        card = self.choices.cards.get(self.model.value) if self.choices else None
        self.form.show_row(self.file, self.model.value == FROM_FILE)
        self.form.show_row(self.purpose, card is not None)
        self.purpose.value = card.purpose if card else ""

    def _layer_changed(self, *_: Any) -> None:
        layer: ImageLayer | None = self.layer.value
        choices = axes_choices(layer) if layer else []
        self.axes.value = choices[0] if len(choices) == 1 else ""
        self.axes.native.setPlaceholderText(f"which? {', '.join(choices)}" if choices else "")
        self.optics.forget_steps()
        self._axes_changed()
        self._show_state()

    def _axes_changed(self, *_: Any) -> None:
        if self.layer.value is not None:
            self.optics.read_steps(self.layer.value, self.axes.value.strip().upper())

    def _show_state(self) -> None:
        ready = self.job is None and self.layer.value is not None
        self.run.enabled = self.preview.enabled = ready
        self.cancel.enabled = self.job is not None and self.choices is not None
