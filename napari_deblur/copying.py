"""Two buttons that put the last run on the clipboard: as a script, and as a line for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from magicgui.widgets import PushButton
from qtpy.QtGui import QGuiApplication

from gan_lessons.errors import InputError
from napari_deblur.worker import tell_error

Asked = TypeVar("Asked")


class CopyButtons(Generic[Asked]):
    """The buttons, asleep until there is a run.

    Parameters
    ----------
    what : str
        Was run.
    as_python, as_command : callable
        Write a request as text; may raise `InputError`.
    say : callable
        Shows a line to the user.
    """

    def __init__(
        self,
        what: str,
        as_python: Callable[[Asked], str],
        as_command: Callable[[Asked], str],
        say: Callable[[str], None],
    ) -> None:
        self.say = say
        self.last: Asked | None = None
        self.python = PushButton(
            name="python", text="Copy as Python", tooltip=f"The last {what} as a script, on the clipboard"
        )
        self.command = PushButton(
            name="command",
            text="Copy as command",
            tooltip=f"The last {what} as a line for a terminal, on the clipboard",
        )
        self.python.changed.connect(lambda *_: self._copy(as_python))
        self.command.changed.connect(lambda *_: self._copy(as_command))
        self.python.enabled = self.command.enabled = False

    def remember(self, request: Asked) -> None:
        """Keep a run that went well."""
        self.last = request
        self.python.enabled = self.command.enabled = True

    def _copy(self, write: Callable[[Asked], str]) -> None:
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
