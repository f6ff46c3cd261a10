"""The table as the page shows it: figures in rows, candidates beside each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from gan_lessons.evaluation.columns import COLUMNS, Column

if TYPE_CHECKING:
    import pandas

ABBREVIATIONS = {"psnr", "ssim", "ms-ssim", "nrmse", "lpips", "niqe", "rsp", "rse", "iou"}
DIGITS = 4  # of the largest in a row; the others have as many decimals, so that they can be compared at a glance
RACES = ("against the reference", "objects")  # what fits the noise wins the others: they are warnings, not a race
WAYS = {"more": "more is better", "less": "less is better", "one": "near 1 is good", "": ""}


class Cell(NamedTuple):
    """One figure of one candidate."""

    candidate: str
    text: str
    rank: float  # less is better; nan where there is no better
    best: bool


class Row(NamedTuple):
    """One figure of all."""

    name: str
    unit: str
    meaning: str
    way: str
    cells: list[Cell]


def groups_of(table: pandas.DataFrame) -> list[tuple[str, list[Row]]]:
    """Return the rows of each group, in order."""
    groups: dict[str, list[Row]] = {}
    for name in table.columns:
        column = COLUMNS[name]
        groups.setdefault(column.group, []).append(_row(name, column, table[name]))
    return list(groups.items())


def key_of(table: pandas.DataFrame) -> list[tuple[str, str]]:
    """Return name and meaning of every figure, for paper and for fingers."""
    return [(label(name), COLUMNS[name].meaning) for name in table.columns]


def _row(name: str, column: Column, values: pandas.Series) -> Row:
    ranks = {candidate: rank(column, value) for candidate, value in values.items()}
    known = [one for one in ranks.values() if not math.isnan(one) and column.group in RACES]
    best = min(known) if len(known) > 1 and max(known) > min(known) else math.nan
    finite = [abs(value) for value in values if math.isfinite(value)]
    decimals = decimals_of(max(finite, default=0.0), whole=all(value == round(value) for value in finite))
    cells = [
        Cell(str(candidate), shown(float(value), decimals), ranks[candidate], ranks[candidate] == best)
        for candidate, value in values.items()
    ]
    return Row(label(name), column.unit, column.meaning, WAYS[column.better], cells)


def label(name: str) -> str:
    """Return a figure's name as it is written: abbreviations in capitals.

    >>> label("psnr fitted"), label("gain")
    ('PSNR fitted', 'gain')
    """
    return " ".join(word.upper() if word in ABBREVIATIONS else word for word in name.split())


def decimals_of(largest: float, *, whole: bool) -> int:
    """Return the decimals of a row.

    >>> decimals_of(28.05, whole=False), decimals_of(0.08, whole=False), decimals_of(147.0, whole=True)
    (2, 5, 0)
    """
    if whole or largest == 0:
        return 0
    return max(0, DIGITS - 1 - math.floor(math.log10(largest)))


def rank(column: Column, value: float) -> float:
    """Return a number that is less for a better figure.

    >>> rank(COLUMNS["psnr"], 30.0), rank(COLUMNS["flux ratio"], 0.5) == rank(COLUMNS["flux ratio"], 2.0)
    (-30.0, True)
    """
    if math.isnan(value) or not column.better:
        return math.nan
    if column.better == "one":
        return abs(math.log(value)) if value > 0 else math.inf
    return -value if column.better == "more" else value


def shown(value: float, decimals: int) -> str:
    """Return a figure as people read it.

    >>> shown(12345.6, 0), shown(0.5, 3), shown(float("nan"), 2), shown(-3.0, 1)
    ('12\u202f346', '0.500', '–', '−3.0')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "−")
