"""Lines in a terminal, where a progress bar is drawn at the same time."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from gan_lessons.cli import console


def test_a_line_beside_the_bar_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(console, "err", Console(file=terminal, force_terminal=True, width=60))
    with console.progress_bar() as bar:
        bar.add_task("cells.tif", total=9)
        bar.refresh()
        console.show_warning("cells.tif: noisy [bold]", UserWarning, "", 0)
        console.show_error("cells.tif: gone")
    shown = Text.from_ansi(terminal.getvalue()).plain.splitlines()
    assert "warning: cells.tif: noisy [bold]" in shown
    assert "error: cells.tif: gone" in shown
    assert any("cells.tif" in line and "0/9" in line for line in shown)
