"""What napari opens and saves through us: files with their axes, pixel sizes, channels and places on Earth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lessons.errors import InputError, UnknownAxes
from gan_lessons.image import Image
from napari_deblur.layers import CHOICES, SOURCE, Source, axes_of, image_of

if TYPE_CHECKING:
    from gan_lessons.io import ChannelOptics

    LayerData = tuple[Any, dict[str, Any], str]
    FullLayerData = tuple[Any, dict[str, Any], str]

COLORMAPS = ("blue", "green", "red", "magenta", "cyan", "yellow")
"""Of channels, in their order: dyes by wavelength, a satellite's bands in their own colors."""

SHOWN = 4  # channels; more than these add up to white


def get_reader(path: str | list[str]) -> Callable[[str | list[str]], list[LayerData]] | None:
    """Return the reader of what `gan_lessons.io.read_image` reads; napari asks with a path or, for a stack, several."""
    from gan_lessons.io import can_read

    paths = [path] if isinstance(path, str) else path
    return read_layers if all(can_read(one) for one in paths) else None


def read_layers(path: str | list[str]) -> list[LayerData]:
    """Read files: a layer a channel, colored where there are several; colors of a photograph stay together."""
    from gan_lessons.io import read_image, read_optics

    paths = [path] if isinstance(path, str) else path
    layers = []
    for one in paths:
        try:
            layers += layers_of(read_image(one), one, read_optics(one))
        except UnknownAxes as error:  # the form asks for them: a layer that shows what is there helps to answer
            guess = CHOICES[len(error.shape)][0]
            layers += [_unnamed(layer) for layer in layers_of(read_image(one, axes=guess), one)]
    return layers


def _unnamed(layer: LayerData) -> LayerData:
    data, settings, kind = layer
    source = replace(settings["metadata"][SOURCE], axes="")
    return data, {**settings, "axis_labels": None, "metadata": {SOURCE: source}}, kind


def layers_of(image: Image, path: str = "", optics: Sequence[ChannelOptics] = ()) -> list[LayerData]:
    """Return an image as napari's layer data: one for a single channel or a photograph, else one a channel."""
    stem = Path(image.name).stem if path else image.name
    if image.sizes.get("C", 1) == 1:
        channel = 0 if "C" in image.axes else None
        one = image if channel is None else image.channel(channel)
        return [_layer(one, stem, Source(path, one.axes, channel, image.geo, _nth(optics, 0)), {})]
    names = image.channel_names or tuple(f"channel {index}" for index in range(image.sizes["C"]))
    layers = []
    for index, (name, colormap) in enumerate(zip(names, _colormaps(names), strict=True)):
        one = image.channel(index)
        source = Source(path, one.axes, index, image.geo, _nth(optics, index), name if image.channel_names else "")
        looks = {"colormap": colormap, "blending": "additive", "visible": index < SHOWN}
        layers.append(_layer(one, f"{stem} {name}".strip(), source, looks))
    return layers


def _nth(optics: Sequence[ChannelOptics], index: int) -> ChannelOptics | None:
    return optics[index] if index < len(optics) else None


def _colormaps(names: Sequence[str]) -> list[str]:
    """Return a colormap a channel; bands that are called red, green and blue have their own."""
    if set(names) <= {"red", "green", "blue"}:
        return list(names)
    return ["magenta", "green"] if len(names) == 2 else [COLORMAPS[i % len(COLORMAPS)] for i in range(len(names))]


def _layer(image: Image, name: str, source: Source, looks: dict[str, Any]) -> LayerData:
    from gan_lessons.io.display import display_range

    axes = image.axes.replace("S", "")
    settings: dict[str, Any] = {
        "name": name,
        "scale": [image.pixel_size.get(axis, 1.0) for axis in axes],
        "units": [image.unit.get(axis, "pixel") if axis in image.pixel_size else "pixel" for axis in axes],
        "axis_labels": [axis.lower() for axis in axes],
        "metadata": {SOURCE: source},
        "rgb": "S" in image.axes,
    }
    if "S" not in image.axes:
        nodata = image.geo.nodata if image.geo else None
        limits = display_range(image.data, nodata)
        settings |= {"contrast_limits": limits, **looks}
        if nodata is not None:
            settings["colormap"] = _transparent(settings.get("colormap", "gray"), nodata, limits)
    return image.data, settings, "image"


def _transparent(colormap: str, nodata: float, limits: tuple[float, float]) -> Any:
    """Return the colormap with missing pixels transparent; nan always is."""
    from napari.utils.colormaps import ensure_colormap

    found = ensure_colormap(colormap).model_copy()
    if nodata < limits[0]:
        found.low_color = "transparent"
    elif nodata > limits[1]:
        found.high_color = "transparent"
    found.name = f"{colormap}, nodata transparent"
    return found


def write_layers(path: str, layers: list[FullLayerData]) -> list[str]:
    """Write image layers into one file, several as its channels; napari has asked before it replaces a file.

    Raises
    ------
    InputError
        If a layer's axes aren't known, or several layers differ in shape or axes.
    """
    from napari.layers import Image as ImageLayer

    from gan_lessons.io import write_image

    images = [_image(ImageLayer(data, **settings)) for data, settings, _ in layers]
    write_image(path, images[0] if len(images) == 1 else _stack(images), overwrite=True)
    return [path]


def _image(layer: Any) -> Image:
    axes = axes_of(layer)
    if not axes:
        raise InputError(
            f"{layer.name}: its axes are not known; name them in napari's console: "
            f"viewer.layers[{layer.name!r}].axis_labels = ('z', 'y', 'x')"
        )
    return image_of(layer, axes)


def _stack(images: list[Image]) -> Image:
    """Put images together as channels, before the planes."""
    import dask.array

    first = images[0]
    for other in images[1:]:
        if (other.axes, other.data.shape) != (first.axes, first.data.shape):
            raise InputError(
                f"{other.name}: {other.axes} {other.data.shape}, but {first.name}: {first.axes} {first.data.shape}; "
                "layers of one file must be alike: save them one by one"
            )
    if "S" in first.axes or "C" in first.axes:
        raise InputError(f"{first.name}: axes {first.axes} hold channels already; save such layers one by one")
    where = first.axes.index("T") + 1 if "T" in first.axes else 0
    data = dask.array.stack([image.data for image in images], axis=where)
    names = tuple(image.channel_names[0] if image.channel_names else image.name for image in images)
    return replace(
        first, data=data, axes=first.axes[:where] + "C" + first.axes[where:], channel_names=names if any(names) else ()
    )
