"""The section that turns the last fine-tuning into a script, and the settings that the form begins with."""

from __future__ import annotations

from collections.abc import Callable

from magicgui.widgets import PushButton
from qtpy.QtGui import QGuiApplication

from gan_lessons.errors import InputError
from napari_deblur.finetune_request import FinetuneRequest
from napari_deblur.finetune_script import as_command, as_python
from napari_deblur.form import Section
from napari_deblur.worker import tell_error


class ScriptRows:
    """The section of scripts.

    Parameters
    ----------
    say : callable
        Shows a line to the user.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.last: FinetuneRequest | None = None
        self.section = Section("Scripts")
        self.python = PushButton(
            name="python", text="Copy as Python", tooltip="The last fine-tuning as a script, on the clipboard"
        )
        self.command = PushButton(
            name="command",
            text="Copy as command",
            tooltip="The last fine-tuning as a line for a terminal, on the clipboard",
        )
        self.section.form.add(self.python, self.command)
        self.python.changed.connect(lambda *_: self._copy(as_python))
        self.command.changed.connect(lambda *_: self._copy(as_command))
        self.python.enabled = self.command.enabled = False

    def remember(self, request: FinetuneRequest) -> None:
        """Keep a run that went well."""
        self.last = request
        self.python.enabled = self.command.enabled = True

    def _copy(self, write: Callable[[FinetuneRequest], str]) -> None:
        assert self.last is not None, "the button is enabled by the first run"
        try:
            text = write(self.last)
        except InputError as error:
            self.say(tell_error(error))
            return
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None, "there is a window"
        clipboard.setText(text)
        self.say("copied to the clipboard")
