"""What the *Measure* form consists of: which layers, what counts, the table, what is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from magicgui.types import FileDialogMode
from magicgui.widgets import ComboBox, FileEdit, FloatSpinBox, PushButton, Select

from napari_deblur.figures_table import FiguresTable
from napari_deblur.form import Form, Message, in_a_row, layer_choice
from napari_deblur.layers import PROVENANCE
from napari_deblur.measure_curves import CurveRows
from napari_deblur.measure_profile import ProfileRows
from napari_deblur.optics import OpticsRows
from napari_deblur.panel import Panel
from napari_deblur.progress_row import ProgressRow

if TYPE_CHECKING:
    import napari


class MeasureRows(Panel):
    """The form without what it does.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__(viewer)
        self.raw = layer_choice("raw", "recorded", "The image as it was recorded")
        self.results = Select(
            name="results", label="restored", choices=self._others, tooltip="Images made from it, one or more"
        )
        self.reference = layer_choice("reference", "reference", "The truth, as far as it is known", none="none")
        self.region = layer_choice(
            "region", "region", "Box around the selected shape, else the last", kind="Shapes", none="the whole image"
        )
        self.counted = layer_choice("mask", "mask", "Only pixels with a label count", kind="Labels", none="all pixels")
        self.range = ComboBox(
            name="range",
            label="range",
            choices=[("the reference's", "reference"), ("the integer type's", "type")],
            tooltip="Span of intensities that PSNR and SSIM refer to: 99.9th percentile less minimum of the reference, "
            "in the image's units, or all that the images' integer type holds",
        )
        self.background = FloatSpinBox(
            name="background",
            label="offset",
            max=1e6,
            tooltip="What the camera counts without light, in the image's units",
        )
        form = Form()
        form.add(self.raw, self.results, self.reference, self.region, self.counted, self.range, self.background)
        self.optics = OpticsRows()
        self.run = PushButton(name="run", text="Measure", tooltip="Compute figures and trust maps")
        self.cancel = PushButton(name="cancel", text="Cancel", tooltip="Stop within a second")
        self.progress, self.message, self.table = ProgressRow(), Message(), FiguresTable()
        self.add_maps = PushButton(
            name="maps", text="Add trust maps", tooltip="Add a layer a map: where not to believe a result"
        )
        self.folder = FileEdit(
            name="folder", label="folder", mode=FileDialogMode.EXISTING_DIRECTORY, tooltip="Folder for the report"
        )
        self.save = PushButton(name="save", text="Save report", tooltip="Write report.html, table.csv and planes.csv")
        self.curves = CurveRows(lambda: viewer.theme, self.show_plane)
        self.profile = ProfileRows(viewer, self.compared, self.message.say)
        after = Form()
        after.add(self.folder)
        inside = [form, self.optics.section, in_a_row([self.run, self.cancel]), self.progress.native, self.message]
        inside += [self.table, self.curves.section, after, in_a_row([self.add_maps, self.save]), self.profile.section]
        self.fill(inside)

    def compared(self) -> list[Any]:
        """Return the image layers that are chosen."""
        return [layer for layer in (self.raw.value, *self.results.value, self.reference.value) if layer is not None]

    def show_plane(self, axis: str, index: int) -> None:
        """Is called as a plane is picked in the curves; what follows it overrides this."""

    def _others(self, *_: Any) -> list[Any]:
        images = [layer for layer in self.raw.choices if layer is not None and layer is not self.raw.value]
        return [layer for layer in images if "map" not in layer.metadata.get(PROVENANCE, {})]
