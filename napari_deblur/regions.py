"""Which part of a layer is meant: what is in view, or the box around a drawn shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import InputError
from napari_deblur.layers import pixels_of

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer
    from napari.layers import Shapes


def visible_region(viewer: napari.Viewer, layer: ImageLayer) -> tuple[slice, ...]:
    """Return what the 2D view shows of a layer, in its full resolution; one plane along each axis not displayed.

    Raises
    ------
    InputError
        If the view is 3D, or none of the layer is in it.
    """
    plane = plane_in_view(viewer, layer)
    begin, end = (np.array([getattr(part, side) for part in plane]) for side in ("start", "stop"))
    corners = layer.corner_pixels * (layer.downsample_factors[layer.data_level] if layer.multiscale else 1)
    for axis in _displayed(viewer, layer):
        begin[axis], end[axis] = corners[0, axis], np.ceil(corners[1, axis] + 1)
    return clip_region(layer, begin, end, f"{layer.name}: nothing of the layer is in view; move to it")


def plane_in_view(viewer: napari.Viewer, layer: ImageLayer) -> tuple[slice, ...]:
    """Return the whole plane of a layer that the 2D view shows a part of.

    Raises
    ------
    InputError
        If the view is 3D, or beside the layer's planes.
    """
    if viewer.dims.ndisplay != 2:
        raise InputError(f"{layer.name}: the preview shows what the 2D view shows, and the view is 3D; leave 3D")
    begin = np.round(layer.world_to_data(viewer.dims.point[-layer.ndim :])).astype(int)
    end = begin + 1
    for axis in _displayed(viewer, layer):
        begin[axis], end[axis] = 0, pixels_of(layer).shape[axis]
    return clip_region(layer, begin, end, f"{layer.name}: nothing of the layer is in view; move to it")


def _displayed(viewer: napari.Viewer, layer: ImageLayer) -> list[int]:
    return [axis - viewer.dims.ndim + layer.ndim for axis in viewer.dims.displayed]


def clip_region(layer: ImageLayer, begin: np.ndarray, end: np.ndarray, otherwise: str) -> tuple[slice, ...]:
    """Return the part of a box that lies in a layer; raise an `InputError` with this message if none does."""
    shape = pixels_of(layer).shape[: layer.ndim]
    begin, end = np.maximum(begin, 0), np.minimum(end, shape)
    if (begin >= end).any():
        raise InputError(otherwise)
    return tuple(slice(int(b), int(e)) for b, e in zip(begin, end, strict=True))


def drawn_region(viewer: napari.Viewer, layer: ImageLayer, shapes: Shapes) -> tuple[slice, ...]:
    """Return the box around a drawn shape, in a layer's pixels; one plane along each axis not displayed."""
    if not shapes.data:
        raise InputError(f"{shapes.name}: nothing is drawn in it; draw a rectangle, or preview what is in view")
    chosen = max(shapes.selected_data, default=len(shapes.data) - 1)
    corners = np.array([shapes.data_to_world(corner) for corner in shapes.data[chosen]])  # (corners, axes)
    world = np.tile(np.asarray(viewer.dims.point, float), (len(corners), 1))
    displayed = list(viewer.dims.displayed)
    world[:, displayed] = corners[:, [axis - viewer.dims.ndim for axis in displayed]]
    inside = np.array([layer.world_to_data(corner[-layer.ndim :]) for corner in world])
    begin, end = np.floor(inside.min(0) + 0.5).astype(int), np.ceil(inside.max(0) + 0.5).astype(int)
    for axis in range(layer.ndim):
        if axis + viewer.dims.ndim - layer.ndim not in displayed:
            end[axis] = begin[axis] + 1
    return clip_region(layer, begin, end, f"{shapes.name}: its shape lies beside {layer.name}; draw it on the layer")
