"""The section that keeps settings for another time, and turns the last run into a script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from magicgui.widgets import ComboBox, LineEdit, PushButton
from magicgui.widgets.bases import BaseValueWidget

from napari_deblur import presets
from napari_deblur.copying import CopyButtons
from napari_deblur.form import Section
from napari_deblur.request import Request
from napari_deblur.script import as_command, as_python

NONE = "choose…"


class ReuseRows:
    """The section of presets and scripts.

    Parameters
    ----------
    settings : iterable of widgets
        What a preset holds.
    say : callable
        Shows a line to the user.
    """

    def __init__(self, settings: Iterable[BaseValueWidget], say: Callable[[str], None]) -> None:
        self.settings, self.say = list(settings), say
        self.section = Section("Presets and scripts")
        self.preset = ComboBox(name="preset", label="preset", choices=[NONE], tooltip="Set the form as it was saved")
        self.name = LineEdit(name="preset_name", label="name", tooltip="Name of the preset to save")
        self.save = PushButton(name="save", text="Save as preset", tooltip="Keep method, PSF, result and device")
        self.delete = PushButton(name="delete", text="Delete preset", tooltip="Forget the preset that is chosen")
        self.copies = CopyButtons("run", as_python, as_command, say)
        self.python, self.command = self.copies.python, self.copies.command
        self.section.form.add(self.preset, self.name, self.save, self.delete, self.python, self.command)
        self.preset.changed.connect(self._apply)
        self.save.changed.connect(self._save)
        self.delete.changed.connect(self._delete)
        self._offer()
        presets.apply(presets.read_last(), self.settings)
        self._show_state()

    def remember(self, request: Request) -> None:
        """Keep a run that went well: for the scripts, and its settings for the next time."""
        self.copies.remember(request)
        presets.save_last(presets.values_of(self.settings))
        self._show_state()

    def _offer(self, chosen: str = NONE) -> None:
        self.preset.choices = [NONE, *presets.read_presets()]
        self.preset.value = chosen

    def _apply(self, name: str) -> None:
        refused = presets.apply(presets.read_presets().get(name, {}), self.settings)
        if refused:
            self.say(f"preset {name}: {', '.join(refused)} can't be set any more; choose again")
        self._show_state()

    def _save(self, *_: Any) -> None:
        name = self.name.value.strip()
        if not name or name == NONE:
            self.say("type a name for the preset first")
            return
        presets.save_preset(name, presets.values_of(self.settings))
        self._offer(name)
        self.say(f"saved as preset {name}")

    def _delete(self, *_: Any) -> None:
        presets.delete_preset(self.preset.value)
        self._offer()

    def _show_state(self) -> None:
        self.delete.enabled = self.preset.value != NONE
