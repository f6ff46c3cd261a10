"""Execute notebooks in a kernel of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

WIDGET = "application/vnd.jupyter.widget-view+json"
LONGEST = {True: 600, False: 1800}
"""Seconds a cell may take, in fast mode and in full: against endless loops only, since on a machine that does
much else a cell of one minute takes ten."""
FAST = "GAN_LESSONS_FAST"


class Failure(NamedTuple):
    """The cell, counted from 0, at which a notebook stopped, and what was raised there."""

    cell: int
    kind: str
    message: str


def execute(
    notebook: Any,
    *,
    fast: bool,
    progress: Callable[[int, int], None] | None = None,
    refused: Callable[[int], bool] = lambda cell: False,
    folder: Path | None = None,
) -> list[Failure]:
    """Run a notebook's code cells in order, in place; stop at the first that fails.

    As wherever learners run it: there is no display, and the folder is another one, with a space in its name.

    Parameters
    ----------
    notebook : nbformat notebook
        Gets its outputs; views of widgets are left out of them, as they are nothing without a kernel.
    fast : bool
        Set ``GAN_LESSONS_FAST=1`` for it.
    progress : callable, optional
        Called with cells done and cells in all.
    refused : callable
        Told a cell's number, whether it may fail; then the next one runs all the same.
    folder : Path, optional
        To run in; by default a new, empty one.

    Returns
    -------
    Failures in order; the last one is where it stopped, unless that cell was expected to fail.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    failures = []
    with tempfile.TemporaryDirectory(prefix="a lesson ") as empty, _environment(fast):
        client = NotebookClient(
            notebook,
            timeout=LONGEST[fast],
            kernel_name="python3",
            resources={"metadata": {"path": str(folder or empty)}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
        )
        client.comm_open_handlers.clear()  # nbclient can hang while it plays the front end of an Output widget (#312)
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                try:
                    client.execute_cell(cell, index)
                except CellExecutionError as error:
                    failures.append(Failure(index, error.ename, error.evalue))
                    if not refused(index):
                        break
                except CellTimeoutError:
                    failures.append(Failure(index, "TimeoutError", f"the cell takes more than {LONGEST[fast]} s"))
                    break
                except DeadKernelError:
                    failures.append(Failure(index, "DeadKernelError", "its kernel ended; was memory short?"))
                    break
                if progress:
                    progress(index + 1, len(notebook.cells))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
    return failures


@contextmanager
def _environment(fast: bool) -> Iterator[None]:
    """Set the variables that a kernel takes over; figures are drawn inline, for there is no display."""
    backend = "module://matplotlib_inline.backend_inline"
    wanted = {FAST: "1" if fast else "", "MPLBACKEND": backend, "DISPLAY": None, "WAYLAND_DISPLAY": None}
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
