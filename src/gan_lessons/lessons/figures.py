"""Figures of the lessons, drawn for reading: labeled, with units, in colors that color-blind readers tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Of lines: Okabe and Ito's."""

STYLES = ("-", "--", "-.", ":")


def show(
    images: Mapping[str, Any],
    *,
    unit: str = "",
    limits: tuple[float, float] | None = None,
    columns: int = 4,
    side: float = 2.6,
) -> None:
    """Draw images (Y, X) in rows, all on one gray scale, with its bar.

    Parameters
    ----------
    images : mapping of title to array
    unit : str
        Of the values, beside the bar.
    limits : (float, float), optional
        Values of black and white; by default the 0.5th and 99.5th percentile of the first image.
    columns : int
        Most images in a row.
    side : float
        Of one image, in inches.
    """
    import matplotlib.pyplot as plt

    arrays = {title: np.asarray(image) for title, image in images.items()}
    low, high = limits or np.percentile(next(iter(arrays.values())), [0.5, 99.5])
    wide = min(columns, len(arrays))
    rows = -(-len(arrays) // wide)
    figure, axes = plt.subplots(
        rows, wide, figsize=(side * wide + 0.7, (side + 0.35) * rows), squeeze=False, layout="constrained", dpi=80
    )
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (title, image) in zip(axes.flat, arrays.items(), strict=False):
        drawn = ax.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        ax.set_title(title, fontsize=10)
    figure.colorbar(drawn, ax=axes, label=unit, shrink=0.8, pad=0.01)
    plt.show()


def plot(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], *, x: str, y: str, log: str = "", title: str = ""
) -> Any:
    """Draw lines, told apart by color and dash, and return their axes for more.

    Parameters
    ----------
    lines : mapping of label to (x values, y values)
    x, y : str
        Labels of the axes, with units.
    log : str
        Axes that are logarithmic: "x", "y", "xy".
    title : str
    """
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained", dpi=80)
    for number, (label, (along, values)) in enumerate(lines.items()):
        ax.plot(along, values, STYLES[number % 4], color=COLORS[number % 6], label=label, linewidth=2)
    ax.set(xlabel=x, ylabel=y, title=title)
    for axis in log:
        getattr(ax, f"set_{axis}scale")("log")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    return ax
