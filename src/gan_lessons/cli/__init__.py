"""The command line: parsing, progress and printing. Whatever computes is imported inside the commands."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence

import typer

from gan_lessons.cli.console import show_error, show_warning
from gan_lessons.cli.interrupt import listen
from gan_lessons.errors import Cancelled, InputError, InputWarning

BAD_INPUT = 2
INTERRUPTED = 130
UsageError: type[Exception] = typer.BadParameter.__base__  # type: ignore[assignment]  # typer exports only this child


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``gan-lessons``; return its exit status: 0 well, 2 bad input (one line on stderr), 130 interrupted.

    ``--debug``, before or after the command, lets errors through with their traceback.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        with warnings.catch_warnings():
            _quiet_others(debug)
            return _run([word for word in given if word != "--debug"])
    except (KeyboardInterrupt, Cancelled):
        show_error("interrupted; no half-written file is left")
        return INTERRUPTED
    except (InputError, OSError, MemoryError) as error:
        if debug:
            raise
        show_error(_one_line(error))
    except UsageError as error:
        said = error.format_message().replace("Value error, ", "")  # type: ignore[attr-defined]  # typer's own words
        show_error(f"{said} (gan-lessons --help lists the options)")
    return BAD_INPUT


def _run(words: list[str]) -> int:
    from gan_lessons.cli.app import app

    listen()
    status = typer.main.get_command(app).main(words, prog_name="gan-lessons", standalone_mode=False)
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    return int(status or 0)


def _quiet_others(debug: bool) -> None:
    """Show our warnings in a line each, and those of other libraries only for debugging."""
    if not debug:
        logging.getLogger("tifffile").setLevel(logging.CRITICAL)
        logging.getLogger("rasterio").setLevel(logging.CRITICAL)
        warnings.simplefilter("ignore")
    warnings.simplefilter("always", InputWarning)
    warnings.showwarning = show_warning


def _one_line(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "out of memory; take a smaller --tile, or a file that can be read in parts (OME-Zarr, TIFF)"
    return " ".join(str(error).split()) or type(error).__name__
