"""The live preview: a layer that lies on the validation tile, and shows what the model makes of it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.image import Image
from napari_deblur.finetune_events import Tile
from napari_deblur.layers import result_layer

if TYPE_CHECKING:
    import napari
    from napari.layers import Image as ImageLayer


class LivePreview:
    """One layer a run; a layer that the user removes doesn't come back in that run.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        self.viewer = viewer
        self.layer: ImageLayer | None = None
        self.source: ImageLayer | None = None
        self.name = ""

    def begin(self, source: ImageLayer, image: Image, name: str) -> None:
        """Forget the last run's layer, and remove it unless the user has renamed it."""
        if self.layer is not None and self.layer in self.viewer.layers and self.layer.name == self.name:
            self.viewer.layers.remove(self.layer)
        self.layer, self.source = None, source
        self.image, self.name = image, f"{source.name} validation ({name})"

    def show(self, tile: Tile) -> None:
        """Show what the model restores now."""
        source = self.source
        if source is None or source not in self.viewer.layers:
            return
        pixels = tile_in_axes(tile, self.image)
        if self.layer is None:
            told = {"layer": self.image.name, "axes": self.image.axes, "preview": self.name}
            region = region_of(tile, self.image)
            self.layer = result_layer(source, pixels, name=self.name, provenance=told, region=region)
            active = self.viewer.layers.selection.active
            self.name = self.viewer.add_layer(self.layer).name
            self.viewer.layers.selection.active = active
        elif self.layer in self.viewer.layers:
            self.layer.data = pixels


def region_of(tile: Tile, image: Image) -> tuple[slice, ...]:
    """Return where a tile lies in a layer: a slice an axis, colors left out."""
    together = tile.pixels.shape[-1] > 1
    at = {"T": tile.time, "C": tile.channel, "Z": tile.plane}
    parts = {axis: slice(index, index + 1) for axis, index in at.items()}
    parts |= {"Y": tile.rows, "X": tile.columns} | ({"C": slice(0, image.sizes.get("C", 1))} if together else {})
    return tuple(parts[axis] for axis in image.axes if axis != "S")


def tile_in_axes(tile: Tile, image: Image) -> np.ndarray:
    """Return a tile's pixels with the axes of its image, in the image's type.

    >>> tile = Tile(np.zeros((5, 7, 1)), slice(0, 5), slice(0, 7), time=0, channel=1, plane=2)
    >>> tile_in_axes(tile, Image(np.zeros((2, 4, 9, 9)), "CZYX")).shape
    (1, 1, 5, 7)
    """
    pixels = tile.pixels
    if "S" in image.axes and pixels.shape[-1] == 1:
        pixels = np.repeat(pixels, 3, axis=-1)  # one color sample by itself is shown gray
    names = "YXS" if "S" in image.axes else "YXC"
    order = [names.index(axis) for axis in image.axes if axis in names]
    if len(order) == 2:
        pixels, names = pixels[..., 0], "YX"
    pixels = pixels.transpose([names.index(axis) for axis in image.axes if axis in names])
    pixels = pixels[tuple(slice(None) if axis in names else None for axis in image.axes)]
    kind = image.data.dtype
    if kind.kind in "iu":
        pixels = np.clip(pixels.round(), np.iinfo(kind).min, np.iinfo(kind).max)
    return pixels.astype(kind)
