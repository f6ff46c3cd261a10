"""The section that turns the last fine-tuning into a script."""

from __future__ import annotations

from collections.abc import Callable

from napari_deblur.copying import CopyButtons
from napari_deblur.finetune_request import FinetuneRequest
from napari_deblur.finetune_script import as_command, as_python
from napari_deblur.form import Section


class ScriptRows(CopyButtons[FinetuneRequest]):
    """The section of scripts.

    Parameters
    ----------
    say : callable
        Shows a line to the user.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__("fine-tuning", as_python, as_command, say)
        self.section = Section("Scripts")
        self.section.form.add(self.python, self.command)
