"""What the commands print: results on stdout; progress, warnings and errors on stderr, a line each."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

out = Console()
err = Console(stderr=True)


def show_error(message: str) -> None:
    """Print ``error: …`` in one line."""
    _line("error:", "bold red", message)


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print ``warning: …`` in one line; takes the place of `warnings.showwarning`."""
    _line("warning:", "yellow", str(message))


def _line(kind: str, style: str, text: str) -> None:
    # In one piece: beside a progress bar whatever comes before a line's end is drawn over.
    err.print(Text.assemble((kind, style), " ", text), highlight=False, soft_wrap=True)


def progress_bar() -> Progress:
    """Return a bar with tiles done, time spent and time left; silent where nobody looks at a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
