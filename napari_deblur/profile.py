"""A line that is drawn in a Shapes layer, as intensities of image layers along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import InputError
from napari_deblur.layers import pixels_of, unit_name

if TYPE_CHECKING:
    import napari
    import pandas
    from napari.layers import Image as ImageLayer
    from napari.layers import Shapes

LONGEST = 4096  # points


def profile_table(
    viewer: napari.Viewer, shapes: Shapes, layers: Sequence[ImageLayer], width: int = 1
) -> pandas.DataFrame:
    """Return the intensities of the planes in view along the line that is selected, else the last one.

    Parameters
    ----------
    layers : sequence of Image layers
        The first one's pixels are the points' distance, and its units the distance's.
    width : int
        Of lines, a pixel apart, that are averaged.

    Returns
    -------
    DataFrame
        Indexed by the distance along the line, a column a layer; nan where the line leaves a layer.

    Raises
    ------
    InputError
        If nothing is drawn, or it isn't a line, or the view is 3D.
    """
    import pandas

    from gan_lessons.evaluation.profile import line_profile

    ends = _ends(viewer, shapes)
    first = layers[0]
    start, stop, axes = _in_plane(viewer, first, ends)
    count = min(LONGEST, int(np.ceil(np.hypot(*np.subtract(stop, start)))) + 1)
    length, unit = _length(first, axes, np.subtract(stop, start))
    columns = {}
    for layer in layers:
        start, stop, axes = _in_plane(viewer, layer, ends)
        plane, corner = _around(viewer, layer, axes, np.array([start, stop]), width)
        begin, end = (tuple(np.subtract(point, corner)) for point in (start, stop))
        columns[layer.name] = line_profile(plane, begin, end, count=count, width=width)
    return pandas.DataFrame(columns, index=pandas.Index(np.linspace(0, length, count), name=f"distance, {unit}"))


def _ends(viewer: napari.Viewer, shapes: Shapes) -> np.ndarray:
    """Return both ends of the line in the world, (2, axes of the viewer)."""
    if viewer.dims.ndisplay != 2:
        raise InputError(f"{shapes.name}: a profile is of the plane in the 2D view, and the view is 3D; leave 3D")
    if not shapes.data:
        raise InputError(f"{shapes.name}: nothing is drawn in it; draw a line (the tool with the key L)")
    chosen = max(shapes.selected_data, default=len(shapes.data) - 1)
    if shapes.shape_type[chosen] != "line":
        raise InputError(f"{shapes.name}: a {shapes.shape_type[chosen]} is chosen; draw or select a line (key L)")
    drawn = np.array([shapes.data_to_world(end) for end in shapes.data[chosen]])
    world = np.tile(np.asarray(viewer.dims.point, float), (2, 1))
    displayed = list(viewer.dims.displayed)
    world[:, displayed] = drawn[:, [axis - viewer.dims.ndim for axis in displayed]]
    return world


def _in_plane(viewer: napari.Viewer, layer: ImageLayer, ends: np.ndarray) -> tuple[tuple, tuple, list[int]]:
    """Return both ends in a layer's pixels along the two axes in view, and these axes."""
    axes = sorted(axis - viewer.dims.ndim + layer.ndim for axis in viewer.dims.displayed)
    start, stop = (tuple(np.asarray(layer.world_to_data(end[-layer.ndim :]))[axes]) for end in ends)
    return start, stop, axes


def _around(
    viewer: napari.Viewer, layer: ImageLayer, axes: list[int], ends: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of the plane in view that a line needs, and its corner: of a lazy layer no more is read."""
    pixels = pixels_of(layer)
    shape = np.array(pixels.shape)[axes]
    begin = np.clip(np.floor(ends.min(0)).astype(int) - width, 0, shape - 1)
    end = np.clip(np.ceil(ends.max(0)).astype(int) + width + 1, begin + 1, shape)
    point = np.round(layer.world_to_data(viewer.dims.point[-layer.ndim :])).astype(int)
    place: list[int | slice] = [int(n) for n in np.clip(point, 0, np.array(pixels.shape[: layer.ndim]) - 1)]
    for axis, first, last in zip(axes, begin, end, strict=True):
        place[axis] = slice(int(first), int(last))
    return np.asarray(pixels[tuple(place)]), begin


def _length(layer: ImageLayer, axes: list[int], line: np.ndarray) -> tuple[float, str]:
    """Return a line's length in the layer's unit, or in pixels where its axes have no unit in common."""
    first, second = (layer.units[axis] for axis in axes)
    if str(first) == "pixel" or not second.is_compatible_with(first):
        return float(np.hypot(*line)), "pixels"
    step = [layer.scale[axes[0]], float((layer.scale[axes[1]] * second).to(first).magnitude)]
    return float(np.hypot(*(line * step))), unit_name(first)
