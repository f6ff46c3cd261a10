"""One image after the other, from file to file: a bad one doesn't lose the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gan_lessons.cli import console
from gan_lessons.cli.inputs import find_inputs, place_results
from gan_lessons.cli.interrupt import asked_to_stop
from gan_lessons.cli.optics import Optics
from gan_lessons.cli.options import parse_pixel_size
from gan_lessons.cli.provenance import provenance_path, write_provenance
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from gan_lessons.image import Image
    from gan_lessons.restoration import Report
    from gan_lessons.restoration.progress import Callback
    from gan_lessons.restoration.psfs import PSFs

    Work = Callable[[Image, PSFs | None, Callback, threading.Event, Report], Image]


def run_batch(
    words: list[str],
    out: Path,
    work: Work,
    optics: Optics,
    *,
    axes: str | None,
    channel: int | None = None,
    pixel_size: str | None,
    overwrite: bool,
    as_float: bool = False,
) -> None:
    """Read each input, do the work, write the result and its provenance.

    Raises
    ------
    InputError
        Of the only input. Of several, the errors are printed, and `typer.Exit` (2) follows the last input.
    """
    inputs = find_inputs(words)
    targets = place_results(inputs, out, as_float=as_float)
    size = parse_pixel_size(pixel_size)
    failed = 0
    for source, target in zip(inputs, targets, strict=True):
        try:
            _run_one(source, target, work, optics, axes, channel, size, overwrite, as_float)
        except (InputError, OSError, MemoryError) as error:
            if len(inputs) == 1:
                raise
            failed += 1
            console.show_error(str(error))
    if failed:
        console.show_error(f"{failed} of {len(inputs)} inputs failed; the others are done")
        raise typer.Exit(2)


def _run_one(
    source: Path,
    target: Path,
    work: Work,
    optics: Optics,
    axes: str | None,
    channel: int | None,
    pixel_size: dict[str, float] | float | None,
    overwrite: bool,
    as_float: bool,
) -> None:
    from gan_lessons.io import check_format, check_target, read_image, write_image
    from gan_lessons.restoration import Report

    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(f"{source}: the result would replace its input; choose another --out")
    for path in (target, provenance_path(target)):
        check_target(path, overwrite=overwrite)
    image, report = read_image(source, axes=axes, pixel_size=pixel_size), Report()
    image = image if channel is None else image.channel(channel)
    check_format(target, image, as_float=as_float)
    with console.progress_bar() as bar:
        task = bar.add_task(source.name, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        result = work(image, optics.psf_of(image), show, asked_to_stop, report)
        write_image(target, result, overwrite=overwrite)  # a lazy result is computed here
    write_provenance(source, target, image, report, optics.settings(), overwrite=overwrite)
    console.out.print(str(target), markup=False, highlight=False, soft_wrap=True)
