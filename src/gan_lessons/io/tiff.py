"""TIFF in the dialects of ImageJ and OME: read with its metadata, large ones lazily; write in bounded memory."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import tifffile

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image
from gan_lessons.io.layout import read_layout

if TYPE_CHECKING:
    from gan_lessons.image import Array

LAZY_ABOVE = 2**28  # bytes; below, a numpy array is quicker and fits anywhere
PLANE_ABOVE = 2**26  # bytes; a plane above is read by its tiles or bundles of its strips
CLASSIC_LIMIT = 2**32 - 2**24  # 32-bit offsets, less some room for the tags
DESCRIPTION = 270  # the tag's code
IMAGEJ_TYPES = ("uint8", "uint16", "float32")
OME_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


def read_tiff(path: Path, axes: str | None = None) -> Image:
    """Read the first image series of a TIFF; a map (GeoTIFF) is passed on to `read_geotiff`.

    Raises
    ------
    InputError
        If the file is damaged, or its axes are unknown.
    """
    try:
        with tifffile.TiffFile(path) as tif:
            _check_complete(tif, path)
            if tif.is_geotiff:
                from gan_lessons.io.geotiff import read_geotiff

                return read_geotiff(path, axes)
            layout = read_layout(tif, axes, str(path))
            images = [series for series in tif.series if series.shape[-2:] != (1, 1) and not series.is_pyramidal]
            if len(images) > 1:
                warnings.warn(f"{path}: holds {len(images)} images; only the first is read", InputWarning, stacklevel=4)
            data = _pixels(tif.series[0], path)
            if "S" in layout.axes and axes is None:  # stored color by color
                last = layout.axes.replace("S", "") + "S"
                data = data.transpose([layout.axes.index(axis) for axis in last])
                layout = replace(layout, axes=last)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: could not be read: {error.strerror or error}") from error
    except Exception as error:  # tifffile and its codecs raise all kinds on damaged files
        raise InputError(f"{path}: not a readable TIFF: {_one_line(error)}") from error
    return Image(data, layout.axes, layout.pixel_size, layout.unit, layout.channel_names, name=path.name)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _check_complete(tif: tifffile.TiffFile, path: Path) -> None:
    """Raise unless pages, pixels and description are in the file: of a truncated one tifffile reads what is left."""
    size = tif.filehandle.size
    if not (_chain_ends(tif) and _description_is_there(tif)):
        raise InputError(f"{path}: the file is truncated ({size} bytes); copy or export it again")
    series = tif.series[0]
    end = series.dataoffset + series.nbytes if series.dataoffset is not None else _end_of_pixels(tif)
    if any(page is None for page in series.pages):
        raise InputError(f"{path}: some of the files that belong to it are missing; put them beside it")
    planes = len(tif.pages) * (series.size // series.keyframe.size)
    if end > size or planes < (tif.imagej_metadata or {}).get("images", 1):
        raise InputError(f"{path}: the file is truncated ({size} bytes, {end} needed); copy or export it again")


def _chain_ends(tif: tifffile.TiffFile) -> bool:
    """Say whether the last page that was found points to no further one."""
    tif.filehandle.seek(tif.pages.next_page_offset or 0)
    return int.from_bytes(tif.filehandle.read(tif.tiff.offsetsize), "little") == 0


def _description_is_there(tif: tifffile.TiffFile) -> bool:
    """Say whether the description, which holds axes and pixel size, could be read if the first page announces one."""
    layout = tif.tiff
    order: Literal["little", "big"] = "little" if tif.byteorder == "<" else "big"
    tif.filehandle.seek(tif.pages.first.offset)
    count = int.from_bytes(tif.filehandle.read(layout.tagnosize), order)
    entries = tif.filehandle.read(count * layout.tagsize)
    codes = {int.from_bytes(entries[start : start + 2], order) for start in range(0, len(entries), layout.tagsize)}
    return DESCRIPTION not in codes or DESCRIPTION in tif.pages.first.tags


def _end_of_pixels(tif: tifffile.TiffFile) -> int:
    return max(o + n for page in tif.pages for o, n in zip(page.dataoffsets, page.databytecounts, strict=True))


def _pixels(series: tifffile.TiffPageSeries, path: Path) -> Array:
    """Return the series in the machine's byte order: a numpy array, or a dask array over a large file."""
    native = series.dtype.newbyteorder("=")
    if series.nbytes <= LAZY_ABOVE:
        return np.asarray(series.asarray()).astype(native, copy=False)
    import dask.array

    by_plane = series.keyframe.nbytes <= PLANE_ABOVE
    store = tifffile.imread(path, series=0, level=0, aszarr=True, chunkmode="page" if by_plane else None)
    lazy = dask.array.from_zarr(store)
    if not by_plane:
        lazy = lazy.rechunk({axis: "auto" for axis in range(lazy.ndim)}, block_size_limit=PLANE_ABOVE)
    return lazy.astype(native)


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
    return {"metadata": told}
