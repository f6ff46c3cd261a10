"""A form of magicgui's widgets, labels in a column of their own; rows can be hidden, groups of them folded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from magicgui.widgets import CheckBox, ComboBox, PushButton, create_widget
from magicgui.widgets import Label as MagicLabel
from magicgui.widgets.bases import BaseValueWidget
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

SHORTEST = 8  # letters of a choice: a longer one is elided instead of making the form wider


class Form(QWidget):
    """Rows of a label and a widget each; the labels are the widgets' own."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(self, *widgets: BaseValueWidget) -> None:
        """Append rows; a widget's tooltip holds for its label too, and what speaks for itself takes the whole row."""
        for widget in widgets:
            _let_shrink(widget.native)
            if isinstance(widget, (CheckBox, MagicLabel, PushButton)):
                self._rows.addRow(widget.native)
                continue
            label = QLabel(widget.label)
            label.setToolTip(widget.tooltip or "")
            self._rows.addRow(label, widget.native)

    def add_native(self, widget: QWidget) -> None:
        """Append a row of Qt's own."""
        self._rows.addRow(widget)

    def show_row(self, widget: BaseValueWidget, visible: bool) -> None:
        """Show or hide a widget with its label."""
        widget.native.setVisible(visible)
        label = self._rows.labelForField(widget.native)
        if label is not None:
            label.setVisible(visible)


class Section(QWidget):
    """A form that is folded until it is needed; its title says what is in it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.form = Form()
        self.title = QToolButton()
        self.title.setCheckable(True)
        self.title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.title.setStyleSheet("text-align: left; border: none; padding: 3px;")
        self.title.toggled.connect(self._fold)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.title)
        rows.addWidget(self.form)
        self.call(title)
        self._fold(False)

    def call(self, title: str) -> None:
        """Change the title."""
        self.title.setText(title)
        self.title.setToolTip(f"Show or hide: {title}")

    def unfold(self) -> None:
        """Show the rows."""
        self.title.setChecked(True)

    def _fold(self, unfolded: bool) -> None:
        self.form.setVisible(unfolded)
        self.title.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)


class Message(QLabel):
    """Lines below the buttons, there as long as something is to be said: a notification shows it for seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()

    def say(self, text: str) -> None:
        """Show a line beside those that are there."""
        self.setText("\n".join(filter(None, [self.text(), text])))
        self.setVisible(bool(self.text()))

    def clear(self) -> None:
        """Forget what was said."""
        super().clear()
        self.hide()


def _let_shrink(native: QWidget) -> None:
    for box in [native, *native.findChildren(QComboBox)]:
        if isinstance(box, QComboBox):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(SHORTEST)
    if isinstance(native, QLabel):
        native.setWordWrap(True)
        native.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)


def in_a_row(buttons: Iterable[PushButton]) -> QWidget:
    """Return buttons side by side."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for button in buttons:
        layout.addWidget(button.native)
    return row


def scrolled(widgets: Iterable[QWidget]) -> QScrollArea:
    """Return widgets one below the other, as wide as there is room; a scroll bar comes where they are too high."""
    inside = QWidget()
    rows = QVBoxLayout(inside)
    for widget in widgets:
        rows.addWidget(widget)
    rows.addStretch()
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def layer_choice(name: str, label: str, tooltip: str, *, kind: str = "Image", none: str | None = None) -> ComboBox:
    """Return a box whose choices are the layers of a kind, of the viewer that it is docked in.

    Parameters
    ----------
    none : str, optional
        What the choice of no layer is called; without it a layer must be chosen.
    """
    options: dict[str, Any] = {"tooltip": tooltip, "nullable": none is not None}
    box = create_widget(annotation=f"napari.layers.{kind}", name=name, label=label, options=options)
    assert isinstance(box, ComboBox)
    if none is not None:
        box.null_string = none
        box.reset_choices()
    return box
