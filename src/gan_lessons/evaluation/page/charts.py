"""Lines and dots as SVG that takes the page's colors; series differ in dash or shape, too, not in color alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 12, 46  # margins
DASHES = ("", "7 3", "2 3", "10 3 2 3", "4 4", "1 5", "12 4")
MOST_DOTS = 400


class Series(NamedTuple):
    """One line or cloud of dots."""

    name: str
    x: np.ndarray
    y: np.ndarray


class Tick(NamedTuple):
    """A number at an axis, and where it stands in the picture."""

    place: float
    label: str


class Curve(NamedTuple):
    """What the template draws of a series."""

    name: str
    path: str
    dash: str
    number: int


class Chart(NamedTuple):
    """All that the template draws, in the picture's units."""

    title: str
    alt: str
    x_label: str
    y_label: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    curves: list[Curve]
    dots: list[tuple[float, float]]
    markers: list[tuple[float, str]]  # places of upright lines, and what they say


def lines(
    title: str,
    alt: str,
    series: Sequence[Series],
    *,
    labels: tuple[str, str],
    logarithmic: bool = False,
    y_limits: tuple[float, float] | None = None,
    markers: Sequence[tuple[float, str]] = (),
) -> Chart:
    """Return a chart of lines over one x axis."""
    kept = [_positive(one) for one in series] if logarithmic else list(series)
    x_limits = 0.0, max(float(one.x.max()) for one in kept)
    every = np.concatenate([one.y[np.isfinite(one.y)] for one in kept])
    low, high = y_limits or (float(every.min()), float(every.max()))
    if logarithmic:
        low, high = max(low, high * 1e-8), high
    scale = np.log10 if logarithmic else np.asarray
    bottom, top = float(scale(low)), float(scale(high))
    top = top if top > bottom else bottom + 1

    def across(x: np.ndarray | float) -> np.ndarray:
        return LEFT + (np.asarray(x) - x_limits[0]) / (x_limits[1] - x_limits[0]) * (WIDTH - LEFT - RIGHT)

    def up(y: np.ndarray | float) -> np.ndarray:
        share = np.clip((np.asarray(scale(y)) - bottom) / (top - bottom), 0, 1)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    curves = [
        Curve(one.name, _path(across(one.x), up(one.y)), DASHES[k % len(DASHES)], k % len(DASHES))
        for k, one in enumerate(kept)
    ]
    decades = [10.0**k for k in range(math.ceil(bottom), math.floor(top) + 1)] if logarithmic else []
    decades = decades[:: max(1, len(decades) // 5)]
    y_ticks = [Tick(float(up(v)), f"1e{round(math.log10(v))}") for v in decades] or _ticks(low, high, up)
    placed = [(float(across(x)), told) for x, told in markers if x_limits[0] <= x <= x_limits[1]]
    return Chart(title, alt, *labels, _ticks(*x_limits, across), y_ticks, curves, [], placed)


def scatter(title: str, alt: str, cloud: Series, *, labels: tuple[str, str], line: tuple[float, float]) -> Chart:
    """Return a chart of dots on equal axes, with the diagonal and the fitted line ``(slope, offset)``."""
    step = max(1, len(cloud.x) // MOST_DOTS)
    x, y = cloud.x[::step], cloud.y[::step]
    low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
    ends = np.array([low, high if high > low else low + 1])
    limits = float(ends[0]), float(ends[1])
    both = [Series("equal brightness", ends, ends), Series("fitted line", ends, line[0] * ends + line[1])]

    def across(value: np.ndarray | float) -> np.ndarray:
        return LEFT + (np.asarray(value) - ends[0]) / (ends[1] - ends[0]) * (WIDTH - LEFT - RIGHT)

    def up(value: np.ndarray | float) -> np.ndarray:
        share = np.clip((np.asarray(value) - ends[0]) / (ends[1] - ends[0]), 0, 1)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    curves = [Curve(one.name, _path(across(one.x), up(one.y)), DASHES[1 - k], k) for k, one in enumerate(both)]
    dots = [(round(float(a), 1), round(float(b), 1)) for a, b in zip(across(x), up(y), strict=True)]
    return Chart(title, alt, *labels, _ticks(*limits, across), _ticks(*limits, up), curves, dots, [])


def _positive(one: Series) -> Series:
    keep = one.y > 0
    return Series(one.name, one.x[keep], one.y[keep])


def _path(x: np.ndarray, y: np.ndarray) -> str:
    known = np.isfinite(x) & np.isfinite(y)
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x[known], y[known], strict=True))


def _ticks(low: float, high: float, place: object) -> list[Tick]:
    """Return round numbers between the ends, about five."""
    assert callable(place)
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(k for k in (1, 2, 5, 10) if (high - low) / (step * k) <= 5)
    values = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step
    return [Tick(round(float(place(value)), 1), f"{value:.6g}".replace("-", "−")) for value in values]
