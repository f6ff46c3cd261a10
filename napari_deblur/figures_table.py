"""A table of figures: a row a figure, a column an image; the best of each row is bold, tooltips say what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

if TYPE_CHECKING:
    import pandas

ROWS_SHOWN = 12


class FiguresTable(QTableWidget):
    """Figures of candidates beside each other."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setVisible(False)

    def show_table(self, table: pandas.DataFrame) -> None:
        """Show a table of `gan_lessons.evaluation`; figures that no image has are left out."""
        from gan_lessons.evaluation.columns import COLUMNS

        shown = table.dropna(axis="columns", how="all")
        self.setRowCount(shown.shape[1])
        self.setColumnCount(shown.shape[0])
        self.setHorizontalHeaderLabels([str(name) for name in shown.index])
        for row, name in enumerate(shown.columns):
            column = COLUMNS[name]
            header = QTableWidgetItem(f"{name}, {column.unit}" if column.unit else name)
            header.setToolTip(column.meaning)
            self.setVerticalHeaderItem(row, header)
            best = _best(shown[name].to_numpy(float), column.better)
            for place, value in enumerate(shown[name]):
                item = QTableWidgetItem("–" if np.isnan(value) else f"{value:.4g}")
                item.setToolTip(column.meaning)
                font = item.font()
                font.setBold(place == best)
                item.setFont(font)
                self.setItem(row, place, item)
        header_of_rows = self.verticalHeader()
        assert header_of_rows is not None
        header_of_rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.resizeColumnsToContents()
        self.setMinimumHeight(min(shown.shape[1], ROWS_SHOWN) * self.rowHeight(0) + 30)
        self.setVisible(True)


def _best(values: np.ndarray, better: str) -> int | None:
    """Return which value is best, None where none is or all are alike."""
    if not better or np.isnan(values).all() or np.nanmax(values) == np.nanmin(values):
        return None
    if better == "one":
        return int(np.nanargmin(abs(values - 1)))
    return int(np.nanargmax(values) if better == "more" else np.nanargmin(values))
