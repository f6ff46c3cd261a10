"""A form of magicgui's widgets, labels in a column of their own, whose rows can be hidden."""

from __future__ import annotations

from magicgui.widgets import ComboBox, create_widget
from magicgui.widgets.bases import BaseValueWidget
from qtpy.QtWidgets import QFormLayout, QLabel, QWidget


class Form(QWidget):
    """Rows of a label and a widget each; the labels are the widgets' own."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(self, *widgets: BaseValueWidget) -> None:
        """Append rows; a widget's tooltip holds for its label too."""
        for widget in widgets:
            label = QLabel(widget.label)
            label.setToolTip(widget.tooltip or "")
            self._rows.addRow(label, widget.native)

    def show_row(self, widget: BaseValueWidget, visible: bool) -> None:
        """Show or hide a widget with its label."""
        widget.native.setVisible(visible)
        label = self._rows.labelForField(widget.native)
        assert label is not None, "the row was added with a label"
        label.setVisible(visible)


def layer_choice(label: str, tooltip: str) -> ComboBox:
    """Return a box whose choices are the image layers of the viewer that it is docked in."""
    box = create_widget(annotation="napari.layers.Image", label=label, options={"tooltip": tooltip})
    assert isinstance(box, ComboBox)
    return box
