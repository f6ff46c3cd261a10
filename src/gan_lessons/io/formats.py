"""Which reader and which writer: a file's first bytes decide how it is read, its suffix how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.io.vendors import VENDOR_SUFFIXES, read_vendor

TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PHOTO_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"BM")
ZARR_FILES = ("zarr.json", ".zattrs", ".zarray", ".zgroup")
SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp", ".zarr")


def can_read(path: str | Path) -> bool:
    """Say whether the suffix is that of an image: what a folder of inputs is searched for."""
    return Path(path).suffix.lower() in (*SUFFIXES, *VENDOR_SUFFIXES)


def read_image(
    path: str | Path, *, axes: str | None = None, pixel_size: Mapping[str, float] | float | None = None
) -> Image:
    """Read a TIFF, OME-TIFF, ImageJ TIFF, GeoTIFF, OME-Zarr, PNG, JPEG, BMP, CZI, ND2 or LIF, with its metadata.

    Parameters
    ----------
    path : str or Path
    axes : str, optional
        One letter a dimension out of ``TCZYXS``; needed where the file doesn't say, and then stronger than the file.
    pixel_size : float or mapping of axis to float, optional
        In µm (a single number is that of Y and X); stronger than the file.

    Returns
    -------
    Image
        Its data are a numpy array of the file's dtype; dask for OME-Zarr, GeoTIFF, CZI, ND2, LIF and large TIFF.

    Raises
    ------
    InputError
        If the file is missing, damaged or of another kind, or its axes are unknown and ``axes`` isn't given.
    """
    path = Path(path)
    image = _reader(path)(path, axes)
    return image if pixel_size is None else with_pixel_size(image, pixel_size)


def _reader(path: Path) -> Callable[[Path, str | None], Image]:
    """Return the function that reads this file."""
    if path.suffix.lower() in VENDOR_SUFFIXES:
        return read_vendor
    if path.is_dir():
        if not any((path / name).exists() for name in ZARR_FILES):
            raise InputError(f"{path}: a folder, and not an OME-Zarr image; expected an image file")
        from gan_lessons.io.zarr import read_zarr

        return read_zarr
    start = _first_bytes(path)
    if start.startswith(TIFF_STARTS):
        from gan_lessons.io.tiff import read_tiff

        return read_tiff
    if start.startswith(PHOTO_STARTS):
        from gan_lessons.io.photo import read_photo

        return read_photo
    raise InputError(f"{path}: begins with {start!r}: not an image; expected TIFF, OME-Zarr, PNG, JPEG or BMP")


def _first_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            start = file.read(8)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: could not be read: {error.strerror}") from error
    if not start:
        raise InputError(f"{path}: the file is empty")
    return start


def with_pixel_size(image: Image, pixel_size: Mapping[str, float] | float) -> Image:
    """Return the image with these pixel sizes, in µm, in place of the file's."""
    sizes = pixel_size if isinstance(pixel_size, Mapping) else {"Y": pixel_size, "X": pixel_size}
    absent = sorted(set(sizes) - set(image.axes))
    if absent:
        raise InputError(f"{image.name}: a pixel size for axis {absent[0]}, but the axes are {image.axes}")
    units = {**image.unit, **dict.fromkeys(sizes, "µm")}
    return replace(image, pixel_size={**image.pixel_size, **sizes}, unit=units)


def check_format(path: str | Path, image: Image, *, as_float: bool = False) -> None:
    """Raise `InputError` now if the format of the suffix can't hold a result like this image, or that in float32."""
    from gan_lessons.io.photo import FORMATS, check_photo

    path = Path(path)
    if kind := FORMATS.get(path.suffix.lower()):
        check_photo(kind, image, np.dtype(np.float32) if as_float else image.data.dtype, path.name)


def write_image(path: str | Path, image: Image, *, overwrite: bool = False) -> None:
    """Write an image in the format of the suffix; a dask array is computed block by block, in bounded memory.

    ``.tif`` is a GeoTIFF where the image has a place on Earth, else the dialect of ImageJ where that can hold the
    pixels (uint8, uint16, float32, under 4 GB), else that of OME. ``.ome.tif`` is always OME-TIFF, ``.zarr`` OME-Zarr.
    What PNG, JPEG and BMP can't hold (pixel size, channels) is lost with an `InputWarning`; pixels never are.

    Raises
    ------
    InputError
        If the file exists and ``overwrite`` isn't set, can't be written, or the format can't hold the pixels.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: unknown suffix {suffix!r}; expected one of {', '.join(SUFFIXES)}")
    from gan_lessons.io.beside import written_beside

    with written_beside(path, overwrite=overwrite) as temporary:
        if suffix == ".zarr":
            from gan_lessons.io.zarr import write_zarr

            write_zarr(temporary, image)
        elif suffix not in (".tif", ".tiff"):
            from gan_lessons.io.photo import write_photo

            write_photo(temporary, image, path.name)
        elif image.geo is not None:
            from gan_lessons.io.geotiff import write_geotiff

            write_geotiff(temporary, image)
        else:
            from gan_lessons.io.tiff_writer import write_tiff

            write_tiff(temporary, image, ome=path.stem.lower().endswith(".ome"))
