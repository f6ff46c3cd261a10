"""The live curves: loss and figures over the steps, drawn by Qt itself, in a millisecond or two.

A plotting library would draw nicer axes, and hold up the window for a tenth of a second each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from qtpy.QtWidgets import QWidget

from napari_deblur.finetune_events import Look, Steps

LOSS = "training loss"
TITLES = {"psnr": "PSNR, dB", "ssim": "SSIM", "deviance": "deviance of held-out photons"}
LINE, BEST = QColor("#56B4E9"), QColor("#E69F00")  # of Okabe and Ito's colors, which all people can tell apart
HEIGHT, TEXT, EDGE = 74, 16, 4  # pixels


@dataclass
class Curve:
    """Values over steps.

    Parameters
    ----------
    start : float, optional
        The starting model's value: a dashed line.
    """

    title: str
    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    start: float | None = None

    def add(self, step: int, value: float) -> None:
        """Append a point."""
        self.steps.append(step)
        self.values.append(value)

    def points(self, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Return at most so many steps and values: means of as many neighbors as it takes."""
        each = -(-len(self.values) // max(most, 1))
        starts = np.arange(0, len(self.values), max(each, 1))
        counts = np.diff([*starts, len(self.values)])
        steps, values = (
            np.add.reduceat(np.asarray(some, float), starts) / counts for some in (self.steps, self.values)
        )
        return steps, values

    def __str__(self) -> str:
        began = "" if self.start is None else f"  (start {self.start:.4g})"
        return f"{self.title}: {self.values[-1]:.4g}{began}"


class Curves(QWidget):
    """Panels one below the other, the same steps along all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(
            "Over the steps: the loss on the training region; PSNR in dB and SSIM (no unit) on the validation region, "
            "the starting model's dashed, the weights that are kept so far marked"
        )
        self.clear()

    def clear(self) -> None:
        """Forget what was drawn."""
        self.curves: dict[str, Curve] = {}
        self.best_step = 0
        self.setVisible(False)

    def add_steps(self, some: Steps) -> None:
        """Draw the loss of some steps more."""
        for step, loss in some.losses:
            self._curve(LOSS, LOSS).add(step, loss)
        self._show()

    def add_look(self, look: Look) -> None:
        """Draw the figures of a look at the validation region."""
        for name, title in TITLES.items():
            if name in look.figures:
                curve = self._curve(name, title)
                if look.step == 0:
                    curve.start = look.figures[name]
                curve.add(look.step, look.figures[name])
        self.best_step = look.best_step
        self._show()

    def _curve(self, name: str, title: str) -> Curve:
        return self.curves.setdefault(name, Curve(title))

    def _show(self) -> None:
        self.setFixedHeight(HEIGHT * len(self.curves))
        self.setVisible(True)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw all panels."""
        last = max((curve.steps[-1] for curve in self.curves.values()), default=0) or 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, name in enumerate(name for name in (LOSS, *TITLES) if name in self.curves):
            curve = self.curves[name]
            area = QRectF(EDGE, number * HEIGHT + TEXT, self.width() - 2 * EDGE, HEIGHT - TEXT - EDGE)
            self._draw(painter, area, curve, last, marked=name != LOSS)
        painter.end()

    def _draw(self, painter: QPainter, area: QRectF, curve: Curve, last: int, *, marked: bool) -> None:
        text = self.palette().windowText().color()
        faint = QColor(text.red(), text.green(), text.blue(), 90)
        painter.setPen(text)
        painter.drawText(QPointF(area.left(), area.top() - EDGE), str(curve))
        painter.setPen(faint)
        painter.drawRect(area)
        steps, values = curve.points(int(area.width()) // 2)
        known = np.append(values, [] if curve.start is None else curve.start)
        low, high = float(known.min()), float(known.max())
        spare = 0.08 * (high - low) or abs(high) * 0.01 or 1.0

        def place(step: float, value: float) -> QPointF:
            share = (value - low + spare) / (high - low + 2 * spare)
            return QPointF(area.left() + area.width() * step / last, area.bottom() - area.height() * share)

        if curve.start is not None:
            painter.setPen(QPen(faint, 1, Qt.PenStyle.DashLine))
            painter.drawLine(place(0, curve.start), place(last, curve.start))
        painter.setPen(QPen(LINE, 1.5))
        painter.drawPolyline(QPolygonF([place(step, value) for step, value in zip(steps, values, strict=True)]))
        if marked and self.best_step in curve.steps:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(BEST)
            value = curve.values[curve.steps.index(self.best_step)]
            painter.drawEllipse(place(self.best_step, value), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
