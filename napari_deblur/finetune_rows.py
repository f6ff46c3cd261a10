"""What the *Fine-tune* form consists of: what to learn from, how, the buttons, what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from magicgui.widgets import ComboBox, FloatSpinBox, Label, LineEdit, PushButton, SpinBox
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QVBoxLayout, QWidget

from gan_lessons.devices import list_devices
from napari_deblur.finetune_curves import Curves
from napari_deblur.finetune_models import ModelRows
from napari_deblur.finetune_request import BLURRED, PAIR, SHARP
from napari_deblur.finetune_reuse import ScriptRows
from napari_deblur.form import Form, Message, in_a_row, layer_choice
from napari_deblur.optics import OpticsRows
from napari_deblur.panel import Panel
from napari_deblur.progress_row import ProgressRow
from napari_deblur.tasks import find_cards

if TYPE_CHECKING:
    import napari

TRUTH = {
    PAIR: "The same field, recorded better: it is what the model learns",
    SHARP: "Sharp and clean: it is blurred here",
}


class FinetuneRows(Panel):
    """The form without what it does.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__(viewer)
        self.kind = ComboBox(
            name="kind", label="learn from", choices=[PAIR, SHARP, BLURRED], tooltip="Which images you have"
        )
        self.raw = layer_choice("raw", "recorded", "The image as the model will be given such")
        self.reference = layer_choice("reference", "reference", TRUTH[PAIR])
        self.axes = LineEdit(
            name="axes",
            label="axes",
            tooltip="A letter a dimension: T time, C channel, Z plane, Y row, X column, S color",
        )
        self.noise_like = layer_choice(
            "noise_like", "noise of", "A recorded layer whose camera noise is estimated", none="the photons below"
        )
        self.photons = FloatSpinBox(
            name="photons", label="photons", value=100, min=0.1, max=1e6, tooltip="Photons at the brightest pixel"
        )
        self.model = ComboBox(
            name="start", label="start from", choices=list(find_cards()[0]), tooltip="The model that is trained on"
        )
        self.ssim_weight = FloatSpinBox(
            name="ssim_weight",
            label="SSIM weight",
            value=0.5,
            min=0,
            max=1,
            step=0.05,
            tooltip="Share of 1 − SSIM in the loss (no unit), 0 to 1; the rest is Charbonnier's, near the mean "
            "absolute error. More keeps structure, less keeps intensities",
        )
        self.minutes = FloatSpinBox(
            name="minutes",
            label="minutes",
            value=5,
            min=0.01,
            max=600,
            tooltip="Minutes of training in all; a training that is resumed counts from its beginning",
        )
        self.steps = SpinBox(
            name="steps",
            label="steps",
            value=0,
            min=0,
            max=1_000_000,
            tooltip="Count of steps at which to end; 0 for as many as the minutes allow. A run that steps end can be "
            "done again bit for bit",
        )
        self.validation = layer_choice(
            "validation",
            "validate on",
            "Box around the selected shape, else the last: the best weights are chosen there; training and the final "
            "figures keep away from it",
            kind="Shapes",
            none="the library's choice",
        )
        self.device = ComboBox(
            name="device",
            label="device",
            choices=[(str(device), device.name) for device in list_devices()],
            tooltip="What computes, with its free memory in GB",
        )
        self.name = LineEdit(
            name="model_name", label="name", value="my-model", tooltip="Of the result, among your own models"
        )
        self.form = Form()
        self.form.add(self.kind, self.raw, self.reference, self.axes, self.noise_like, self.photons, self.model)
        self.form.add(self.ssim_weight, self.minutes, self.steps, self.validation, self.device, self.name)
        self.optics = OpticsRows()
        self.start, self.stop, self.cancel, self.resume, self.undo = self._buttons()
        self.register, self.leave = self._answers()
        self.question = QWidget()
        asked = QVBoxLayout(self.question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.addWidget(in_a_row([self.register, self.leave]))
        self.progress, self.message, self.curves = ProgressRow(), Message(), Curves()
        self.figures = Label(name="figures", tooltip="Of the test region, which nothing else has seen")
        self.figures.native.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.models, self.scripts = ModelRows(self.message.say), ScriptRows(self.message.say)
        own = (self.kind, self.model, self.ssim_weight, self.minutes, self.steps, self.photons, self.device)
        self.settings = (*own, *self.optics.settings)
        buttons = [in_a_row([self.start, self.stop, self.cancel]), in_a_row([self.resume, self.undo])]
        inside = [self.form, self.optics.section, *buttons, self.progress.native, self.message, self.question]
        inside += [self.curves, self.figures.native, self.models.section, self.scripts.section]
        self.fill(inside)
        self.kind.changed.connect(self.show_needed)
        self.show_needed()

    def show_needed(self, *_: object) -> None:
        """Hide the rows that the source of truth doesn't need."""
        kind = self.kind.value
        self.form.show_row(self.raw, kind != SHARP)
        self.form.show_row(self.reference, kind != BLURRED)
        for row in (self.noise_like, self.photons):
            self.form.show_row(row, kind == SHARP)
        self.form.show_row(self.ssim_weight, kind != BLURRED)
        self.reference.tooltip = TRUTH.get(kind, "")
        if kind != PAIR:
            self.optics.section.unfold()

    def _buttons(self) -> list[PushButton]:
        told = {
            "Start": "Train; the window goes on as ever, and nothing is written but the model",
            "Stop": "End after the step under way, and keep the best so far",
            "Cancel": "End within a second, and write no model; Resume can still go on from the last look",
            "Resume": "Go on with the model of this name, from where its training ended: the same layers and settings",
            "Undo": "Back to the starting model: move the model of this name to the system's trash",
        }
        return [PushButton(name=text.lower(), text=text, tooltip=tooltip) for text, tooltip in told.items()]

    def _answers(self) -> list[PushButton]:
        told = {
            "Register": "Move the reference by so many pixels, and start",
            "Leave it": "Start with the pair as it lies",
        }
        return [PushButton(name=text.lower(), text=text, tooltip=tooltip) for text, tooltip in told.items()]
