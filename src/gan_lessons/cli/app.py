"""The commands, by name."""

from __future__ import annotations

from typing import Annotated

import typer

from gan_lessons.cli.architectures import architectures
from gan_lessons.cli.convert import convert
from gan_lessons.cli.data import data
from gan_lessons.cli.deconvolve import deconvolve
from gan_lessons.cli.demo import demo
from gan_lessons.cli.evaluate import evaluate
from gan_lessons.cli.finetune import finetune
from gan_lessons.cli.grade import course, grade
from gan_lessons.cli.lessons import lessons
from gan_lessons.cli.models import models
from gan_lessons.cli.restore import restore
from gan_lessons.cli.train import train

app = typer.Typer(
    help="Restore blurred, noisy images with trained models, and with the classical methods beside them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (restore, deconvolve, evaluate, models, architectures, convert, train, finetune, demo, course, grade):
    app.command()(command)
app.add_typer(data, name="data")
app.add_typer(lessons, name="lessons")


def _show_version(wanted: bool) -> None:
    if wanted:
        from gan_lessons import __version__

        typer.echo(f"gan-lessons {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Take the options that stand before a command; `main` has taken --debug out of the words already."""
