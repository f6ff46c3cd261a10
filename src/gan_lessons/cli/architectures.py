"""``gan-lessons architectures``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gan_lessons.critics import Critic
    from gan_lessons.generators import Generator

SIDE = 256
"""Of the square image that costs are for; of the result, where a network enlarges."""


def architectures(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """List the networks in their papers' forms: parameters, multiply-accumulates and milliseconds at 256×256."""
    import json

    from gan_lessons.cli import console

    names = _names()
    with console.progress_bar() as bar:
        rows = [_describe(*one) for one in bar.track(names, description="timing")]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for kind in ("generator", "critic"):
            console.out.print(_table(kind, [row for row in rows if row["kind"] == kind]))


def _names() -> list[tuple[str, str]]:
    from gan_lessons.critics import list_critics
    from gan_lessons.generators import list_generators

    return [*(("generator", name) for name in list_generators()), *(("critic", name) for name in list_critics())]


def _describe(kind: str, name: str) -> dict[str, Any]:
    """Return a network's figures, under the names that JSON keeps."""
    from gan_lessons import critics, generators
    from gan_lessons.blocks import measure_cost, measure_milliseconds

    network: Generator | Critic
    if kind == "generator":
        generator = network = generators.build_generator(name)
        paper, presets = generators.GENERATORS[name].paper, generators.list_presets(name)
        shape = (1, network.in_channels, SIDE // generator.scale, SIDE // generator.scale)
    else:
        network = critics.build_critic(name)
        paper, presets = critics.CRITICS[name].paper, critics.list_presets(name)
        shape = (1, network.in_channels, SIDE, SIDE)
    cost = measure_cost(network, shape)
    return {
        "kind": kind,
        "name": name,
        "paper": paper,
        "parameters": cost.parameters,
        "macs": cost.macs,
        "megabytes": round(cost.memory / 1e6, 1),
        "receptive_field": network.receptive_field,
        "cpu_ms": round(measure_milliseconds(network, shape), 1),
        "input_shape": shape,
        "presets": presets,
    }


def _table(kind: str, rows: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(title=f"{kind}s at {SIDE}×{SIDE}", title_justify="left", title_style="bold", box=None)
    table.add_column("name", no_wrap=True)
    for column in ("parameters", "GMACs", "MB", "field", "CPU ms"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("paper; presets", overflow="fold")
    for row in rows:
        table.add_row(
            row["name"],
            f"{row['parameters']:,}",
            f"{row['macs'] / 1e9:.3g}",
            f"{row['megabytes']:g}",
            "whole" if row["receptive_field"] is None else str(row["receptive_field"]),
            f"{row['cpu_ms']:.0f}",
            "; ".join([row["paper"], *row["presets"]]),
        )
    return table
