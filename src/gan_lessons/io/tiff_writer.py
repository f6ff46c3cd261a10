"""TIFF in the dialects of ImageJ and OME, written in bounded memory with axes, pixel size, units and channel names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from gan_lessons.errors import InputError
from gan_lessons.image import Image

if TYPE_CHECKING:
    from gan_lessons.image import Array

CLASSIC_LIMIT = 2**32 - 2**24  # 32-bit offsets, less some room for the tags
IMAGEJ_TYPES = ("uint8", "uint16", "float32")
OME_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


def write_tiff(path: Path, image: Image, *, ome: bool = False) -> None:
    """Write an ImageJ hyperstack where that dialect can hold the image and ``ome`` isn't set, else an OME-TIFF.

    The pixels are not compressed, so that a lazy array is stored block by block in any order.

    Raises
    ------
    InputError
        If neither dialect has the dtype.
    """
    imagej = not ome and _fits_imagej(image)
    if not imagej and image.data.dtype.name not in OME_TYPES:
        raise InputError(
            f"{image.name}: TIFF can't hold {image.data.dtype} with its axes; expected {', '.join(OME_TYPES)}: "
            "convert it, for example to float32"
        )
    order = "".join(axis for axis in ("TZCYXS" if imagej else "TCZYXS") if axis in image.axes)
    data = image.data.transpose([image.axes.index(axis) for axis in order])
    target = tifffile.memmap(
        path,
        shape=data.shape,
        dtype=data.dtype.newbyteorder("="),
        imagej=imagej,
        ome=not imagej,
        bigtiff=data.nbytes >= CLASSIC_LIMIT,
        photometric="rgb" if "S" in order else "minisblack",
        extrasamples=["unassalpha"] if image.sizes.get("S") == 4 else None,
        **(_imagej_metadata(image, order) if imagej else _ome_metadata(image, order)),
    )
    _reserve(path)
    _store(data, target)
    target.flush()


def _fits_imagej(image: Image) -> bool:
    color_fits = "S" not in image.axes or (image.sizes["S"] == 3 and image.data.dtype == "uint8")
    return image.data.dtype.name in IMAGEJ_TYPES and image.data.nbytes < CLASSIC_LIMIT and color_fits


def _reserve(path: Path) -> None:
    """Claim the file's bytes now: a full disk is an error here, and a crash when met through the memory map."""
    if hasattr(os, "posix_fallocate"):
        with open(path, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _store(data: Array, target: np.ndarray) -> None:
    if isinstance(data, np.ndarray):
        target[...] = data
    else:
        import dask.array

        dask.array.store(data, target, lock=False)


def _imagej_metadata(image: Image, order: str) -> dict[str, Any]:
    size, unit = image.pixel_size, {axis: unit.replace("µ", "\\u00B5") for axis, unit in image.unit.items()}
    told: dict[str, Any] = {"axes": order}
    if "X" in unit:
        told["unit"] = unit["X"]
    told |= {f"{axis.lower()}unit": unit[axis] for axis in "YZ" if axis in unit and unit[axis] != unit.get("X")}
    if "Z" in size:
        told["spacing"] = size["Z"]
    if "T" in size:
        told |= {"finterval": size["T"]} | ({"tunit": unit["T"]} if unit.get("T", "s") != "s" else {})
    if image.channel_names and "C" in order:
        planes = int(np.prod([image.sizes[axis] for axis in order if axis in "TCZ"]))
        told["Labels"] = list(image.channel_names) * (planes // len(image.channel_names))  # channels go fastest
    resolution = (1 / size.get("X", 1.0), 1 / size.get("Y", 1.0))
    return {"metadata": told, "resolution": resolution, "resolutionunit": "NONE"}


def _ome_metadata(image: Image, order: str) -> dict[str, Any]:
    told: dict[str, Any] = {"axes": order, "Name": image.name}
    for axis, key, default in (
        ("X", "PhysicalSizeX", "µm"),
        ("Y", "PhysicalSizeY", "µm"),
        ("Z", "PhysicalSizeZ", "µm"),
        ("T", "TimeIncrement", "s"),
    ):
        if axis in image.pixel_size:
            told |= {key: image.pixel_size[axis], f"{key}Unit": image.unit.get(axis, default)}
    if image.channel_names and "C" in order:
        told["Channel"] = {"Name": list(image.channel_names)}
    return {"metadata": told} | _plain_resolution(image)


def _plain_resolution(image: Image) -> dict[str, Any]:
    """Return the pixel size as plain TIFF's tags, for programs that don't read OME's description."""
    size = image.pixel_size
    if not ({"Y", "X"} <= set(size) and image.unit.get("X") == image.unit.get("Y") == "µm"):
        return {}
    return {"resolution": (1e4 / size["X"], 1e4 / size["Y"]), "resolutionunit": "CENTIMETER"}
