"""How much does the result depend on how the image is held? Flips, turns, sub-pixel shifts, other tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.fft import fftfreq, fftn, ifftn

from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.inputs import Restore, check_images, run

SHIFTS = ((0.5, 0.0), (0.0, 0.5), (0.5, 0.5))  # pixels, the farthest from the grid
OFFSETS = ((5, 3), (37, 61))  # pixels by which tiles move; odd, so that no network's stride divides them
MARGIN = 16  # pixels of the image's mirror image beyond its border, which a shift brings in

View = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Disagreement:
    """Spread of the results of one image that was turned, shifted or tiled differently, and brought back.

    Parameters
    ----------
    spread : float
        Root mean square of the map, in the image's units.
    share : float
        The same over the standard deviation of the restored image: 0 where the results are equal; nan where that is 0.
    views : dict of str to float
        For each view the root mean square difference from the plain result, in the image's units.
    map : array
        Standard deviation over the views, at each pixel; nan in gaps.
    """

    MEANING: ClassVar[str] = (
        "The image was restored again mirrored, turned, shifted by half a pixel and cut into other tiles: a specimen "
        "doesn't change by that, so where the results differ (bright in the map) the method guesses. Agreement isn't "
        "proof: a method can make the same mistake every time."
    )

    spread: float
    share: float
    views: dict[str, float]
    map: np.ndarray


def disagreement(
    restore: Restore,
    image: np.ndarray,
    *,
    turns: bool = True,
    shifts: Sequence[tuple[float, float]] = SHIFTS,
    offsets: Sequence[tuple[int, int]] = OFFSETS,
) -> Disagreement:
    """Restore the image in several positions and compare what comes out, brought back.

    Parameters
    ----------
    restore : callable
        (…, Y, X) → the same shape; called once a view: 13 times by default. Turned images have sides exchanged.
    image : array, (…, Y, X)
        Gaps are filled with the median before, the same for all views, and nan in the map.
    turns : bool
        The four quarter turns, and their mirror images. A PSF that isn't symmetric makes them differ rightly.
    shifts : sequence of (rows, columns)
        In pixels, by Fourier interpolation, which keeps the noise's variance.
    offsets : sequence of (rows, columns)
        Whole pixels from 0 by which the grid of tiles moves over the image.

    Raises
    ------
    InputError
        If nothing is finite, the callable changes the shape, or there is no view.

    >>> disagreement(lambda image: 2 * image, np.arange(12.0).reshape(3, 4), shifts=()).spread
    0.0
    """
    known = check_images(image=image)
    filled = np.where(known, image, np.median(image[known])).astype(np.float64)
    plain = run(restore, filled)
    total, squares, count = np.zeros_like(plain), np.zeros_like(plain), 1
    views: dict[str, float] = {}
    for name, there, back in _views(turns, shifts, offsets):
        change = back(run(restore, there(filled)))[..., : plain.shape[-2], : plain.shape[-1]] - plain
        views[name] = float(np.sqrt(np.mean(change[known] ** 2)))
        total += change
        squares += change**2
        count += 1
    if not views:
        raise InputError("trust: no view to compare with; expected turns, shifts or offsets")
    variance = np.where(known, np.maximum(squares / count - (total / count) ** 2, 0), np.nan)
    spread, contrast = float(np.sqrt(np.nanmean(variance))), float(plain[known].std())
    return Disagreement(spread, spread / contrast if contrast else float("nan"), views, np.sqrt(variance))


def _views(
    turns: bool, shifts: Sequence[tuple[float, float]], offsets: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, View, View]]:
    """Yield each view's name, the way there, and the way back."""
    for quarter in range(4) if turns else ():
        if quarter:
            yield f"turned {90 * quarter}°", _turn(quarter), _turn(-quarter)
        yield f"mirrored, turned {90 * quarter}°", _mirror_and_turn(quarter), _turn_and_mirror(-quarter)
    for rows, columns in shifts:
        yield f"shifted by {rows:g}, {columns:g}", _shift(rows, columns), _unshift(rows, columns)
    for top, left in offsets:
        yield f"tiles moved by {top}, {left}", _enlarge(top, left), _crop(top, left)


def _turn(quarters: int) -> View:
    return lambda image: np.rot90(image, quarters, (-2, -1))


def _mirror_and_turn(quarters: int) -> View:
    return lambda image: np.rot90(image[..., ::-1], quarters, (-2, -1))


def _turn_and_mirror(quarters: int) -> View:
    return lambda image: np.rot90(image, quarters, (-2, -1))[..., ::-1]


def _enlarge(top: int, left: int) -> View:
    return lambda image: _extend(image, top, left, after=0)


def _crop(top: int, left: int) -> View:
    return lambda image: image[..., top:, left:]


def _shift(rows: float, columns: float) -> View:
    return lambda image: _move(_extend(image, MARGIN, MARGIN, after=MARGIN, odd=True), rows, columns)


def _unshift(rows: float, columns: float) -> View:
    return lambda image: _move(image, -rows, -columns)[..., MARGIN:, MARGIN:]


def _extend(image: np.ndarray, top: int, left: int, after: int, odd: bool = False) -> np.ndarray:
    """Add the mirror image; with ``odd`` make sides odd: half a pixel would erase an even side's Nyquist frequency."""
    more = [after + (odd and side % 2 == 0) for side in image.shape[-2:]]
    pad = [(0, 0)] * (image.ndim - 2) + [(top, more[0]), (left, more[1])]
    return np.pad(image, pad, mode="symmetric")


def _move(image: np.ndarray, rows: float, columns: float) -> np.ndarray:
    """Shift periodically by a phase: exact for what is below the Nyquist frequency, and undone by its opposite."""
    height, width = image.shape[-2:]
    phase = np.exp(-2j * np.pi * (fftfreq(height)[:, None] * rows + fftfreq(width) * columns))
    return np.ascontiguousarray(ifftn(fftn(image, axes=(-2, -1)) * phase, axes=(-2, -1)).real)
