"""Which part a preview shows, whether it follows the view; blinking and swiping between raw and restored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from magicgui.widgets import CheckBox, PushButton
from qtpy.QtCore import QTimer

from napari_deblur.form import Section, layer_choice
from napari_deblur.regions import drawn_region, visible_region
from napari_deblur.swipe import SwipeRows, is_result

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer

REST_MS = 400
"""The view must rest so long before a preview follows it."""

BLINK_MS = 500


class PreviewRows:
    """The section of the preview.

    Parameters
    ----------
    viewer : napari.Viewer
    moved : callable
        Called when the view has moved and rests, where *follow the view* is on.
    """

    def __init__(self, viewer: napari.Viewer, moved: Callable[[], None]) -> None:
        self.viewer = viewer
        self.shown: ImageLayer | None = None
        self.section = Section("Preview and compare")
        self.region = layer_choice(
            "region",
            "region",
            "What is in view, or the shape that is selected (else the last) of a Shapes layer",
            kind="Shapes",
            none="what is in view",
        )
        self.follow = CheckBox(
            name="follow",
            text="Follow the view",
            tooltip=f"Preview again once the view has rested for {REST_MS} ms",
        )
        self.blink = PushButton(
            name="blink",
            text="Blink",
            tooltip=f"Show and hide the newest or selected result every {BLINK_MS} ms (Ctrl+Alt+B)",
        )
        self.blink.native.setCheckable(True)
        self.section.form.add(self.region, self.follow, self.blink)
        self.swipe = SwipeRows(self.section.form, viewer, self._compared)
        self.settings = (self.follow,)
        self._rest = QTimer(self.section)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(lambda: moved() if self.follow.value else None)
        self._turn = QTimer(self.section)
        self._turn.setInterval(BLINK_MS)
        self._turn.timeout.connect(self._blink)
        self.blink.native.toggled.connect(self._start_or_stop)
        self.swipe.button.native.toggled.connect(lambda on: self.blink.native.setChecked(False) if on else None)
        self.follow.changed.connect(self._view_moved)
        camera = viewer.scene.camera.events
        self._moves = (camera.center, camera.zoom, viewer.dims.events.point)
        for event in self._moves:
            event.connect(self._view_moved)

    def slices(self, layer: ImageLayer) -> tuple[slice, ...]:
        """Return the part of a layer that the preview is to show.

        Raises
        ------
        InputError
            If nothing of the layer is there.
        """
        if self.region.value is None:
            return visible_region(self.viewer, layer)
        return drawn_region(self.viewer, layer, self.region.value)

    def compare(self, layer: ImageLayer) -> None:
        """Blink and swipe with this layer from now on."""
        self._show_again()
        self.shown = layer
        self.swipe.again()

    def disconnect(self, *_: Any) -> None:
        """Leave the viewer alone: the form is gone."""
        for event in self._moves:
            event.disconnect(self._view_moved)
        self.swipe.disconnect()

    def _view_moved(self, *_: Any) -> None:
        if self.follow.value:
            self._rest.start()

    def _compared(self) -> ImageLayer | None:
        """Return the result that is selected in napari's list, else the newest."""
        active = self.viewer.layers.selection.active
        if active is not None and is_result(active):
            return active
        return self.shown if self.shown in self.viewer.layers else None

    def _start_or_stop(self, on: bool) -> None:
        if on:
            self.swipe.button.native.setChecked(False)
            self.shown = self._compared()
        self._turn.start() if on else self._turn.stop()
        self._show_again()

    def _show_again(self) -> None:
        if self.shown is not None:
            self.shown.visible = True

    def _blink(self) -> None:
        if self.shown is None or self.shown not in self.viewer.layers:
            self.blink.native.setChecked(False)
        else:
            self.shown.visible = not self.shown.visible
