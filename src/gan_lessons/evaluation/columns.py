"""What each figure of the table says, what it doesn't, and which way is better: read from ``columns.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Literal, NamedTuple

FITTED = " The image was first brought to the reference by the best gain and offset, so that brightness doesn't count."
OBJECTS = ("nuclei", "detections")


class Column(NamedTuple):
    """One figure: its group in the table, its unit, and two sentences for people who don't know it."""

    group: str
    meaning: str
    unit: str = ""
    better: Literal["more", "less", "one", ""] = ""


def _columns() -> Iterator[tuple[str, Column]]:
    stored = tomllib.loads((resources.files("gan_lessons.evaluation") / "columns.toml").read_text(encoding="utf-8"))
    for name, told in stored.items():
        fitted = told.pop("fitted", False)
        if "{what}" in name:
            for what in OBJECTS:
                yield name.format(what=what), Column(**{**told, "meaning": told["meaning"].format(what=what)})
            continue
        yield name, Column(**told)
        if fitted:
            yield f"{name} fitted", Column(**{**told, "meaning": told["meaning"] + FITTED})


COLUMNS: dict[str, Column] = dict(_columns())
"""By name, in the order of the table."""
