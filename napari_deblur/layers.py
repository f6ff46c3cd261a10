"""Between napari's layers and the library's Image: axes, pixel size, the visible region, and the result's place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.image import Geo, Image

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer

    from gan_lessons.image import Array
    from gan_lessons.io import ChannelOptics

SOURCE, PROVENANCE = "napari-deblur source", "napari-deblur"
"""Keys in a layer's metadata: what its file says that napari has no place for, and how a result came about."""

LETTERS = {
    "t": "T",
    "time": "T",
    "frame": "T",
    "c": "C",
    "ch": "C",
    "channel": "C",
    "channels": "C",
    "band": "C",
    "z": "Z",
    "depth": "Z",
    "plane": "Z",
    "y": "Y",
    "row": "Y",
    "x": "X",
    "column": "X",
}
CHOICES = {2: ["YX"], 3: ["ZYX", "TYX", "CYX"], 4: ["TZYX", "CZYX", "ZCYX", "TCYX"], 5: ["TCZYX", "TZCYX"]}

# What a result looks like and where it lies. `affine` is not here: an argument shared would be one object.
KEPT = ("scale", "units", "axis_labels", "translate", "rotate", "shear", "blending", "gamma", "opacity", "rendering")


@dataclass(frozen=True)
class Source:
    """What a layer's file says of it, beyond what napari's layers hold.

    Parameters
    ----------
    path : str
        Empty where there is no file.
    axes : str
        Of the layer.
    channel : int, optional
        Of the file's image, where the layer is one of several.
    geo : Geo, optional
    optics : ChannelOptics, optional
    channel_name : str, optional
        Empty for a channel that its file doesn't name.
    """

    path: str = ""
    axes: str = ""
    channel: int | None = None
    geo: Geo | None = None
    optics: ChannelOptics | None = None
    channel_name: str | None = None


def source_of(layer: ImageLayer) -> Source:
    """Return what is known of a layer's file, whichever reader opened it."""
    found = layer.metadata.get(SOURCE)
    return found if isinstance(found, Source) else Source(path=str(layer.source.path or ""))


def axes_of(layer: ImageLayer) -> str:
    """Return the axes where labels, our reader or the run that made the layer say them; else an empty text."""
    choices = axes_choices(layer)
    told = [source_of(layer).axes, layer.metadata.get(PROVENANCE, {}).get("axes", "")]
    return choices[0] if len(choices) == 1 else next((axes for axes in told if axes in choices), "")


def axes_choices(layer: ImageLayer) -> list[str]:
    """Return the axes that a layer can have: one where its labels or its dimensions leave no other."""
    colors = "S" if layer.rgb else ""
    letters = [LETTERS.get(label.lower(), "?") for label in layer.axis_labels]
    if "?" not in letters and len(set(letters)) == layer.ndim:
        return ["".join(letters) + colors]
    return [axes + colors for axes in CHOICES.get(layer.ndim, [])]


def image_of(layer: ImageLayer, axes: str) -> Image:
    """Return the layer's pixels, at full resolution and not copied, with what its scale and units say.

    Raises
    ------
    InputError
        If the axes don't fit the layer.
    """
    steps = dict(zip(axes, zip(layer.scale, layer.units, strict=True), strict=False))  # colors have no step
    physical = {
        axis: (abs(float(step)), unit_name(unit)) for axis, (step, unit) in steps.items() if str(unit) != "pixel"
    }
    source = source_of(layer)
    return Image(
        pixels_of(layer),
        axes,
        geo=source.geo,
        channel_names=() if source.channel_name is None else (source.channel_name,),
        pixel_size={axis: size for axis, (size, _) in physical.items()},
        unit={axis: unit for axis, (_, unit) in physical.items()},
        name=layer.name,
    )


def unit_name(unit: Any) -> str:
    """Return a layer's unit, short; newer releases of pint write micro with the Greek letter, files with the sign."""
    return f"{unit:~}".replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")


def pixels_of(layer: ImageLayer) -> Array:
    """Return a layer's pixels at full resolution: numpy, or dask for whatever is read as it is needed (zarr, HDF5)."""
    import dask.array

    data: Any = layer.data[0] if layer.multiscale else layer.data
    if isinstance(data, (np.ndarray, dask.array.Array)):
        return data
    return dask.array.from_array(data)


def step_um(layer: ImageLayer, axes: str, axis: str) -> float | None:
    """Return the step along an axis in micrometers; None where the layer has no such axis or no length."""
    if axis not in axes:
        return None
    index = axes.index(axis)
    if index >= layer.ndim or not layer.units[index].is_compatible_with("micrometer"):
        return None
    return float((abs(layer.scale[index]) * layer.units[index]).to("micrometer").magnitude)


def result_layer(
    source: ImageLayer, data: Array, *, name: str, provenance: dict[str, Any], region: tuple[slice, ...] = ()
) -> ImageLayer:
    """Return a new layer that lies where its source lies, or where ``region`` lies in it, and looks like it."""
    from napari.layers import Image as ImageLayer

    kept = {key: getattr(source, key) for key in KEPT}
    known = replace(source_of(source), path="", channel=None)  # the file holds other pixels
    if region:
        kept["translate"] = place_of(source, region)
        known = _cut(known, region)
    if not source.rgb:
        kept |= {"colormap": source.colormap, "contrast_limits": source.contrast_limits}
    return ImageLayer(
        data,
        name=name,
        rgb=source.rgb,
        multiscale=False,
        affine=source.affine.affine_matrix.copy(),
        interpolation2d=source.interpolation2d,
        interpolation3d=source.interpolation3d,
        metadata={**source.metadata, SOURCE: known, PROVENANCE: provenance},
        **kept,
    )


def place_of(layer: ImageLayer, region: tuple[slice, ...]) -> np.ndarray:
    """Return the translation of a layer that holds a part of another, whose other settings it shares."""
    from napari.utils.transforms import Affine

    placed = Affine(scale=layer.scale, rotate=layer.rotate, shear=layer.shear, translate=layer.translate)
    return np.asarray(placed([part.start for part in region]))


def _cut(source: Source, region: tuple[slice, ...]) -> Source:
    """Return the source of a part: on a map, it lies elsewhere."""
    if source.geo is None:
        return source
    a, b, c, d, e, f = source.geo.transform
    row, column = (part.start for part in region[-2:])
    moved = (a, b, a * column + b * row + c, d, e, d * column + e * row + f)
    return replace(source, geo=replace(source.geo, transform=moved))
