"""``gan-lessons train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a YAML file.")],
    data: Annotated[Path, typer.Option("--data", help="Folder that the paths of the recipe's images start from.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run: log, checkpoint, model.", show_default=False)],
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's checkpoint.")] = False,
    minutes: Annotated[float, typer.Option("--minutes", help="Stop early, with a checkpoint and a model.")] = 1e9,
) -> None:
    """Train a model as its recipe says."""
    from gan_lessons.cli import console
    from gan_lessons.errors import InputError
    from gan_lessons.training.prepare import prepare_pairs
    from gan_lessons.training.recipe import read_recipe
    from gan_lessons.training.trainer import CHECKPOINT, train

    checked = read_recipe(recipe)
    if (out / CHECKPOINT).exists() and not resume:
        raise InputError(f"{out}: holds a run already; add --resume to go on with it, or choose another --out")
    with console.progress_bar() as bar:
        task = bar.add_task("drawing specimens and PSFs", total=None)
        pairs = prepare_pairs(checked, data)
        bar.update(task, description=checked.name)
        path = train(
            checked,
            pairs,
            out,
            resume=resume,
            minutes=minutes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.out.print(f"{path}", markup=False, soft_wrap=True)
