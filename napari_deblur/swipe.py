"""A boundary over the image that follows the mouse: the recording to its left, the restored image to its right.

napari clips images in 3D only, so the restored layer is hidden, and a layer with the part of its plane that lies beyond
the boundary shows instead, until the swipe ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from magicgui.widgets import FloatSlider, PushButton
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from gan_lessons.errors import InputError
from napari_deblur.form import Form
from napari_deblur.layers import PROVENANCE, place_of, result_layer
from napari_deblur.regions import plane_in_view
from napari_deblur.worker import tell_error

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer


class SwipeRows:
    """The button and the place of the boundary.

    Parameters
    ----------
    form : Form
        Gets the rows.
    viewer : napari.Viewer
    compared : callable
        Returns the restored layer that is to be looked at, or None.
    """

    def __init__(self, form: Form, viewer: napari.Viewer, compared: Callable[[], ImageLayer | None]) -> None:
        self.viewer, self._compared = viewer, compared
        self.button = PushButton(
            name="swipe",
            text="Swipe",
            tooltip="Left of the mouse the recording, right of it the newest or selected result (Ctrl+Alt+S)",
        )
        self.button.native.setCheckable(True)
        tooltip = "Percent of the width that is left of the boundary"
        self.boundary = FloatSlider(
            name="boundary", label="boundary", value=50, max=100, readout=False, tooltip=tooltip
        )
        for part in self.boundary.native.findChildren(QWidget):
            part.setToolTip(tooltip)
        form.add(self.button, self.boundary)
        form.show_row(self.boundary, False)
        self._form = form
        self.layer: ImageLayer | None = None
        self.part: ImageLayer | None = None
        self._plane = np.empty(0)
        self._soon = QTimer(form)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._stop_if_idle)
        self.button.native.toggled.connect(self._toggled)
        self.boundary.changed.connect(self._cut)
        viewer.mouse_move_callbacks.append(self._follow_mouse)
        viewer.dims.events.point.connect(self._take_plane)
        viewer.dims.events.order.connect(self._take_plane)
        viewer.layers.events.removed.connect(self._removed)

    def again(self) -> None:
        """Go on with another layer, where a swipe is on."""
        if self.button.native.isChecked():
            self._end()
            self._begin()

    def disconnect(self) -> None:
        """Leave the viewer alone: the form is gone."""
        self.viewer.mouse_move_callbacks.remove(self._follow_mouse)
        self.viewer.dims.events.point.disconnect(self._take_plane)
        self.viewer.dims.events.order.disconnect(self._take_plane)
        self.viewer.layers.events.removed.disconnect(self._removed)
        self._end()

    def _toggled(self, on: bool) -> None:
        self._form.show_row(self.boundary, on)
        self._begin() if on else self._end()

    def _begin(self) -> None:
        layer = self._compared()
        try:
            if layer is None:
                raise InputError("swipe: nothing is restored yet; preview or run first")
            region = plane_in_view(self.viewer, layer)
        except InputError as error:
            tell_error(error)
            self.button.native.setChecked(False)
            return
        self.layer, active = layer, self.viewer.layers.selection.active
        plane = np.asarray(layer.data[region])
        self.part = result_layer(layer, plane, name=f"{layer.name}, swiped", provenance={}, region=region)
        self.viewer.layers.insert(self.viewer.layers.index(layer) + 1, self.part)
        self.viewer.layers.selection.active = active
        layer.visible = False
        self._take_plane()

    def _end(self) -> None:
        layer, part, self.layer, self.part = self.layer, self.part, None, None
        if part is not None and part in self.viewer.layers:
            self.viewer.layers.remove(part)
        if layer is not None:
            layer.visible = True

    def _take_plane(self, *_: Any) -> None:
        """Read the plane in view once; the boundary then moves in memory."""
        if self.layer is None or self.part is None:
            return
        try:
            self._region = plane_in_view(self.viewer, self.layer)
        except InputError:  # the view is 3D, or beside a preview's plane
            self.part.visible = False
            return
        self._plane = np.asarray(self.layer.data[self._region])
        self._cut()

    def _cut(self, *_: Any) -> None:
        if self.layer is None or self.part is None:
            return
        across = self._across(self.layer)
        length = self._region[across].stop
        start = round(self.boundary.value / 100 * length)
        self.part.visible = start < length
        if start < length:
            region = list(self._region)
            region[across] = slice(start, length)
            self.part.data = self._plane[(slice(None),) * across + (slice(start, None),)]
            self.part.translate = place_of(self.layer, tuple(region))

    def _follow_mouse(self, _: Any, event: Any) -> None:
        if self.layer is not None:
            across, ndim = self._across(self.layer), self.layer.ndim
            place = self.layer.world_to_data(event.position[-ndim:])[across]
            share = (place + 0.5) / self.layer.data.shape[across]
            self.boundary.value = float(np.clip(100 * share, 0, 100))

    def _across(self, layer: ImageLayer) -> int:
        """Return the layer's axis that lies across the screen."""
        return int(self.viewer.dims.displayed[-1]) - self.viewer.dims.ndim + layer.ndim

    def _removed(self, event: Any) -> None:
        """End without the layer, unless a newer one takes its place at once, as a preview's does."""
        if event.value in (self.layer, self.part):  # not `is`: napari gives plugins its layers in proxies
            self._end()
            self._soon.start()

    def _stop_if_idle(self) -> None:
        if self.part is None:
            self.button.native.setChecked(False)


def is_result(layer: Any) -> bool:
    """Say whether a layer was made here; a swipe's own part has no provenance."""
    return bool(getattr(layer, "metadata", {}).get(PROVENANCE))
