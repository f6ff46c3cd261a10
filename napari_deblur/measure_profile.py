"""Intensities along a drawn line, redrawn as the line, the plane or the layers change; saved as CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from magicgui.types import FileDialogMode
from magicgui.widgets import FileEdit, PushButton, SpinBox
from qtpy.QtCore import QTimer

from gan_lessons.errors import InputError
from napari_deblur.form import Message, Section, layer_choice
from napari_deblur.profile import profile_table

if TYPE_CHECKING:
    import napari
    import pandas
    from napari.layers import Image as ImageLayer
    from napari.layers import Shapes

    from napari_deblur.plot import Plot

PAUSE_MS = 100  # while a line is dragged, it is drawn no more often


class ProfileRows:
    """The section of the profile.

    Parameters
    ----------
    viewer : napari.Viewer
    layers : callable
        Returns the image layers that are compared.
    say : callable
        Is told what the user should read.
    """

    def __init__(
        self, viewer: napari.Viewer, layers: Callable[[], list[ImageLayer]], say: Callable[[str], None]
    ) -> None:
        self.viewer, self._layers, self._say = viewer, layers, say
        self.section = Section("Line profile")
        self.line = layer_choice(
            "line", "line", "Shapes layer with a line: the selected one, else the last", kind="Shapes", none="choose…"
        )
        self.draw = PushButton(
            name="draw", text="Draw a line", tooltip="Add a Shapes layer; then drag in the image from end to end"
        )
        self.width = SpinBox(
            name="width", label="width, px", value=1, min=1, max=101, tooltip="Pixels across the line to average"
        )
        self.file = FileEdit(
            name="profile_file", label="file", mode=FileDialogMode.OPTIONAL_FILE, filter="*.csv", tooltip="name.csv"
        )
        self.save = PushButton(
            name="save_profile", text="Save profile", tooltip="Write distances and intensities as CSV"
        )
        self.why_not = Message()
        self.section.form.add(self.line, self.draw, self.width, self.file, self.save)
        self.section.form.add_native(self.why_not)
        self.table: pandas.DataFrame | None = None
        self.plot: Plot | None = None
        self._watched: Shapes | None = None
        self._pause = QTimer(self.section)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._draw)
        self.draw.changed.connect(self._add_line)
        self.line.changed.connect(self._watch)
        self.width.changed.connect(self.refresh)
        self.save.changed.connect(self._save)
        self.save.enabled = False
        viewer.dims.events.point.connect(self.refresh)

    def refresh(self, *_: object) -> None:
        """Draw again soon; changes that follow each other are drawn once."""
        if self.line.value is not None and not self._pause.isActive():
            self._pause.start()

    def disconnect(self, *_: object) -> None:
        """Leave the viewer alone: the form is gone."""
        self.viewer.dims.events.point.disconnect(self.refresh)
        self._unwatch()

    def _add_line(self) -> None:
        """Add a layer whose tool draws a line; what is drawn shows at once."""
        layers = self._layers()
        if not layers:
            self._say("line profile: no recorded image is chosen; open one")
            return
        kept = {"scale": layers[0].scale[-2:], "units": layers[0].units[-2:]}
        added = self.viewer.add_shapes(ndim=2, name="line", edge_color="yellow", edge_width=1, **kept)
        added.mode = "add_line"
        self.line.reset_choices()
        self.line.value = added

    def _watch(self) -> None:
        self._unwatch()
        self._watched = self.line.value
        if self._watched is not None:
            for event in (self._watched.events.data, self._watched.events.set_data, self._watched.events.highlight):
                event.connect(self.refresh)
        self.refresh()

    def _unwatch(self) -> None:
        if self._watched is not None:
            for event in (self._watched.events.data, self._watched.events.set_data, self._watched.events.highlight):
                event.disconnect(self.refresh)
        self._watched = None

    def _draw(self) -> None:
        layers, self.table = self._layers(), None
        self.why_not.clear()
        if self.line.value is not None and layers:
            try:
                self.table = profile_table(self.viewer, self.line.value, layers, self.width.value)
            except InputError as error:
                self.why_not.say(str(error))
        self.save.enabled = self.table is not None
        if self.table is None:
            return
        if self.plot is None:
            from napari_deblur.plot import Plot

            self.plot = Plot(self.viewer.theme)
            self.section.form.add_native(self.plot)
        distance = self.table.index.to_numpy()
        lines = {str(name): (distance, self.table[name].to_numpy()) for name in self.table}
        self.plot.show_lines(lines, x=str(self.table.index.name), y="intensity")

    def _save(self) -> None:
        from gan_lessons.io import written_beside

        assert self.table is not None, "the button is enabled by a profile"
        path = Path(str(self.file.value))
        try:
            if path.suffix.lower() != ".csv":
                raise InputError(f"profile {str(path)!r}: expected a name that ends in .csv; type one")
            with written_beside(path) as part:
                self.table.to_csv(part)
        except InputError as error:
            self._say(str(error))
        else:
            self._say(f"saved {path}")
