"""PNG, JPEG and BMP: gray or color pixels and nothing else."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps, UnidentifiedImageError

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image

PNG_START = b"\x89PNG"
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP"}


def read_photo(path: Path, axes: str | None = None) -> Image:
    """Read gray as ``YX``, color as ``YXS``, turned upright; a palette is resolved to its colors.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    try:
        data = _deep_png(path) if _is_deep_color(path) else _pillow(path)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: not a readable image: {' '.join(str(error).split())}") from error
    return Image(data, axes or "YXS"[: data.ndim], name=path.name)


def _is_deep_color(path: Path) -> bool:
    """Say whether this is a PNG of 16-bit colors, which Pillow would cut to 8 bits without a word."""
    with open(path, "rb") as file:
        header = file.read(26)
    return header.startswith(PNG_START) and len(header) == 26 and header[24] == 16 and header[25] in (2, 4, 6)


def _deep_png(path: Path) -> np.ndarray:
    import imagecodecs

    return np.asarray(imagecodecs.png_decode(path.read_bytes()))


def _pillow(path: Path) -> np.ndarray:
    with PillowImage.open(path) as file:
        file.load()
        picture = ImageOps.exif_transpose(file)
    if picture.mode in ("P", "LA", "PA", "CMYK", "YCbCr", "LAB", "HSV"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return np.array(picture)


def check_photo(kind: str, image: Image, dtype: np.dtype, name: str) -> None:
    """Raise `InputError` unless the format can hold an image's axes, and pixels of this type."""
    allowed = ("uint8", "uint16") if kind == "PNG" else ("uint8",)
    samples = image.sizes.get("S", 3)
    if image.axes not in ("YX", "YXS") or samples not in ((3, 4) if kind == "PNG" else (3,)):
        raise InputError(f"{name}: {kind} can't hold axes {image.axes} {image.data.shape}; write .tif or .zarr")
    if dtype.name not in allowed:
        raise InputError(f"{name}: {kind} can't hold {dtype}; expected {' or '.join(allowed)}, or write .tif")


def write_photo(path: Path, image: Image, name: str) -> None:
    """Write uint8 (PNG also uint16) pixels with axes ``YX`` or ``YXS``.

    Raises
    ------
    InputError
        If the format can't hold the pixels.
    """
    kind = FORMATS[path.suffix.lower()]
    check_photo(kind, image, image.data.dtype, name)
    if image.pixel_size or image.geo:
        warnings.warn(
            f"{name}: {kind} has no place for the pixel size; write .tif to keep it", InputWarning, stacklevel=4
        )
    data = np.ascontiguousarray(image.data)
    if data.dtype == "uint16" and data.ndim == 3:
        import imagecodecs

        path.write_bytes(imagecodecs.png_encode(data))
    else:
        options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
        PillowImage.fromarray(data).save(path, format=kind, **options)
