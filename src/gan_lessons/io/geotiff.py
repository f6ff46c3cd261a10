"""GeoTIFF (extra ``geo``): maps read and written window by window, with their place on Earth."""

from __future__ import annotations

import math
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Geo, Image

if TYPE_CHECKING:
    import rasterio

WINDOW = 1024  # pixels; the side of a block read at once, a multiple of usual tiles
TILE = 256  # pixels; the side of the tiles written


def _rasterio() -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise InputError("maps (GeoTIFF) need rasterio; install it with: pip install 'napari-deblur[geo]'") from error
    return rasterio


def read_geotiff(path: Path, axes: str | None = None) -> Image:
    """Read a map as a lazy array with axes ``CYX``, one channel a band; ``YX`` if it has a single band.

    The pixel size is that of the coordinate reference system, where this has meters.

    Raises
    ------
    InputError
        If rasterio isn't installed, or the file is damaged.
    """
    rasterio = _rasterio()
    import dask.array

    try:
        with warnings.catch_warnings(), rasterio.open(path) as file:
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            geo = Geo(file.crs.to_wkt() if file.crs else "", tuple(file.transform)[:6], file.nodata)
            size = _pixel_size(file)
            names = _band_names(file)
            shape, dtype = (file.count, file.height, file.width), np.dtype(file.dtypes[0])
    except rasterio.errors.RasterioError as error:
        raise InputError(f"{path}: not a readable GeoTIFF: {error}") from error
    chunks = dask.array.core.normalize_chunks((shape[0], WINDOW, WINDOW), shape)
    data = dask.array.map_blocks(_read_window, path=path, chunks=chunks, dtype=dtype, meta=np.empty((0, 0, 0), dtype))
    data = data[0] if shape[0] == 1 else data
    unit = dict.fromkeys(size, "m")
    return Image(data, axes or "CYX"[-data.ndim :], size, unit, names, geo, path.name)


def _read_window(block_info: dict[Any, Any], path: Path) -> np.ndarray:
    """Return the pixels of a block; the file is opened for each, so that any thread may."""
    rasterio = _rasterio()
    (first, last), rows, columns = block_info[None]["array-location"]
    try:
        with rasterio.open(path) as file:
            window = rasterio.windows.Window.from_slices(rows, columns)
            return np.asarray(file.read(list(range(first + 1, last + 1)), window=window))
    except rasterio.errors.RasterioError as error:
        raise InputError(f"{path}: damaged between rows {rows[0]} and {rows[1]}: {error}") from error


def _pixel_size(file: rasterio.DatasetReader) -> dict[str, float]:
    if not (file.crs and file.crs.is_projected and file.crs.linear_units_factor[1] == 1.0):
        return {}
    a, b, _, d, e, _ = tuple(file.transform)[:6]
    return {"Y": math.hypot(b, e), "X": math.hypot(a, d)}


def _band_names(file: rasterio.DatasetReader) -> tuple[str, ...]:
    """Return the bands' descriptions; where there are none, the names of the colors that they stand for."""
    if any(file.descriptions):
        return tuple(text or "" for text in file.descriptions)
    colors = tuple(color.name for color in file.colorinterp)
    return colors if not {"gray", "undefined"} & set(colors) else ()


def write_geotiff(path: Path, image: Image) -> None:
    """Write a tiled, losslessly compressed GeoTIFF; a lazy image is computed and written block by block.

    Raises
    ------
    InputError
        If rasterio isn't installed, or the image has other axes than channels, rows and columns.
    """
    rasterio = _rasterio()
    if image.geo is None or set(image.axes) - set("CYX"):
        raise InputError(f"{image.name}: a GeoTIFF holds axes CYX of a map; found {image.axes}")
    data = image.data.transpose([image.axes.index(axis) for axis in "CYX" if axis in image.axes])
    data = data if data.ndim == 3 else data[np.newaxis]
    profile = dict(
        driver="GTiff",
        count=data.shape[0],
        height=data.shape[1],
        width=data.shape[2],
        dtype=data.dtype.name,
        crs=image.geo.crs or None,
        transform=rasterio.Affine(*image.geo.transform),
        nodata=image.geo.nodata,
        tiled=True,
        blockxsize=TILE,
        blockysize=TILE,
        compress="deflate",
        predictor=3 if data.dtype.kind == "f" else 2,
        bigtiff="if_safer",
    )
    try:
        with warnings.catch_warnings(), rasterio.open(path, "w", **profile) as file:
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            _name_bands(file, image.channel_names)
            _write_windows(file, data)
    except rasterio.errors.RasterioError as error:
        raise OSError(f"GDAL: {error.__cause__ or error}") from error  # `written_beside` makes a line of it


def _name_bands(file: rasterio.io.DatasetWriter, names: tuple[str, ...]) -> None:
    from rasterio.enums import ColorInterp

    if names and all(name in ColorInterp.__members__ for name in names):
        file.colorinterp = [ColorInterp[name] for name in names]
        return
    for band, name in enumerate(names, start=1):
        file.set_band_description(band, name)


class _Windows:
    """An open map as the array into which dask stores blocks."""

    def __init__(self, file: rasterio.io.DatasetWriter) -> None:
        self.file = file

    def __setitem__(self, index: tuple[slice, slice, slice], values: np.ndarray) -> None:
        bands, rows, columns = index
        window = _rasterio().windows.Window.from_slices(rows, columns)
        self.file.write(values, [band + 1 for band in range(bands.start, bands.stop)], window=window)


def _write_windows(file: rasterio.io.DatasetWriter, data: Any) -> None:
    if isinstance(data, np.ndarray):
        file.write(data)
    else:
        import dask.array

        dask.array.store(data, cast(Any, _Windows(file)), lock=threading.Lock())
