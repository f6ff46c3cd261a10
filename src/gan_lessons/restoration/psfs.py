"""The PSF that the user gives, checked: an array or a microscope, for all channels or by channel."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from gan_lessons.degradations import Microscope, prepare_psf
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image

PSF: TypeAlias = np.ndarray | Microscope
PSFs: TypeAlias = PSF | Mapping[int | str, PSF]

MICROMETERS = {"µm": 1, "μm": 1, "um": 1, "micron": 1, "micrometer": 1, "nm": 1e-3, "nanometer": 1e-3, "mm": 1e3}
PIXEL_SIZE_TOLERANCE = 0.02


def psfs_by_channel(psf: PSFs | None, image: Image, channels: int, dimensions: int) -> list[np.ndarray | None]:
    """Return each channel's PSF, or None where none is given for it.

    Parameters
    ----------
    psf : array, Microscope, or mapping of channel (index or name) to either
    image : Image
        Its pixel size completes and checks a microscope's.
    channels : int
        Number of channels that are restored by themselves.
    dimensions : int
        2 for (Y, X), 3 for (Z, Y, X).

    Raises
    ------
    InputError
        If a channel is unknown, or a PSF can't be one.
    """
    if psf is None:
        return [None] * channels
    if not isinstance(psf, Mapping):
        return [as_kernel(psf, image, dimensions)] * channels
    kernels: list[np.ndarray | None] = [None] * channels
    for key, one in psf.items():
        kernels[_channel_index(key, image, channels)] = as_kernel(one, image, dimensions)
    return kernels


def as_kernel(psf: PSF, image: Image, dimensions: int) -> np.ndarray:
    """Return a float32 kernel with odd sides, centered, sum 1; it may be larger than the image."""
    if not isinstance(psf, Microscope):
        return prepare_psf(psf, dimensions)
    scope = _at_pixel_size(psf, image, dimensions)
    _warn_of_sampling(scope, image, dimensions)
    return scope.psf_2d() if dimensions == 2 else scope.psf_3d()


def micrometers(image: Image, axis: str) -> float | None:
    """Return the pixel size along an axis, or None where it or its unit is unknown."""
    factor = MICROMETERS.get(image.unit.get(axis, "").lower().rstrip("s"))
    return image.pixel_size[axis] * factor if factor and axis in image.pixel_size else None


def _channel_index(key: int | str, image: Image, channels: int) -> int:
    names = image.channel_names
    index = names.index(key) if key in names else key
    if not isinstance(index, int) or not 0 <= index < channels:
        have = f"0 to {channels - 1}" + (f" or {', '.join(map(repr, names))}" if names else "")
        raise InputError(f"{image.name}: a PSF is given for channel {key!r}; expected {have}")
    return index


def _at_pixel_size(scope: Microscope, image: Image, dimensions: int) -> Microscope:
    """Take the step between planes from the image where the microscope has none, and compare what both have."""
    step = micrometers(image, "Z")
    if dimensions == 3 and scope.z_step_um is None and step:
        scope = replace(scope, z_step_um=step)
    said = {"Y": scope.pixel_size_um, "X": scope.pixel_size_um, "Z": scope.z_step_um if dimensions == 3 else None}
    for axis, size in said.items():
        found = micrometers(image, axis)
        if size and found and abs(found / size - 1) > PIXEL_SIZE_TOLERANCE:
            raise InputError(
                f"{image.name}: its pixel size along {axis} is {found:g} µm, the microscope's {size:g} µm; "
                "give the microscope the image's, or correct the image's"
            )
    return scope


def _warn_of_sampling(scope: Microscope, image: Image, dimensions: int) -> None:
    limit = scope.nyquist_um()
    slack = 1.5 if scope.confocal else 1.0  # that limit is for a closed pinhole; an open one passes little near it
    steps = [("pixels", scope.pixel_size_um, limit.lateral)]
    if dimensions == 3 and scope.z_step_um:
        steps.append(("planes", scope.z_step_um, limit.axial))
    for what, step, largest in steps:
        if step > slack * largest:
            warnings.warn(
                f"{image.name}: {what} are {step:.3g} µm apart, and these optics need {largest:.3g} µm (Nyquist); "
                "finer detail is mixed up with coarser (aliasing)",
                InputWarning,
                stacklevel=2,
            )
