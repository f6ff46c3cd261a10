"""What all forms have in common: they fill a dock, and one job at a time runs in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_deblur.form import scrolled

if TYPE_CHECKING:
    import napari
    from qtpy.QtGui import QShowEvent

    from napari_deblur.runner import Runner
    from napari_deblur.worker import Job


class Panel(QWidget):
    """A form in a dock.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    runner: Runner

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = viewer

    def fill(self, inside: Iterable[QWidget]) -> None:
        """Show widgets one below the other."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inside))

    @property
    def job(self) -> Job | None:
        """What runs."""
        return self.runner.job

    def showEvent(self, event: QShowEvent | None) -> None:
        """Find the layers: a dock has its viewer only once it is shown."""
        super().showEvent(event)
        self.reset_choices()

    def reset_choices(self, *_: Any) -> None:
        """Follow the viewer's layers; napari calls this."""
        raise NotImplementedError
