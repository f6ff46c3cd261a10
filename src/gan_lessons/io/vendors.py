"""Microscope vendors' files (extra ``vendors``): CZI, ND2 and LIF, read lazily through bioio."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image

VENDOR_SUFFIXES = (".czi", ".nd2", ".lif")


def open_vendor(path: Path) -> Any:
    """Return bioio's image of a file.

    Raises
    ------
    InputError
        If bioio, or its part for this format, isn't installed, or the file is damaged.
    """
    try:
        from bioio import BioImage
    except ImportError as error:
        told = "CZI, ND2 and LIF files need bioio; install it with: pip install 'napari-deblur[vendors]'"
        raise InputError(f"{path}: {told}") from error
    if not path.exists():
        raise InputError(f"{path}: no such file")
    try:
        return BioImage(path)
    except Exception as error:  # the vendors' libraries raise all kinds
        raise InputError(f"{path}: bioio can't read it: {' '.join(str(error).split())}") from error


def read_vendor(path: Path, axes: str | None = None) -> Image:
    """Read the first scene of a file; axes of length one are left out.

    Raises
    ------
    InputError
        As `open_vendor`, or if the file has other axes than TCZYXS.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the readers' own
        file = open_vendor(path)
        sizes = dict(zip(file.dims.order, file.shape, strict=True))
        found = "".join(axis for axis, size in sizes.items() if size > 1 or axis in "YX")
        data = file.get_image_dask_data(found)
        names = tuple(map(str, file.channel_names or ()))
        steps = file.physical_pixel_sizes
        seconds = file.time_interval
    if len(file.scenes) > 1:
        warnings.warn(f"{path}: holds {len(file.scenes)} images; only the first is read", InputWarning, stacklevel=4)
    size = {axis: float(step) for axis in "ZYX" if axis in found and (step := getattr(steps, axis))}
    unit = dict.fromkeys(size, "µm")
    if "T" in found and seconds:
        size["T"], unit["T"] = seconds.total_seconds() if hasattr(seconds, "total_seconds") else float(seconds), "s"
    axes = axes or found
    kept = {axis: step for axis, step in size.items() if axis in axes and step > 0}
    return Image(
        data,
        axes,
        kept,
        {axis: unit[axis] for axis in kept},
        names if len(names) == sizes.get("C") and "C" in axes else (),
        name=path.name,
    )
