"""``gan-lessons models``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    add: Annotated[Path | None, typer.Option("--add", help="Copy a model file among your own models.")] = None,
    save: Annotated[tuple[str, Path] | None, typer.Option("--save", help="Copy a model to a file: NAME FILE.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="For --add: another name than the file's.")] = None,
) -> None:
    """List the models, those that come with the package and your own: what they are for, and what was measured."""
    import json

    from gan_lessons.cli import console

    if add or save:
        from gan_lessons.zoo import own

        path = own.add_model(add, name) if add else own.save_copy(*save) if save else None
        console.out.print(str(path), markup=False, soft_wrap=True)
        return
    rows = [_describe(name) for name in _names()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        for row in rows:
            console.out.print(_table(row))
    else:
        typer.echo("no models come with this version")


def _names() -> list[str]:
    from gan_lessons.zoo import own_models, shipped_models

    return list(dict.fromkeys([*shipped_models(), *own_models()]))


def _describe(name: str) -> dict[str, Any]:
    """Return a model's figures and its card's, under the names that JSON keeps."""
    from gan_lessons.zoo import find_model, load_model

    model = load_model(name)
    card, networks = model.card, [part for part in (model.generator, model.gauge) if part is not None]
    return {
        "name": name,
        "purpose": card.purpose,
        "parent": card.parent,
        "axes": card.axes,
        "psf": card.psf,
        "estimates_blur": card.gauge and model.psf is None,
        "own_psf": model.psf is not None,
        "parameters": sum(weights.numel() for network in networks for weights in network.parameters()),
        "megabytes": round(find_model(name).stat().st_size / 1e6, 2),
        "receptive_field": model.generator.receptive_field,
        "training_data": card.training_data,
        "licence": card.licence,
        "metrics": card.metrics,
        "sha256": model.sha256,
    }


def _table(row: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table(title=row["name"], title_justify="left", title_style="bold", show_header=False, box=None)
    size = f"{row['parameters']:,} parameters, {row['megabytes']} MB, receptive field {row['receptive_field']} pixels"
    table.add_row("purpose", row["purpose"])
    unknown = "; where it isn't given, the blur is estimated" if row["estimates_blur"] else ""
    unknown = "; where it isn't given, its own is taken" if row["own_psf"] else unknown
    table.add_row("sees", f"{row['axes']}, {'PSF optional' + unknown if row['psf'] else 'no PSF'}")
    table.add_row("size", size)
    table.add_row("training data", row["training_data"])
    table.add_row("licence", row["licence"])
    table.add_row("measured", ", ".join(f"{name} {value:g}" for name, value in row["metrics"].items()) or "nothing yet")
    return table
