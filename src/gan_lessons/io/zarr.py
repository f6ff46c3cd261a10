"""OME-Zarr, versions 0.4 and 0.5: read lazily at full resolution, written with its scale and units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import zarr

from gan_lessons.errors import InputError, UnknownAxes
from gan_lessons.image import Image
from gan_lessons.io.units import long_name, symbol

CHUNK = 1024  # pixels; the side of a written chunk: 2 MB a plane at 16 bits


def read_zarr(path: Path, axes: str | None = None) -> Image:
    """Read an OME-Zarr image, or a bare Zarr array if ``axes`` say what it is, as a lazy array.

    Raises
    ------
    InputError
        If the folder holds no image, or its axes are unknown.
    """
    import dask.array

    try:
        node = zarr.open(path, mode="r")
    except Exception as error:  # zarr raises all kinds on damaged metadata
        raise InputError(f"{path}: not readable as Zarr: {' '.join(str(error).split())}") from error
    if isinstance(node, zarr.Array):
        if axes is None:
            told = f"{path}: a bare Zarr array of shape {node.shape} has no axes; say them, as in --axes ZYX"
            raise UnknownAxes(told, node.shape)
        return Image(dask.array.from_zarr(node), axes, name=path.name)
    attributes: dict[str, Any] = dict(node.attrs.get("ome", node.attrs))  # type: ignore[arg-type]
    try:
        scales = attributes["multiscales"][0]
        level = scales["datasets"][0]
        names = [axis["name"] for axis in scales["axes"]]
        array = node[level["path"]]
    except (KeyError, IndexError, TypeError) as error:
        raise InputError(
            f"{path}: no OME-Zarr image here ({error}); expected 'multiscales' metadata with axes"
        ) from error
    steps = np.ones(len(names))
    for transform in [*level.get("coordinateTransformations", []), *scales.get("coordinateTransformations", [])]:
        if transform["type"] == "scale":
            steps = steps * transform["scale"]
    letters = [name.upper() for name in names]
    # A length or a duration without a unit is a step of one by default, not a measured size.
    unit = {
        letter: symbol(axis["unit"]) for letter, axis in zip(letters, scales["axes"], strict=True) if "unit" in axis
    }
    size = {letter: float(step) for letter, step in zip(letters, steps, strict=True) if letter in unit}
    data = dask.array.from_zarr(array)
    return Image(
        data.astype(data.dtype.newbyteorder("=")),
        axes or "".join(letters),
        size,
        unit,
        _channels(attributes),
        name=path.name,
    )


def _channels(attributes: dict[str, Any]) -> tuple[str, ...]:
    labels = [str(channel.get("label", "")) for channel in attributes.get("omero", {}).get("channels", [])]
    return tuple(labels) if any(labels) else ()


def write_zarr(path: Path, image: Image) -> None:
    """Write one resolution level of OME-Zarr 0.5, chunk by chunk.

    Raises
    ------
    InputError
        If the image is a color photograph: OME-Zarr knows channels and no color samples.
    """
    import dask.array
    from ome_zarr.writer import write_image

    if "S" in image.axes:
        raise InputError(f"{image.name}: OME-Zarr has no color axis S; write .png or .tif")
    order = [axis for axis in "TCZYX" if axis in image.axes]
    data = image.data.transpose([image.axes.index(axis) for axis in order])
    if isinstance(data, np.ndarray):
        data = dask.array.from_array(data, chunks=(1,) * (data.ndim - 2) + (CHUNK, CHUNK))
    write_image(
        data,
        str(path),
        scale_factors=[],
        axes="".join(order).lower(),
        scale={letter.lower(): image.pixel_size.get(letter, 1.0) for letter in order},
        axes_units={axis.lower(): long_name(unit) for axis, unit in image.unit.items() if axis in order},
        name=image.name,
    )
    if image.channel_names:
        group = zarr.open_group(path, mode="r+")
        channels = [{"label": name, "color": "FFFFFF", "active": True} for name in image.channel_names]
        group.attrs["ome"] = {**group.attrs["ome"], "omero": {"channels": channels}}  # type: ignore[dict-item]
