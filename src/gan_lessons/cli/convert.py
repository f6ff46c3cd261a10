"""``gan-lessons convert``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gan_lessons.errors import InputError


def convert(
    file: Annotated[Path, typer.Argument(help="Published weights: a .pth file, or safetensors.")],
    architecture: Annotated[str, typer.Option("--architecture", help="The network, as it is called here.")],
    out: Annotated[Path, typer.Option("--out", help="The model file to write (.safetensors).", show_default=False)],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Argument of another form than the paper's: scale=2."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
) -> None:
    """Turn published weights of DeblurGAN, DeblurGAN-v2, pix2pix, ESRGAN, NAFNet … into a model file.

    Nothing in the file is executed. Where a tensor doesn't fit, each is named and nothing is written.
    """
    from gan_lessons.cli import console
    from gan_lessons.zoo import save_model
    from gan_lessons.zoo.convert import Misfits, convert

    if out.suffix != ".safetensors":
        raise InputError(f"--out {out}: a model file ends in .safetensors")
    if out.exists() and not overwrite:
        raise InputError(f"{out}: exists already; add --overwrite to replace it")
    try:
        model = convert(file, architecture, **dict(_parse(setting) for setting in settings or []))
    except Misfits as error:
        for line in error.lines:
            console.err.print(line, markup=False, highlight=False, soft_wrap=True)
        raise
    save_model(model, out)
    console.out.print(str(out), markup=False, soft_wrap=True)


def _parse(setting: str) -> tuple[str, Any]:
    """Read ``name=value``; the value as JSON if it is some.

    >>> _parse("encoder=[2, 2]"), _parse("norm=batch")
    (('encoder', [2, 2]), ('norm', 'batch'))
    """
    import json

    name, equals, value = setting.partition("=")
    if not (name and equals):
        raise InputError(f"--set {setting}: expected NAME=VALUE, for example scale=2")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
