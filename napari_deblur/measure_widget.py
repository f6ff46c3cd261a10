"""The *Measure* form: a recording, its restorations, a reference where there is one; out come figures and maps."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError
from napari_deblur.layers import axes_of, image_of
from napari_deblur.measure import (
    Found,
    Measured,
    Measurement,
    in_order,
    map_layers,
    measure,
    rows_and_columns,
    save_report,
)
from napari_deblur.measure_rows import MeasureRows
from napari_deblur.regions import drawn_region
from napari_deblur.runner import Runner, Step
from napari_deblur.worker import tell_error

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer


class MeasureWidget(MeasureRows):
    """Measure restored layers beside the recording, the classical methods and the truth.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Its layers are the choices; maps are added to it.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__(napari_viewer)
        self.done: Measured | None = None
        self.runner = Runner(self, self.progress, self.message.say, self._show_state)
        self.run.changed.connect(self._run_clicked)
        self.cancel.changed.connect(self.runner.stop)
        self.add_maps.changed.connect(self._maps_clicked)
        self.save.changed.connect(self._save_clicked)
        self.raw.changed.connect(self._raw_changed)
        for row in (self.raw, self.results, self.reference):
            row.changed.connect(self.profile.refresh)
        napari_viewer.dims.events.point.connect(self._mark_plane)
        self.destroyed.connect(self.profile.disconnect)
        self.destroyed.connect(lambda: napari_viewer.dims.events.point.disconnect(self._mark_plane))
        self._show_state()

    def reset_choices(self, *_: Any) -> None:
        """Follow the viewer's layers; napari calls this."""
        boxes = (
            self.raw,
            self.results,
            self.reference,
            self.region,
            self.counted,
            self.profile.line,
            self.optics.layer,
            self.optics.beads,
        )
        for box in boxes:
            box.reset_choices()
        self._show_state()

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

    def _raw_changed(self, *_: Any) -> None:
        self.results.reset_choices()
        if self.raw.value is not None:
            self.optics.forget_steps()
            self.optics.read_steps(self.raw.value, axes_of(self.raw.value))
            self.optics.read_file(self.raw.value)
        self._show_state()

    def _run_clicked(self, *_: Any) -> None:
        self.message.clear()
        try:
            wanted = self.measurement()
        except InputError as error:
            self.message.say(tell_error(error))
            return
        done = partial(self._show, self.raw.value, wanted)
        self.runner.start([Step(partial(measure, wanted), f"Measuring {self.raw.value.name}", done)])

    def _show(self, source: ImageLayer, wanted: Measurement, found: Found) -> None:
        self.done = Measured(source, wanted, found.evaluation, found.planes)
        self.table.show_table(found.evaluation.table)
        self.curves.show(found.planes)
        self._mark_plane()
        self.message.say("\n".join(found.evaluation.notes))
        self._show_state()

    def show_plane(self, axis: str, index: int) -> None:
        """Show a plane of what was measured."""
        assert self.done, "a curve is drawn by a measurement"
        source = self.done.source
        if source not in self.viewer.layers:
            return
        place = [0.0] * source.ndim
        place[axes_of(source).index(axis)] = index
        where = axes_of(source).index(axis) - source.ndim
        self.viewer.dims.set_point(self.viewer.dims.ndim + where, source.data_to_world(place)[where])

    def _mark_plane(self, *_: Any) -> None:
        if self.done and self.done.source in self.viewer.layers:
            source = self.done.source
            point = source.world_to_data(self.viewer.dims.point[-source.ndim :])
            self.curves.mark(dict(zip(axes_of(source), (round(place) for place in point), strict=False)))

    def _maps_clicked(self, *_: Any) -> None:
        assert self.done, "the button is enabled by a measurement"
        try:
            for layer in map_layers(self.done.found, self.done.source):
                self.viewer.add_layer(layer)
        except InputError as error:
            self.message.say(tell_error(error))

    def _save_clicked(self, *_: Any) -> None:
        assert self.done, "the button is enabled by a measurement"
        try:
            for path in save_report(self.done, Path(str(self.folder.value))):
                self.message.say(f"saved {path}")
        except InputError as error:
            self.message.say(tell_error(error))

    def _show_state(self) -> None:
        self.run.enabled = self.job is None and self.raw.value is not None
        self.optics.estimate.enabled = False
        self.cancel.enabled = self.job is not None
        self.add_maps.enabled = self.save.enabled = self.done is not None
