"""What is compared: candidates, their truth and a mask, brought to the same axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.restoration.inputs import as_image, has_opacity, nodata_of, without_opacity

if TYPE_CHECKING:
    from gan_lessons.image import Array

ORDER = "TCSZYX"  # so that a volume's axes are the last three
RAW = "raw"
Region = tuple[slice, ...]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Arrays of one shape, numpy or dask, their axes in the order of `ORDER`.

    Parameters
    ----------
    raw : Image or None
        As it was given: what baselines are made from.
    candidates : dict of name to array
        ``"raw"`` among them where there is one.
    reference : array or None
    mask : array of bool or None
        False where a pixel has no value in the file (nodata), too.
    axes : str
    image : Image
        The first candidate, whose pixel size and unit hold for all.
    region : tuple of slices
        Of the last axes, which was cut out of all.
    """

    raw: Image | None
    candidates: dict[str, Array]
    reference: Array | None
    mask: Array | None
    axes: str
    image: Image
    region: Region

    @property
    def shape(self) -> tuple[int, ...]:
        """Of every array."""
        return next(iter(self.candidates.values())).shape

    @property
    def bands(self) -> str | None:
        """The axis of channels or color samples, where there are two or more."""
        return next((axis for axis in "CS" if axis in self.axes and self.shape[self.axes.index(axis)] > 1), None)

    def with_baselines(self, images: Mapping[str, Image]) -> Comparison:
        """Return the comparison with more candidates, behind the recording."""
        more = {name: _cut(_ordered(_without_alpha(image)), self.region) for name, image in images.items()}
        first = {RAW: self.candidates[RAW]}
        return replace(self, candidates={**first, **more, **self.candidates})


def compare_alike(
    candidates: Mapping[str, Any],
    reference: Any = None,
    *,
    axes: str | None = None,
    mask: Array | None = None,
    region: Region | None = None,
) -> Comparison:
    """Bring images to one order of axes, and cut out the region.

    Raises
    ------
    InputError
        If there is no candidate, shapes or axes differ, or the mask or region doesn't fit.
    """
    if not candidates:
        raise InputError("evaluate: no candidate; expected at least one image, by name")
    images = {name: _named(as_image(image, axes), name) for name, image in candidates.items()}
    given = {**images, **({} if reference is None else {"reference": _named(as_image(reference, axes), "reference")})}
    first = next(iter(given.values()))
    for name, image in given.items():
        if set(image.axes) != set(first.axes) or image.sizes != first.sizes:
            raise InputError(
                f"{name}: axes {image.axes} {image.data.shape}; expected those of {first.name}, "
                f"{first.axes} {first.data.shape}: candidates and reference must show the same pixels"
            )
    plain = {name: _without_alpha(image) for name, image in given.items()}
    arrays = {name: _ordered(image) for name, image in plain.items()}
    some = next(iter(plain.values()))
    inside = _mask(mask, plain, arrays)
    cut = _check_region(region, next(iter(arrays.values())).shape)
    return Comparison(
        raw=images.get(RAW),
        candidates={name: _cut(arrays[name], cut) for name in images},
        reference=_cut(arrays["reference"], cut) if reference is not None else None,
        mask=None if inside is None else _cut(inside, cut),
        axes="".join(axis for axis in ORDER if axis in some.axes),
        image=some,
        region=cut,
    )


def _named(image: Image, name: str) -> Image:
    return replace(image, name=name) if image.name == "image" else image


def _without_alpha(image: Image) -> Image:
    return without_opacity(image) if has_opacity(image, 3) else image


def _ordered(image: Image) -> Array:
    return image.data.transpose([image.axes.index(axis) for axis in ORDER if axis in image.axes])


def _mask(mask: Array | None, images: Mapping[str, Image], arrays: Mapping[str, Array]) -> Array | None:
    """Return the mask less what is nodata in any image, in the order of `ORDER`."""
    shape = next(iter(arrays.values())).shape
    inside = mask
    if mask is not None:
        if mask.dtype != bool:
            raise InputError(f"evaluate: the mask is {mask.dtype}; expected bool: pass mask > 0")
        if mask.shape != shape[len(shape) - mask.ndim :]:
            raise InputError(f"evaluate: mask {mask.shape}; expected the images' shape {shape}, or its last axes")
    for name, image in images.items():
        if (nodata := nodata_of(image)) is not None:
            there = arrays[name] != nodata
            inside = there if inside is None else inside & there
    return inside


def _check_region(region: Region | None, shape: tuple[int, ...]) -> Region:
    cut = tuple(region or ())
    if len(cut) > len(shape):
        raise InputError(f"evaluate: a region of {len(cut)} axes; the images have {len(shape)}: {shape}")
    sizes = [len(range(*part.indices(n))) for part, n in zip(cut, shape[len(shape) - len(cut) :], strict=True)]
    if 0 in sizes:
        raise InputError(f"evaluate: the region {cut} is empty on images of {shape}")
    return cut


def _cut(array: Array, region: Region) -> Array:
    """Take the region's last axes, as many as the array has: a mask may have fewer."""
    inside: Any = (..., *region[max(0, len(region) - array.ndim) :])
    return array[inside] if region else array


def finite_inside(array: Array, mask: Array | None, box: Any) -> np.ndarray:
    """Return a part of an array in float64, nan outside of the mask."""
    part = np.asarray(array[box]).astype(np.float64)
    if mask is not None:
        whole = mask[(None,) * (len(array.shape) - mask.ndim)]
        part[~np.broadcast_to(np.asarray(whole[_of_mask(whole.shape, box)]), part.shape)] = np.nan
    return part


def _of_mask(shape: tuple[int, ...], box: tuple[slice, ...]) -> Any:
    return tuple(part if side > 1 else slice(None) for side, part in zip(shape, box, strict=True))
