"""What `restore` and `deconvolve` accept, as an `Image`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.restoration.layout import Layout

if TYPE_CHECKING:
    from gan_lessons.image import Array


def as_image(image: Any, axes: str | None) -> Image:
    """Wrap an array; two axes are rows and columns, more of them must be named.

    Raises
    ------
    InputError
        If it isn't an array of real numbers, or its axes aren't known.
    """
    if isinstance(image, Image):
        return replace(image, axes=axes) if axes else image
    if not hasattr(image, "dtype") or not hasattr(image, "transpose"):
        raise InputError(f"image: found a {type(image).__name__}; expected a numpy array, a dask array or an Image")
    if axes is None and image.ndim > 2:
        raise InputError(
            f"image: an array of shape {image.shape} may be a stack, channels or colors; "
            "say which its axes are, for example axes='ZYX' or axes='YXS'"
        )
    return Image(image, axes or "YX")


def output_dtype(image: Image, dtype: str) -> np.dtype:
    """Return the result's data type for ``"keep"`` or ``"float32"``."""
    if dtype not in ("keep", "float32"):
        raise InputError(f"{image.name}: dtype {dtype!r} isn't known; expected 'keep' or 'float32'")
    return image.data.dtype if dtype == "keep" else np.dtype(np.float32)


def nodata_of(image: Image) -> float | None:
    """Return the value of missing pixels, unless it is nan, which is missing anyway."""
    nodata = image.geo.nodata if image.geo else None
    return None if nodata is None or np.isnan(nodata) else nodata


def has_opacity(image: Image, samples: int = 1) -> bool:
    """Whether the last color sample is opacity, for a network that takes ``samples`` of them together."""
    return image.sizes.get("S") in (2, 4) and image.sizes["S"] != samples


def without_opacity(image: Image) -> Image:
    """Return the color samples alone."""
    return image.with_data(image.data[..., :-1])


def with_opacity(colors: Image, image: Image) -> Image:
    """Put an image's opacity, untouched, behind restored colors."""
    opacity = image.data[..., -1:].astype(colors.data.dtype)
    if isinstance(opacity, np.ndarray):
        return colors.with_data(np.concatenate([colors.data, opacity], axis=-1))
    import dask.array

    return colors.with_data(dask.array.concatenate([colors.data, opacity], axis=-1))


def split_channels(image: Image, *, together: bool) -> tuple[Layout, Array]:
    """Return an image as (T, C, Z, S, Y, X), and how to go back; ``together`` puts channels or colors into S."""
    layout = Layout.of(image.axes, together=together)
    return layout, layout.canonical(image.data)
