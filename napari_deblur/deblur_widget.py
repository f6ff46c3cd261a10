"""The *Deblur* form: a layer, a method, what is known of the optics; out comes a new layer."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Any

from gan_lessons.errors import InputError
from napari_deblur.batch import FOLDER, SELECTED
from napari_deblur.deblur_rows import DeblurRows
from napari_deblur.finetune_models import OWN_MODELS
from napari_deblur.known_psf import ESTIMATE, UNKNOWN
from napari_deblur.layers import PROVENANCE, axes_choices, axes_of, result_layer
from napari_deblur.requests_of import Requests
from napari_deblur.runner import Runner, Step
from napari_deblur.shortcuts import BLINK, CANCEL, PREVIEW, RUN, SWIPE, bind_keys
from napari_deblur.tasks import Restored, estimate_blur, find_cards, restore_region
from napari_deblur.worker import tell_error

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer


class DeblurWidget(DeblurRows):
    """Restore image layers with a trained model or a classical method.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Its layers are the choices, and results are added to it.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__(napari_viewer)
        self.last_preview: tuple[ImageLayer, str] | None = None
        self._again = False
        self.requests = Requests(self.layer, self.axes, self.method, self.optics, self.output, self.batch)
        self.runner = Runner(self, self.progress, self.message.say, self._show_state)
        self.layer.changed.connect(self._layer_changed)
        self.axes.changed.connect(self._axes_changed)
        self.method.method.changed.connect(self._method_changed)
        self.preview.changed.connect(self._preview_clicked)
        self.run.changed.connect(self._run_clicked)
        self.cancel.changed.connect(self.stop)
        self.optics.estimate.changed.connect(self._estimate_clicked)
        self.batch.what.changed.connect(lambda *_: self._show_state())
        keys = {PREVIEW: self.preview, RUN: self.run, CANCEL: self.cancel}
        keys |= {BLINK: self.previews.blink, SWIPE: self.previews.swipe.button}
        self.destroyed.connect(bind_keys(napari_viewer, {key: button.native.click for key, button in keys.items()}))
        self.destroyed.connect(self.previews.disconnect)
        OWN_MODELS.changed.connect(self.reset_choices)
        self.destroyed.connect(lambda *_: OWN_MODELS.changed.disconnect(self.reset_choices))
        napari_viewer.layers.selection.events.active.connect(self._follow_active)
        self.destroyed.connect(lambda: napari_viewer.layers.selection.events.active.disconnect(self._follow_active))
        self._layer_changed()

    def reset_choices(self, *_: Any) -> None:
        """Follow the viewer's layers and the folder of models; napari calls this."""
        for box in (self.layer, self.optics.layer, self.optics.beads, self.previews.region):
            box.reset_choices()
        cards, damaged = find_cards()
        self.method.offer(cards)
        for line in damaged:
            if line not in self.message.text():
                self.message.say(line)
        self._follow_active()
        self._show_state()

    def stop(self, *_: Any) -> None:
        """Cancel what runs."""
        self._again = False
        self.runner.stop()

    def _run_clicked(self, *_: Any) -> None:
        self.message.clear()
        try:
            if self.batch.what.value == FOLDER:
                steps = self.requests.for_files(self._file_saved)
            else:
                layers = self._selected() if self.batch.what.value == SELECTED else [self.requests.chosen()]
                steps = [self.requests.step(layer, n, len(layers), self._add_result) for n, layer in enumerate(layers)]
        except InputError as error:
            self.message.say(tell_error(error))
            return
        self.runner.start(steps)

    def _selected(self) -> list[ImageLayer]:
        layers = [layer for layer in self.viewer.layers if layer in self.viewer.layers.selection]
        found = [layer for layer in layers if layer in self.layer.choices]
        if not found:
            raise InputError("no image layer is selected; select some in the list of layers")
        return found

    def _preview_clicked(self, *_: Any) -> None:
        self.message.clear()
        try:
            layer = self.requests.chosen()
            request, region = self.requests.of(layer), self.previews.slices(layer)
        except InputError as error:
            self.message.say(tell_error(error))
            return
        request = dataclasses.replace(request, store=None, lazy=False)
        done = partial(self._add_result, layer, region=region)
        self.runner.start([Step(partial(restore_region, request, region), f"Preview {layer.name}", done)])

    def view_rested(self) -> None:
        """Preview what is in view now; a preview of what was in view is out of date."""
        if self.job is None:
            self._preview_clicked()
        elif self.job.bar.desc.startswith("Preview"):
            self.stop()
            self._again = True

    def _estimate_clicked(self, *_: Any) -> None:
        self.message.clear()
        try:
            image = self.requests.image(self.requests.chosen())
        except InputError as error:
            self.message.say(tell_error(error))
            return
        self.runner.start([Step(partial(estimate_blur, image), "Estimating the blur", self.message.say)])

    def _add_result(self, source: ImageLayer, done: Restored, region: tuple[slice, ...] = ()) -> None:
        name = f"{source.name} {'preview' if region else 'deblurred'} ({done.request.label})"
        layer = result_layer(source, done.data, name=name, provenance=done.provenance, region=region)
        if region:
            self._drop_last_preview()
        self.viewer.add_layer(layer)
        self.previews.compare(layer)
        if region:
            self.last_preview = (layer, layer.name)
        else:
            self.reuse.remember(done.request)
        self.message.say(done.summary)

    def _file_saved(self, done: Any) -> None:
        self.reuse.remember(done.request)
        self.message.say(f"saved {done.path}")

    def _drop_last_preview(self) -> None:
        """One preview is enough; but one that was renamed is the user's."""
        layer, name = self.last_preview or (None, "")
        if layer and layer in self.viewer.layers and layer.name == name:
            self.viewer.layers.remove(layer)

    def _follow_active(self, *_: Any) -> None:
        """Take the layer that the user selects in napari's list, unless it is a result."""
        active = self.viewer.layers.selection.active
        if active in self.layer.choices and PROVENANCE not in active.metadata:
            self.layer.value = active

    def _method_changed(self, *_: Any) -> None:
        needs_psf = self.method.classical and self.optics.source.value == UNKNOWN
        if needs_psf:
            self.optics.source.value = ESTIMATE
            self.optics.section.unfold()

    def _layer_changed(self, *_: Any) -> None:
        layer: ImageLayer | None = self.layer.value
        choices = axes_choices(layer) if layer else []
        self.axes.value = axes_of(layer) if layer else ""
        self.axes.native.setPlaceholderText(f"which? {', '.join(choices)}" if choices else "")
        self.optics.forget_steps()
        if layer is not None:
            self.optics.read_file(layer)
        self._axes_changed()
        self._show_state()

    def _axes_changed(self, *_: Any) -> None:
        if self.layer.value is not None:
            self.optics.read_steps(self.layer.value, self.axes.value.strip().upper())

    def _show_state(self) -> None:
        ready = self.job is None and self.layer.value is not None
        self.preview.enabled = self.optics.estimate.enabled = ready
        self.run.enabled = ready or (self.job is None and self.batch.what.value == FOLDER)
        self.cancel.enabled = self.job is not None
        if self.job is None and self._again:
            self._again = False
            self._preview_clicked()
