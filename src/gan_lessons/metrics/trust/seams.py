"""Can the borders of tiles be seen? Steps along the lines where tiles met, against the same lines elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.ndimage import correlate1d, uniform_filter

from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.inputs import check_images

REACH = 2  # pixels on each side of a line that its step is measured from
SMALLEST = 32  # pixels of a tile: the grid needs others to be compared with
AROUND = 33  # pixels, side of the neighborhood whose mean step a pixel's is weighed by
CLIP = 3.0  # such means at which a single pixel's step is cut, so that an edge of the specimen isn't a seam


@dataclass(frozen=True, eq=False)
class Seams:
    """Steps at the borders of tiles.

    Parameters
    ----------
    z : float
        How far the steps at the borders exceed those on every other grid of the same period, in deviations of these:
        below 3 or so there is nothing to see; a grid that isn't there exceeds it in about one case of a hundred.
    step : float
        Root mean square step at the borders in the image's units, less what the other grids show; 0 where that is more.
    map : array
        The step along each border, on the two pixels that meet there; nan elsewhere.
    """

    MEANING: ClassVar[str] = (
        "Large images are restored in tiles; where tiles meet, brightness must not jump. A score above 3 or so means "
        "that the grid of tiles shows in the result, and the map tells where and how strongly."
    )

    z: float
    step: float
    map: np.ndarray


def seam_score(
    restored: np.ndarray, tile: tuple[int, int], *, origin: tuple[int, int] = (0, 0), twin: np.ndarray | None = None
) -> Seams:
    """Measure the steps at tile borders.

    A step is the jump of a straight line fitted to two pixels on either side, averaged along a tile's edge. The grid is
    compared with itself, moved by every other number of pixels: the specimen has edges everywhere, seams only there.

    Parameters
    ----------
    restored : array, (…, Y, X)
        What isn't finite is left out.
    tile : (rows, columns)
        Of a tile's core, from 32 pixels; 0 for an axis that isn't cut.
    origin : (rows, columns)
        Of a corner where tiles meet.
    twin : array, optional
        The same image restored in other tiles, or whole: in the difference nothing is left but seams, and much fainter
        ones are found.

    Raises
    ------
    InputError
        If a tile is too small, or no border lies inside of the image.

    >>> flat = np.random.default_rng(0).normal(size=(64, 256)); flat[:, 128:] += 2
    >>> seam_score(flat, (0, 128)).z > 5
    True
    """
    known = check_images(restored=restored, twin=twin)
    if any(0 < side < SMALLEST for side in tile) or not any(tile):
        raise InputError(f"trust: tiles are {tile[0]}×{tile[1]}; expected sides from {SMALLEST} pixels, or 0 for uncut")
    image = np.where(known, restored, 0).astype(np.float64)
    if twin is not None:
        image -= np.where(known, twin, 0)
    marks = np.full(image.shape, np.nan)
    scores, squares = [], []
    for axis, other in ((-1, -2), (-2, -1)):
        if not tile[axis] or _first_border(origin[axis], tile[axis]) > image.shape[axis] - REACH:
            continue
        turned, seen, painted = (np.swapaxes(array, axis, -1) for array in (image, known, marks))
        z, energy = _score(turned, seen, painted, twin is None, tile[axis], tile[other], origin[axis], origin[other])
        scores.append(z)
        squares.append(energy)
    if not scores:
        raise InputError(
            f"trust: tiles of {tile[0]}×{tile[1]} from {origin} have no border inside of an image {image.shape}; "
            "there are no seams to look for"
        )
    return Seams(float(np.sum(scores) / np.sqrt(len(scores))), float(np.sqrt(np.mean(squares))), marks)


def _score(
    image: np.ndarray, known: np.ndarray, marks: np.ndarray, clip: bool, tile: int, edge: int, origin: int, corner: int
) -> tuple[float, float]:
    """Return the z of the borders across the last axis, and the squared step that they add; paint the steps."""
    step, weight = _steps(image, known, clip)
    rows = np.arange(image.shape[-2])
    starts = np.unique(np.searchsorted(rows, np.arange(corner % edge, rows.size, edge))) if edge else np.zeros(0, int)
    starts = np.union1d(starts, [0]).astype(int)  # of the edges: a tile's side each
    total = np.add.reduceat(step * weight, starts, axis=-2)  # (…, edges, N)
    weights = np.add.reduceat(weight, starts, axis=-2)
    share = np.add.reduceat((weight > 0).astype(float), starts, axis=-2)
    use = share >= 0.5 * np.diff(np.append(starts, rows.size))[:, None]
    mean = np.where(use, total / np.where(use, weights, 1), np.nan)
    evidence = np.where(use, total**2 / np.where(use, weights, 1), np.nan)

    phase = (np.arange(image.shape[-1]) - origin) % tile
    others = (phase > REACH) & (phase < tile - REACH)
    energies = [
        float(np.nanmean(evidence[..., phase == p])) for p in np.unique(phase[others]) if _any(evidence, phase == p)
    ]
    if not _any(evidence, phase == 0):
        return 0.0, 0.0
    # The cube root of a mean of squares is nearly normal (Wilson & Hilferty).
    null, found = np.cbrt(energies), float(np.cbrt(np.nanmean(evidence[..., phase == 0])))
    spread = float(np.std(null, ddof=1))
    z = (found - float(np.mean(null))) / spread if spread > 0 else (np.inf if found > 0 else 0.0)
    borders = np.flatnonzero(phase == 0)
    painted = np.repeat(mean[..., borders], np.diff(np.append(starts, rows.size)), axis=-2)
    for side in (0, -1):
        inside = borders + side >= 0
        marks[..., borders[inside] + side] = painted[..., inside]
    added = np.nanmean(mean[..., borders] ** 2) - np.nanmean(mean[..., others] ** 2)
    return float(z), max(float(added), 0.0)


def _steps(image: np.ndarray, known: np.ndarray, clip: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the jump between each pixel and the one before along the last axis, and its weight, 0 where unknown."""
    distance = np.arange(-REACH, REACH) + 0.5
    model = np.stack([np.ones(2 * REACH), distance, np.sign(distance) / 2])
    taps = np.linalg.pinv(model.T)[2]
    step = correlate1d(image, taps, axis=-1, mode="nearest")
    unknown = correlate1d((~known).astype(np.float64), np.ones(2 * REACH), axis=-1, mode="constant", cval=1.0)
    use = unknown < 0.5
    step = np.where(use, step, 0)
    size = (1,) * (image.ndim - 2) + (AROUND, AROUND)
    around = uniform_filter(np.abs(step), size, mode="constant")
    around /= np.maximum(uniform_filter(use.astype(np.float64), size, mode="constant"), 1e-3)
    tiny = np.finfo(np.float64).eps * float(np.abs(image).max()) or 1.0
    around = np.maximum(around, tiny)
    if clip:
        step = np.clip(step, -CLIP * around, CLIP * around)
    return step, use / around**2


def _first_border(origin: int, tile: int) -> int:
    """Return the first line of the grid at least `REACH` from the image's border."""
    first = origin % tile
    return first if first >= REACH else first + tile


def _any(evidence: np.ndarray, columns: np.ndarray) -> bool:
    return bool(np.isfinite(evidence[..., columns]).any())
