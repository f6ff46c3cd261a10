"""Which parts of an image the page shows, small enough for one file, and as pictures."""

from __future__ import annotations

import base64
import io
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image as Picture

from gan_lessons.evaluation.comparison import Comparison, finite_inside

if TYPE_CHECKING:
    from gan_lessons.image import Array

BYTES = 7_000_000  # of all pictures before base64, which adds a third: the page stays below 10 MB
LARGEST, SMALLEST = 640, 96  # pixels a side of a picture
CONTRAST = (0.5, 99.8)  # percentiles of the first image that are black and white in all


class View(NamedTuple):
    """A part of the images.

    Parameters
    ----------
    key, title : str
    axes : str
        Of the picture's rows and columns: ``"YX"``, or ``"ZX"`` from the side.
    share : float
        Pixels of the picture a pixel of the image, at most 1.
    told : str
        What was left out, for the reader.
    """

    key: str
    title: str
    axes: str
    share: float
    told: str


def side_of(pictures: int) -> int:
    """Return the largest side that so many square pictures of a byte a pixel may have.

    >>> side_of(4), side_of(100)
    (640, 264)
    """
    return max(SMALLEST, min(LARGEST, int(math.sqrt(BYTES / max(1, pictures)))))


def views_of(compared: Comparison, side: int) -> list[View]:
    """Return what is shown of images of this shape: whole, in part at full resolution, projected, from the side."""
    sizes = dict(zip(compared.axes, compared.shape, strict=True))
    rows, columns, planes = sizes["Y"], sizes["X"], sizes.get("Z", 1)
    times = sizes.get("T", 1)
    which = ", ".join(
        part
        for part in (
            f"plane {planes // 2 + 1} of {planes}" if planes > 1 else "",
            f"time {times // 2 + 1} of {times}" if times > 1 else "",
            f"channel 1 of {sizes['C']}" if sizes.get("C", 1) > 1 else "",
        )
        if part
    )
    share = min(1.0, side / max(rows, columns))
    told = f"reduced to {share:.0%}" if share < 1 else "every pixel"
    views = [View("whole", "Whole field" + (f", {which}" if which else ""), "YX", share, told)]
    if share < 1:
        views.append(View("detail", f"Middle, {min(side, rows)}×{min(side, columns)} pixels", "YX", 1.0, "every pixel"))
    if planes > 1:
        views.append(View("projection", f"Brightest of {planes} planes", "YX", share, told))
        views.append(View("side", "From the side, middle row (Z down)", "ZX", share, told))
    return views


def cut_view(compared: Comparison, image: Array, view: View, side: int) -> np.ndarray:
    """Return the values of a view, (Y, X) or (3, Y, X) of colors, in float64; nan where nothing is known."""
    box, colors = [], compared.bands == "S"
    for axis, n in zip(compared.axes, compared.shape, strict=True):
        whole = slice(0, n)
        middle = slice(n // 2, n // 2 + 1)
        if axis == "T":
            box.append(middle)
        elif axis in "CS":
            box.append(slice(0, 3) if colors else slice(0, 1))
        elif axis == "Z":
            box.append(whole if view.key in ("projection", "side") else middle)
        elif axis == "Y" and view.key == "side":
            box.append(middle)
        elif view.key == "detail":
            start = max(0, (n - side) // 2)
            box.append(slice(start, min(n, start + side)))
        else:
            box.append(whole)
    values = (
        _projected(compared, image, tuple(box))
        if view.key == "projection"
        else finite_inside(image, compared.mask, tuple(box))
    )
    values = values.reshape((-1 if colors else 1, *_two_sides(values, compared, view)))
    reduced = np.stack([_reduced(plane, view.share) for plane in values])
    return reduced if colors else reduced[0]


def _projected(compared: Comparison, image: Array, box: tuple[slice, ...]) -> np.ndarray:
    """Take the brightest of the planes, one plane in memory at a time."""
    place = compared.axes.index("Z")
    brightest: np.ndarray | None = None
    for z in range(compared.shape[place]):
        plane = finite_inside(image, compared.mask, (*box[:place], slice(z, z + 1), *box[place + 1 :]))
        brightest = plane if brightest is None else np.fmax(brightest, plane)
    assert brightest is not None
    return brightest


def _two_sides(values: np.ndarray, compared: Comparison, view: View) -> tuple[int, int]:
    rows, columns = (values.shape[compared.axes.index(axis)] for axis in view.axes)
    return rows, columns


def _reduced(plane: np.ndarray, share: float) -> np.ndarray:
    """Average neighbors: of a picture in which every pixel can't be shown, none is left out."""
    if share >= 1:
        return plane
    sides = [max(1, round(n * share)) for n in plane.shape[::-1]]
    known = np.isfinite(plane)
    filled = Picture.fromarray(np.where(known, plane, np.nanmean(plane) if known.any() else 0).astype(np.float32))
    return np.asarray(filled.resize((sides[0], sides[1]), Picture.Resampling.BOX), np.float64)


def data_uri(pixels: np.ndarray) -> str:
    """Return 8-bit pixels, (Y, X) or (Y, X, 3), or of a palette of at most 256 colors, as a PNG in a data URI."""
    picture = Picture.fromarray(pixels)
    if pixels.ndim == 3:
        picture = picture.quantize(256, method=Picture.Quantize.MEDIANCUT)  # a byte a pixel, as gray has
    return encoded(picture)


def encoded(picture: Picture.Image) -> str:
    """Return a picture as a PNG in a data URI."""
    stream = io.BytesIO()
    picture.save(stream, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def contrast_of(values: np.ndarray) -> tuple[float, float]:
    """Return black and white for all pictures, from what the first one shows.

    >>> contrast_of(np.zeros((2, 2)))
    (0.0, 1.0)
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(known, CONTRAST))
    return (low, high) if high > low else (low, low + 1.0)


def gray(values: np.ndarray, black: float, white: float) -> np.ndarray:
    """Return 8 bits, (Y, X) or (Y, X, 3)."""
    scaled = np.rint(255 * np.clip((np.nan_to_num(values, nan=black) - black) / (white - black), 0, 1)).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(scaled, 0, -1)) if scaled.ndim == 3 else scaled
