"""Figures plane by plane, drawn along z or time; the plane in view is marked, and a click shows another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from magicgui.widgets import ComboBox

from napari_deblur.form import Section

if TYPE_CHECKING:
    import pandas

    from napari_deblur.plot import Plot

NAMES = {"Z": "plane", "T": "time", "C": "channel"}


class CurveRows:
    """The section of the curves; hidden where there is no truth, or one plane.

    Parameters
    ----------
    theme : callable
        Returns the name of napari's theme.
    show_plane : callable
        Is told an axis and an index that the user wants to see.
    """

    def __init__(self, theme: Callable[[], str], show_plane: Callable[[str, int], None]) -> None:
        self._theme, self._show_plane = theme, show_plane
        self.section = Section("Plane by plane")
        self.figure = ComboBox(
            name="curve",
            label="figure",
            choices=[("PSNR, dB", "psnr"), ("SSIM", "ssim")],
            tooltip="Of each plane against the reference's, in dB or from -1 to 1",
        )
        self.axis = ComboBox(
            name="along", label="along", choices=[], tooltip="Axis of the planes; over the others the mean is drawn"
        )
        self.section.form.add(self.figure, self.axis)
        self.planes: pandas.DataFrame | None = None
        self.plot: Plot | None = None
        self.figure.changed.connect(self._draw)
        self.axis.changed.connect(self._draw)
        self.section.setVisible(False)

    def show(self, planes: pandas.DataFrame | None) -> None:
        """Draw a table of `gan_lessons.evaluation.planes`; None hides the section."""
        self.planes = planes
        axes = [] if planes is None else [axis for axis in "ZTC" if axis in planes and planes[axis].nunique() > 1]
        with self.axis.changed.blocked():
            self.axis.choices = [(f"{axis}: {NAMES[axis]}", axis) for axis in axes]
        self.section.setVisible(bool(axes))
        if axes:
            self.section.unfold()
            self._draw()

    def mark(self, index: dict[str, int]) -> None:
        """Mark the plane in view, whose index along each axis is given."""
        if self.plot is not None and self.axis.value is not None:
            self.plot.show_mark(index.get(self.axis.value))

    def _draw(self) -> None:
        from gan_lessons.evaluation.planes import along

        if self.planes is None or self.axis.value is None:
            return
        table = along(self.planes, self.axis.value)[self.figure.value]
        lines = {name: _line(table[name]) for name in table.index.unique("candidate")}
        if self.plot is None:
            from napari_deblur.plot import Plot

            self.plot = Plot(self._theme())
            self.plot.clicked.connect(lambda place: self._show_plane(self.axis.value, round(place)))
            self.section.form.add_native(self.plot)
        self.plot.show_lines(lines, x=f"{NAMES[self.axis.value]}, from 0", y=self.figure.current_choice)


def _line(figures: pandas.Series) -> tuple[np.ndarray, np.ndarray]:
    return figures.index.to_numpy(), figures.to_numpy()
