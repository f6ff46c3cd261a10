"""``gan-lessons train``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a YAML file.")],
    data: Annotated[
        Path, typer.Option("--data", help="Pairs of images; or the folder that the paths of images.csv start from.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run: log, pictures, model.", show_default=False)],
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change the recipe: phases.0.steps=100.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's checkpoint.")] = False,
    minutes: Annotated[float, typer.Option("--minutes", help="Stop early, with a checkpoint and a model.")] = 1e9,
    devices: Annotated[int, typer.Option("--devices", min=1, help="GPUs, or processes, that share a batch.")] = 1,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=0, help="Processes that draw batches ahead; by default 1 if it costs no memory."),
    ] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Try all of it, small, in a minute on a CPU.")] = False,
) -> None:
    """Train a model as its recipe says."""
    from gan_lessons.cli import console
    from gan_lessons.cli.interrupt import stopped_by_ctrl_c
    from gan_lessons.training import Progress, fit, read_recipe
    from gan_lessons.training.folder import check_folder
    from gan_lessons.training.smoke import shrink_recipe
    from gan_lessons.training.sources import open_sources

    first = os.environ.get("LOCAL_RANK", "0") == "0"  # one of several processes speaks
    checked = read_recipe(recipe, change or ())
    if smoke:
        checked, minutes = shrink_recipe(checked), min(minutes, 1.0)
    check_folder(out, resume=resume)
    with console.progress_bar() as bar:
        task = bar.add_task("reading and drawing images", total=None)
        sources = open_sources(checked, data)
        if sources.about and first:
            console.err.print(sources.about, markup=False, highlight=False, soft_wrap=True)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.step, total=progress.total, description=describe(progress))
            for line in progress.advice:
                console.show_warning(line, UserWarning, "", 0)

        def describe(progress: Progress) -> str:
            words = [checked.name, f"loss {progress.losses.get('loss', progress.losses.get('critic', 0)):.4g}"]
            if "validation psnr" in progress.figures:
                before, after = progress.figures["input psnr"], progress.figures["validation psnr"]
                words.append(f"{before:.2f} → {after:.2f} dB")
            return ", ".join(words)

        with stopped_by_ctrl_c("stopping with a checkpoint") as cancel:
            path = fit(
                checked,
                sources.pairs,
                out,
                validation=sources.validation,
                resume=resume,
                minutes=minutes,
                callback=show,
                cancel=cancel,
                devices=devices,
                workers=_workers(devices) if workers is None else workers,
                about=sources.about,
            )
    if first:
        console.out.print(f"{path}", markup=False, soft_wrap=True)


def _workers(devices: int) -> int:
    """Return one where there is a second processor, and a new process shares the images with this one."""
    import multiprocessing

    return int(devices == 1 and (os.cpu_count() or 1) > 1 and multiprocessing.get_start_method() == "fork")
