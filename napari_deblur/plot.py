"""Lines over one axis, in the colors of napari's theme; importing this imports matplotlib, which takes a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from napari.utils.theme import get_theme
from qtpy.QtCore import Signal  # type: ignore[attr-defined]

COLORS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#D55E00", "#0072B2")
"""Okabe and Ito's, which people who can't tell red from green tell apart (https://jfly.uni-koeln.de/color/)."""

DASHES = ("-", "--", "-.", ":")
HEIGHT, LINE_HEIGHT = 180, 18  # pixels, without the names and of each name
LONGEST = 34  # letters of a name
Line = tuple[np.ndarray, np.ndarray]


class Plot(FigureCanvasQTAgg):
    """A drawing whose lines are told apart by color and dash.

    Parameters
    ----------
    theme : str
        napari's name of it.
    """

    clicked = Signal(float)
    """Place along the x axis."""

    def __init__(self, theme: str) -> None:
        super().__init__(Figure(layout="constrained"))
        colors = get_theme(theme)
        self.ink = colors.text.as_hex()
        self.figure.set_facecolor(colors.background.as_hex())
        self.mark = self._start()
        self.mpl_connect("button_press_event", self._pressed)

    def show_lines(self, lines: Mapping[str, Line], *, x: str, y: str) -> None:
        """Draw named lines in the place of what was drawn."""
        self.mark = self._start()
        for number, (name, (places, values)) in enumerate(lines.items()):
            color, dash = COLORS[number % len(COLORS)], DASHES[number % len(DASHES)]
            self.axes.plot(places, values, color=color, linestyle=dash, linewidth=1.5, label=_shortened(name))
        self.axes.set_xlabel(x, color=self.ink, fontsize="small")
        self.axes.set_ylabel(y, color=self.ink, fontsize="small")
        self.figure.legend(loc="outside upper left", fontsize="small", frameon=False, labelcolor=self.ink)
        self.setMinimumHeight(HEIGHT + LINE_HEIGHT * len(lines))
        self.draw_idle()

    def show_mark(self, place: float | None) -> None:
        """Move the upright line, or hide it."""
        self.mark.set_visible(place is not None)
        if place is not None:
            self.mark.set_xdata([place, place])
        self.draw_idle()

    def _start(self) -> Line2D:
        """Begin an empty drawing, and return its mark, unseen."""
        self.figure.clear()
        self.axes = self.figure.add_subplot(facecolor="none")
        self.axes.tick_params(colors=self.ink, labelsize="small")
        for spine in self.axes.spines.values():
            spine.set_color(self.ink)
        return self.axes.axvline(0, color=self.ink, linewidth=1, visible=False)

    def _pressed(self, event: Any) -> None:
        if event.xdata is not None:
            self.clicked.emit(event.xdata)


def _shortened(name: str) -> str:
    """Leave out the middle of a long name: its end says the method."""
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[:half]}…{name[-half:]}"
