"""The section of the user's own models: each with its card, to be taken away, brought in, and removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from magicgui.types import FileDialogMode
from magicgui.widgets import ComboBox, FileEdit, Label, PushButton
from psygnal import Signal
from qtpy.QtCore import QFile, Qt

from gan_lessons.errors import InputError
from napari_deblur.form import Section
from napari_deblur.method import describe
from napari_deblur.tasks import find_cards
from napari_deblur.worker import tell_error

NONE = "choose…"


class OwnModels:
    """Says that a model came or went, so that every form offers what there is."""

    changed = Signal()


OWN_MODELS = OwnModels()


def checkpoint_of(name: str) -> Path:
    """Return where the state of a model's training lies, from which it can go on."""
    from gan_lessons.zoo import user_folder

    return user_folder() / f"{name}.checkpoint"


def remove_model(name: str) -> None:
    """Move a model of the user's own and its checkpoint to the system's trash.

    Raises
    ------
    InputError
        If there is none, or no trash takes it.
    """
    from gan_lessons.zoo import user_folder

    files = [path for path in (user_folder() / f"{name}.safetensors", checkpoint_of(name)) if path.is_file()]
    if not files:
        raise InputError(f"{name!r} isn't one of your own models; nothing was removed")
    for path in files:
        if not QFile(str(path)).moveToTrash():
            raise InputError(f"{path}: could not be moved to the trash; delete it yourself")
    OWN_MODELS.changed.emit()


class ModelRows:
    """The section: a model, its card, a file to export it to or to import one from.

    Parameters
    ----------
    say : callable
        Shows a line to the user.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.section = Section("Your own models")
        self.model = ComboBox(name="own", label="model", choices=[NONE], tooltip="A model of your own, fine-tuned here")
        self.about = Label(name="own_card", tooltip="The model's card")
        self.about.native.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.file = FileEdit(
            name="own_file",
            label="file",
            mode=FileDialogMode.OPTIONAL_FILE,
            filter="Models (*.safetensors)",
            tooltip="The file to export to or to import from (.safetensors)",
        )
        self.export = PushButton(name="export", text="Export", tooltip="Copy the model to the file")
        self.take = PushButton(name="import", text="Import", tooltip="Copy the file's model among your own")
        self.remove = PushButton(
            name="remove", text="Remove", tooltip="Move the model and its training state to the system's trash"
        )
        self.section.form.add(self.model, self.about, self.file, self.export, self.take, self.remove)
        self.model.changed.connect(self._show_card)
        self.export.changed.connect(lambda *_: self._attempt(self._export))
        self.take.changed.connect(lambda *_: self._attempt(self._import))
        self.remove.changed.connect(lambda *_: self._attempt(self._remove))
        self.offer()

    def offer(self, chosen: str | None = None) -> None:
        """Follow the folder of models."""
        from gan_lessons.zoo import own_models

        wanted = chosen or self.model.value
        self.model.choices = [NONE, *own_models()]
        self.model.value = wanted if wanted in self.model.choices else NONE
        self._show_card()

    def _show_card(self, *_: Any) -> None:
        card = None if self.model.value == NONE else find_cards()[0].get(self.model.value)
        self.about.value = describe(card) if card else ""
        self.section.form.show_row(self.about, card is not None)
        self.export.enabled = self.remove.enabled = self.model.value != NONE

    def _attempt(self, act: Callable[[], str]) -> None:
        try:
            self.say(act())
        except InputError as error:
            self.say(tell_error(error))

    def _path(self) -> Path:
        path = Path(str(self.file.value))
        if path.suffix != ".safetensors":
            raise InputError(f"file {path.name!r}: expected a name that ends in .safetensors; choose one")
        return path

    def _export(self) -> str:
        from gan_lessons.zoo.own import save_copy

        return f"saved {save_copy(self.model.value, self._path())}"

    def _import(self) -> str:
        from gan_lessons.zoo.own import add_model

        path = add_model(self._path())
        self.offer(path.stem)
        OWN_MODELS.changed.emit()
        return f"{path.stem}: is one of your own models now; Deblur offers it"

    def _remove(self) -> str:
        name = self.model.value
        remove_model(name)
        return f"{name}: moved to the trash"
