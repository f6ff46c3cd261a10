"""The *Fine-tune* form: images, a model to begin with; out comes a model of the user's own, which Deblur offers."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal  # type: ignore[attr-defined]

from gan_lessons.errors import InputError
from napari_deblur import finetune_events as events
from napari_deblur import presets
from napari_deblur.finetune_figures import figures_table, tell_kept
from napari_deblur.finetune_models import OWN_MODELS, checkpoint_of, remove_model
from napari_deblur.finetune_preview import LivePreview
from napari_deblur.finetune_process import train
from napari_deblur.finetune_request import PAIR, FinetuneRequest
from napari_deblur.finetune_requests_of import main_layer, request_of
from napari_deblur.finetune_rows import FinetuneRows
from napari_deblur.layers import axes_choices, axes_of
from napari_deblur.runner import Runner, Step
from napari_deblur.tasks import find_cards
from napari_deblur.worker import tell_error

if TYPE_CHECKING:
    import napari

SETTINGS = "finetune"


class Ear(QObject):
    """Carries events from the thread that hears them to the one that draws."""

    heard = Signal(object)

    def tell(self, event: events.Event) -> None:
        """Pass an event on; called from the thread that hears it."""
        self.heard.emit(event)


class FinetuneWidget(FinetuneRows):
    """Fine-tune a model on the user's own layers.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Its layers are the choices; the live preview is added to it.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__(napari_viewer)
        self.stopping = threading.Event()
        self.asked: FinetuneRequest | None = None
        self.answers: dict[str, bool] = {}  # by the model's name: whether its shifted pair is registered
        self.preview = LivePreview(napari_viewer)
        self.ear = Ear()
        self.ear.heard.connect(self._heard)
        self.runner = Runner(self, self.progress, self.message.say, self._show_state)
        presets.apply(presets.read_last(SETTINGS), self.settings)
        self.start.changed.connect(lambda *_: self._begin(resume=False))
        self.resume.changed.connect(lambda *_: self._begin(resume=True))
        self.stop.changed.connect(self._stop_clicked)
        self.cancel.changed.connect(self.runner.stop)
        self.undo.changed.connect(self._undo_clicked)
        self.register.changed.connect(lambda *_: self._answered(register=True))
        self.leave.changed.connect(lambda *_: self._answered(register=False))
        for box in (self.raw, self.reference, self.kind):
            box.changed.connect(self._layer_changed)
        self.axes.changed.connect(self._axes_changed)
        self.name.changed.connect(lambda *_: self._show_state())
        OWN_MODELS.changed.connect(self._models_changed)
        self.destroyed.connect(lambda *_: OWN_MODELS.changed.disconnect(self._models_changed))
        self._layer_changed()

    def reset_choices(self, *_: Any) -> None:
        """Follow the viewer's layers and the folder of models; napari calls this."""
        optics = (self.optics.layer, self.optics.beads)
        for box in (self.raw, self.reference, self.noise_like, self.validation, *optics):
            box.reset_choices()
        self._models_changed()

    def _begin(self, *, resume: bool) -> None:
        self.message.clear()
        try:
            request = request_of(self, resume=resume)
            request = replace(request, register=self.answers.get(request.out) if resume else None)
        except InputError as error:
            self.message.say(tell_error(error))
            return
        self._run(request)

    def _answered(self, *, register: bool) -> None:
        assert self.asked is not None, "the buttons show where something was asked"
        self.message.clear()
        self.answers[self.asked.out] = register
        self._run(replace(self.asked, register=register))

    def _run(self, request: FinetuneRequest) -> None:
        """Train; a second click that was under way as the first was answered does nothing."""
        layer = main_layer(self)
        if self.job is not None or layer is None:
            return
        self.asked = None
        self.stopping.clear()
        self.curves.clear()
        self.figures.value = ""
        self.preview.begin(layer, request.main, request.out)
        work = partial(train, request, self.ear.tell, self.stopping)
        self.runner.start([Step(work, "Training", partial(self._ended, request))])

    def _heard(self, event: events.Event) -> None:
        """Show what the process tells."""
        if self.job is None:  # it was cancelled; the last words come late
            return
        match event:
            case events.Began():
                self.message.say(str(event))
            case events.Steps():
                self.curves.add_steps(event)
            case events.Look():
                self.curves.add_look(event)
            case events.Tile():
                self.preview.show(event)

    def _ended(self, request: FinetuneRequest, done: events.Trained | events.Shifted) -> None:
        if isinstance(done, events.Shifted):
            self.asked = request
            self.message.say(f"the reference lies off the recorded layer: it would have to move by {done.shift}")
            return
        self.message.say(tell_kept(done))
        self.figures.value = figures_table(done)
        steps = done.steps if request.steps and done.steps == request.steps else None
        self.scripts.remember(replace(request, register=done.register, steps=steps))
        presets.save_last(presets.values_of(self.settings), SETTINGS)
        self.models.offer(done.name)
        OWN_MODELS.changed.emit()

    def _stop_clicked(self, *_: Any) -> None:
        self.stopping.set()
        self.stop.enabled = False
        self.progress.native.setFormat("stopping, with the best so far…")

    def _undo_clicked(self, *_: Any) -> None:
        self.message.clear()
        name = self.name.value.strip()
        try:
            remove_model(name)
        except InputError as error:
            self.message.say(tell_error(error))
            return
        self.message.say(f"{name}: moved to the trash; {self.model.value} is what it was")

    def _models_changed(self) -> None:
        chosen, self.model.choices = self.model.value, list(find_cards()[0])
        self.model.value = chosen if chosen in self.model.choices else self.model.choices[0]
        self.models.offer()
        self._show_state()

    def _layer_changed(self, *_: Any) -> None:
        layer = main_layer(self)
        choices = axes_choices(layer) if layer else []
        self.axes.value = axes_of(layer) if layer else ""
        self.axes.native.setPlaceholderText(f"which? {', '.join(choices)}" if choices else "")
        self.optics.forget_steps()
        if layer is not None:
            self.optics.read_file(layer)
        self._axes_changed()
        self.asked = None
        self._show_state()

    def _axes_changed(self, *_: Any) -> None:
        layer = main_layer(self)
        if layer is not None:
            self.optics.read_steps(layer, self.axes.value.strip().upper())

    def _show_state(self) -> None:
        idle, ready = self.job is None, main_layer(self) is not None
        name = self.name.value.strip()
        begun = checkpoint_of(name).is_file()
        self.start.enabled = idle and ready
        self.resume.enabled = idle and ready and begun
        self.undo.enabled = idle and (begun or name in self.models.model.choices)
        self.stop.enabled = self.cancel.enabled = not idle
        self.question.setVisible(idle and self.asked is not None and self.kind.value == PAIR)
        self.optics.estimate.enabled = False
        self.figures.visible = bool(self.figures.value)
