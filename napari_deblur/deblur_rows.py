"""What the *Deblur* form consists of: rows, buttons, and sections folded below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from magicgui.widgets import LineEdit, PushButton

from napari_deblur.batch import BatchRows
from napari_deblur.form import Form, Message, in_a_row, layer_choice
from napari_deblur.method import MethodRows
from napari_deblur.optics import OpticsRows
from napari_deblur.output import OutputRows
from napari_deblur.panel import Panel
from napari_deblur.preview import PreviewRows
from napari_deblur.progress_row import ProgressRow
from napari_deblur.reuse import ReuseRows
from napari_deblur.tasks import find_cards

if TYPE_CHECKING:
    import napari


class DeblurRows(Panel):
    """The form without what it does.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__(viewer)
        self.layer = layer_choice("layer", "layer", "The image to restore; it stays as it is")
        self.axes = LineEdit(
            name="axes",
            label="axes",
            tooltip="A letter a dimension: T time, C channel, Z plane, Y row, X column, S color",
        )
        form = Form()
        form.add(self.layer, self.axes)
        self.method, self.optics, self.output, self.batch = MethodRows(form), OpticsRows(), OutputRows(), BatchRows()
        self.previews = PreviewRows(self.viewer, self.view_rested)
        self.method.offer(find_cards()[0])
        self.preview = PushButton(
            name="preview", text="Preview", tooltip="Restore what is in view, as Run would (Ctrl+Alt+P)"
        )
        self.run = PushButton(name="run", text="Run", tooltip="Restore the whole layer into a new one (Ctrl+Alt+R)")
        self.cancel = PushButton(
            name="cancel", text="Cancel", tooltip="Stop within a second, and leave everything as it was (Ctrl+Alt+X)"
        )
        self.progress = ProgressRow()
        self.message = Message()
        settings = (*self.method.settings, *self.optics.settings, *self.output.settings, *self.previews.settings)
        self.reuse = ReuseRows(settings, self.message.say)
        buttons = [self.preview, self.run, self.cancel]
        sections = [part.section for part in (self.optics, self.previews, self.output, self.batch, self.reuse)]
        inside = [form, in_a_row(buttons), self.progress.native, self.message, *sections, self.method.card]
        self.fill(inside)

    def view_rested(self) -> None:
        """Is called once the view has moved and rests; what follows it overrides this."""
