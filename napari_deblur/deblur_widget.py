"""The *Deblur* form: a layer, a model, what is known of the optics; out comes a new layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    import napari


class DeblurWidget(QWidget):
    """Restore an image layer."""

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = viewer
