"""Trust maps as pictures, each with its scale of colors; colors are told apart by color-blind readers, too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image as Picture

from gan_lessons.evaluation.evaluation import Evaluation
from gan_lessons.evaluation.page.views import encoded
from gan_lessons.metrics.trust import Consistency, Disagreement, Linearity, Seams, Structure

UNKNOWN = (128, 128, 128)
SIMILARITY = (
    "Structural similarity (SSIM) of a window around each pixel with the same place of the reference: 1 where "
    "brightness, contrast and pattern agree. Dark places are where the result must not be believed."
)


class Kind(NamedTuple):
    """How one measure's map is drawn."""

    title: str
    meaning: str
    scale: str  # what the colors mean
    middle: float | None = None  # of a scale with two sides


KINDS = {
    "similarity": Kind("Similarity to the reference", SIMILARITY, "SSIM"),
    "consistency": Kind("Re-blur consistency", Consistency.MEANING, "absolute difference, units of the image"),
    "structure": Kind(
        "Invented and missing structure",
        Structure.MEANING,
        "deviations: below 0 missing, above invented",
        0.0,
    ),
    "linearity": Kind("Intensity linearity", Linearity.MEANING, "brightness over the original's", 1.0),
    "disagreement": Kind("Disagreement", Disagreement.MEANING, "deviation, units of the image"),
    "seams": Kind("Seams", Seams.MEANING, "step at the border of a tile, units of the image", 0.0),
}


class Drawn(NamedTuple):
    """A map as a picture.

    Parameters
    ----------
    uri, alt : str
    columns : int
        Of the part of the image that it shows.
    """

    candidate: str
    uri: str
    alt: str
    columns: int


class Panel(NamedTuple):
    """All candidates' maps of one measure, on one scale."""

    kind: Kind
    bar: str
    ticks: list[str]
    maps: list[Drawn]


def panels(found: Evaluation, side: int) -> list[Panel]:
    """Return what is drawn, a measure after the other."""
    drawn = []
    for name, kind in KINDS.items():
        planes = {candidate: _middle(maps[name]) for candidate, maps in found.maps.items() if name in maps}
        planes = {candidate: plane for candidate, plane in planes.items() if np.isfinite(plane).any()}
        if not planes:
            continue
        low, high = _limits(kind, name, list(planes.values()), found)
        ticks = [_number(value) for value in np.linspace(low, high, 5)]
        pictures = [_draw(candidate, plane, kind, low, high, side) for candidate, plane in planes.items()]
        drawn.append(Panel(kind, encoded(_bar(kind)), ticks, pictures))
    return drawn


def _middle(values: np.ndarray) -> np.ndarray:
    planes = values.reshape(-1, *values.shape[-2:])
    return planes[len(planes) // 2]


def _limits(kind: Kind, name: str, planes: list[np.ndarray], found: Evaluation) -> tuple[float, float]:
    known = np.concatenate([plane[np.isfinite(plane)] for plane in planes])
    if kind.middle is None:
        low, high = (0.0, 1.0) if name == "similarity" else (0.0, float(np.percentile(known, 99.5)))
        return low, high if high > low else low + 1
    if name == "structure":
        reach = 2 * next(one.structure.threshold for one in found.trusted.values() if one.structure is not None)
    else:
        reach = float(np.percentile(np.abs(known - kind.middle), 99.5)) or 1.0
    return kind.middle - reach, kind.middle + reach


def _draw(candidate: str, plane: np.ndarray, kind: Kind, low: float, high: float, side: int) -> Drawn:
    step = -(-max(plane.shape) // side)
    kept = plane if step == 1 else _strongest(plane, step, low if kind.middle is None else kind.middle)
    known = plane[np.isfinite(plane)]
    alt = (
        f"{kind.title} of {candidate}: {kind.scale}; from {_number(float(known.min()))} to "
        f"{_number(float(known.max()))}, median {_number(float(np.median(known)))}"
    )
    return Drawn(candidate, encoded(_colored(kept, kind, low, high)), alt, plane.shape[1])


def _strongest(plane: np.ndarray, step: int, usual: float) -> np.ndarray:
    """Keep of each step×step pixels the one that is farthest from what is usual: no mark is averaged away."""
    rows, columns = (-(-n // step) for n in plane.shape)
    padded = np.full((rows * step, columns * step), np.nan)
    padded[: plane.shape[0], : plane.shape[1]] = plane
    blocks = padded.reshape(rows, step, columns, step).swapaxes(1, 2).reshape(rows, columns, -1)
    far = np.where(np.isfinite(blocks), np.abs(blocks - usual), -1.0)
    return np.take_along_axis(blocks, far.argmax(-1)[..., None], axis=-1)[..., 0]


def _colored(plane: np.ndarray, kind: Kind, low: float, high: float) -> Picture.Image:
    """Return a picture of 255 colors and one for what isn't known."""
    known = np.isfinite(plane)
    scaled = np.rint(254 * np.clip((np.where(known, plane, low) - low) / (high - low), 0, 1)).astype(np.uint8)
    picture = Picture.fromarray(np.where(known, scaled, 255).astype(np.uint8), mode="P")
    picture.putpalette([*_palette(kind).ravel().tolist(), *UNKNOWN])
    return picture


def _palette(kind: Kind) -> np.ndarray:
    from matplotlib import colormaps

    colors = colormaps["cividis" if kind.middle is None else "PuOr_r"](np.linspace(0, 1, 255))
    return np.rint(255 * colors[:, :3]).astype(int)


def _bar(kind: Kind) -> Picture.Image:
    return _colored(np.repeat(np.linspace(0.0, 1.0, 255)[None], 8, axis=0), kind, 0.0, 1.0)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
