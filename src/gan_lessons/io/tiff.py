"""TIFF in the dialects of ImageJ and OME, read with its metadata; large ones lazily."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import tifffile

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image
from gan_lessons.io.layout import read_layout

if TYPE_CHECKING:
    from gan_lessons.image import Array

LAZY_ABOVE = 2**28  # bytes; below, a numpy array is quicker and fits anywhere
PLANE_ABOVE = 2**26  # bytes; a plane above is read by its tiles or bundles of its strips
DESCRIPTION = 270  # the tag's code


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
