"""By what an image is restored: a model, with its card, or a classical method, with its numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magicgui.widgets import ComboBox, FileEdit, FloatSpinBox, Label, SpinBox
from qtpy.QtCore import Qt

from gan_lessons.errors import InputError
from napari_deblur.form import Form, Section

if TYPE_CHECKING:
    from gan_lessons.zoo import Card

FROM_FILE = "from a file…"
LONG_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")  # a word that long would make the form as wide
CLASSICAL = {"Richardson–Lucy": "rl", "RL, total variation": "rl-tv", "Wiener": "wiener"}
PURPOSES = {
    "rl": "Classical: sharpens with a known PSF. More iterations give a sharper and noisier image.",
    "rl-tv": "Classical, with total variation: sharpens with a known PSF, keeps edges and flattens noise.",
    "wiener": "Classical: one filter with a known PSF, done in a moment. Rings at strong edges.",
}


class MethodRows:
    """Rows of the form: the method, its purpose, its numbers; and the section with a model's card."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.cards: dict[str, Card] = {}
        self.method = ComboBox(
            name="method",
            label="method",
            choices=[*CLASSICAL, FROM_FILE],
            tooltip="A trained model, or classical deconvolution with a known PSF",
        )
        self.file = FileEdit(
            name="model_file", label="file", filter="Models (*.safetensors)", tooltip="A model file (.safetensors)"
        )
        self.purpose = Label(name="purpose", tooltip="What the method is for")
        self.iterations = SpinBox(
            name="iterations", label="iterations", value=30, min=1, max=1000, tooltip="Count; 10 to 100 are usual"
        )
        self.tv = FloatSpinBox(
            name="tv",
            label="TV",
            value=0.002,
            min=0,
            max=0.1,
            step=0.001,
            tooltip="Strength of the total variation (no unit), 0 to 0.1",
        )
        self.noise = FloatSpinBox(
            name="noise",
            label="noise/signal",
            value=0.01,
            min=0.0001,
            max=10,
            step=0.005,
            tooltip="Power of noise over that of signal (no unit): 0.1 where noise is strong, 0.001 where it is weak",
        )
        self.offset = FloatSpinBox(
            name="offset",
            label="offset",
            value=0,
            min=0,
            max=1e6,
            step=1,
            tooltip="What the camera counts without light, in the image's units (often 100): not blurred, and kept",
        )
        for box in (self.tv, self.noise):
            box.native.setDecimals(4)
        self.card = Section("About the model")
        self.about = Label(name="about", tooltip="The model's card")
        self.card.form.add(self.about)
        form.add(self.method, self.file, self.purpose, self.iterations, self.tv, self.noise, self.offset)
        self.settings = (self.method, self.file, self.iterations, self.tv, self.noise, self.offset)
        self.about.native.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.method.changed.connect(self.show_needed)
        self.file.changed.connect(self.show_needed)

    def offer(self, cards: dict[str, Card]) -> None:
        """Put models into the list; the chosen one stays where it is still there."""
        chosen, self.cards = self.method.value if self.cards else None, cards
        with self.method.changed.blocked():
            self.method.choices = ()  # else new ones come last
            self.method.choices = [*cards, *CLASSICAL, FROM_FILE]
        for row, card in enumerate(cards.values()):
            self.method.native.setItemData(row, card.purpose, Qt.ItemDataRole.ToolTipRole)
        self.method.value = chosen if chosen in self.method.choices else self.method.choices[0]
        self.show_needed()

    @property
    def classical(self) -> str:
        """``rl``, ``rl-tv``, ``wiener``, or nothing for a model."""
        return CLASSICAL.get(self.method.value, "")

    def name(self) -> str:
        """Return what the library calls the method: a classical one's name, a model's, or a file.

        Raises
        ------
        InputError
            If a file is to be chosen, and none is.
        """
        if self.method.value != FROM_FILE:
            return self.classical or str(self.method.value)
        path = Path(str(self.file.value))
        if not path.name:
            raise InputError("no model file is chosen; choose a .safetensors file")
        return str(path)

    def options(self) -> dict[str, Any]:
        """Return the numbers that the method takes, as `gan_lessons.deconvolve` calls them; a model takes none."""
        if self.classical == "wiener":
            return {"noise_to_signal": self.noise.value}
        if not self.classical:
            return {}
        numbers = {"iterations": self.iterations.value, "background": self.offset.value}
        return numbers | ({"tv": self.tv.value} if self.classical == "rl-tv" else {})

    def show_needed(self, *_: Any) -> None:
        """Hide the rows that the method doesn't need; show what the model says of itself."""
        method, card = self.classical, self._card()
        self.form.show_row(self.file, self.method.value == FROM_FILE)
        self.form.show_row(self.iterations, method in ("rl", "rl-tv"))
        self.form.show_row(self.tv, method == "rl-tv")
        self.form.show_row(self.noise, method == "wiener")
        self.form.show_row(self.offset, method in ("rl", "rl-tv"))
        self.purpose.value = card.purpose if card else PURPOSES.get(method, "")
        self.form.show_row(self.purpose, bool(self.purpose.value))
        self.card.setVisible(card is not None)
        self.about.value = describe(card) if card else ""

    def _card(self) -> Card | None:
        from gan_lessons.zoo import read_card

        if self.method.value != FROM_FILE:
            return self.cards.get(self.method.value)
        try:
            path = Path(str(self.file.value))
            return read_card(path) if path.is_file() else None
        except InputError:  # is told as Run is clicked
            return None


def describe(card: Card) -> str:
    """Return a model's card in lines."""
    psf = "may be given a PSF" if card.psf else "takes no PSF"
    blind = "; where none is given, it estimates the blur's width" if card.gauge else ""
    sees = {"YX": "one plane of one channel", "ZYX": "a plane and its neighbors, one channel", "YXC": "all colors"}
    measured = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in card.metrics.items())
    lines = {
        "Sees": f"{sees.get(card.axes, card.axes)}; {psf}{blind}",
        "Network": card.architecture,
        "Learned from": LONG_HASH.sub(r"\1…", card.training_data),
        "Fine-tuned from": card.parent,
        "License": card.licence,
        "Measured, dB": measured,
        "Made by": f"napari-deblur {card.version}" if card.version else "",
    }
    return "\n\n".join(f"{name}: {text}" for name, text in lines.items() if text)
