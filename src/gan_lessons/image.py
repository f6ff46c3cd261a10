"""The one carrier of pixels between files, layers and the Restorer, and the affine normalization of intensities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gan_lessons.errors import InputError

if TYPE_CHECKING:
    import dask.array

    Array: TypeAlias = np.ndarray | dask.array.Array

AXES = {
    "T": "time",
    "C": "channel or band",
    "Z": "plane",
    "Y": "row",
    "X": "column",
    "S": "colour sample (RGB or RGBA)",
}


@dataclass(frozen=True)
class Geo:
    """Where a map lies.

    Parameters
    ----------
    crs : str
        Coordinate reference system as WKT, or ``""`` where the file has none.
    transform : tuple of 6 floats
        ``(a, b, c, d, e, f)`` of ``x = a·column + b·row + c``, ``y = d·column + e·row + f``.
    nodata : float, optional
        The value that marks a missing pixel.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    nodata: float | None = None


@dataclass(frozen=True, eq=False)
class Image:
    """An array whose axes are named, with all that must survive a restoration.

    Parameters
    ----------
    data : numpy or dask array
        Any real dtype; intensities in the file's own units.
    axes : str
        One letter a dimension out of ``TCZYXS`` (see `AXES`), ``Y`` and ``X`` among them. Three fluorescence channels
        are ``C``; the samples of a colour photograph are ``S``, and come last.
    pixel_size : mapping of axis letter to float
        Only axes whose step is known; in ``unit`` of that axis.
    unit : mapping of axis letter to str
        For example ``{"Y": "µm", "X": "µm", "T": "s"}``.
    channel_names : tuple of str
        Names along ``C`` (band descriptions of a map), or empty.
    geo : Geo, optional
        Only for maps.
    name : str
        The file's or layer's name: error messages begin with it.

    Raises
    ------
    InputError
        If the axes don't fit the array, or a pixel size isn't positive.
    """

    data: Array
    axes: str
    pixel_size: Mapping[str, float] = field(default_factory=dict)
    unit: Mapping[str, str] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()
    geo: Geo | None = None
    name: str = "image"

    def __post_init__(self) -> None:
        check_axes(self.axes, self.data.shape, self.name)
        if self.data.dtype.kind not in "uif":
            raise InputError(
                f"{self.name}: pixels are {self.data.dtype}, which has no intensity scale; "
                "expected integers or floats: convert the image first"
            )
        for axis, size in self.pixel_size.items():
            if not (np.isfinite(size) and size > 0):
                raise InputError(f"{self.name}: pixel size of axis {axis} is {size:g}; expected a positive number")

    @property
    def sizes(self) -> dict[str, int]:
        """Length of every axis, by letter."""
        return dict(zip(self.axes, self.data.shape, strict=True))

    def with_data(self, data: Array, **changes: Any) -> Image:
        """Return the same image with other pixels."""
        return replace(self, data=data, **changes)

    def channel(self, key: int | str) -> Image:
        """Return one channel by its index, from 0, or its name.

        Raises
        ------
        InputError
            If there is no such channel; the message says which there are.

        >>> Image(np.zeros((2, 4, 4)), "CYX", channel_names=("DAPI", "GFP")).channel("GFP").name
        'image GFP'
        """
        names, count = self.channel_names, self.sizes.get("C", 0)
        index = names.index(key) if key in names else key
        if not isinstance(index, int) or not 0 <= index < count:
            have = f"0 to {count - 1}" + (f" or {', '.join(map(repr, names))}" if names else "")
            raise InputError(f"{self.name}: no channel {key!r}; expected {have if count else 'none: it has no axis C'}")
        where = self.axes.index("C")
        data = self.data[(slice(None),) * where + (index,)]
        label = names[index] if names else f"channel {index}"
        return replace(
            self, data=data, axes=self.axes.replace("C", ""), channel_names=(), name=f"{self.name} {label}".strip()
        )


def check_axes(axes: str, shape: tuple[int, ...], name: str = "image") -> None:
    """Raise `InputError` unless ``axes`` names every dimension of ``shape`` once, in letters of `AXES`.

    >>> check_axes("ZYX", (5, 64, 64))
    """
    wrong = sorted(set(axes) - set(AXES))
    if wrong:
        raise InputError(f"{name}: axes {axes!r} have the unknown letter {wrong[0]!r}; expected letters of TCZYXS")
    if len(set(axes)) != len(axes) or not {"Y", "X"} <= set(axes):
        raise InputError(f"{name}: axes {axes!r} must hold Y and X, and no letter twice")
    if "S" in axes and (not axes.endswith("S") or "C" in axes):
        raise InputError(f"{name}: axes {axes!r}: colour samples S come last, and exclude channels C")
    if len(axes) != len(shape):
        raise InputError(
            f"{name}: axes {axes!r} name {len(axes)} dimensions, but the array has {len(shape)}: {shape}; "
            f"say which they are, for example axes={'TCZYX'[-len(shape) :]!r}"
        )
    if 0 in shape:
        raise InputError(f"{name}: the array is empty: shape {shape}")


@dataclass(frozen=True)
class Normalization:
    """The affine map ``(x - offset) / scale`` of one channel, and its exact inverse.

    Parameters
    ----------
    offset, scale : float
        In the image's units; ``scale`` > 0.
    """

    offset: float
    scale: float

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Return float32; the difference is taken in float64, so that a large offset costs no digits."""
        y = x.astype(np.float64)
        y -= self.offset  # in place: a tile of a large image is large in float64
        y /= self.scale
        return y.astype(np.float32)

    def undo(self, x: np.ndarray) -> np.ndarray:
        """Return float64 in the image's units."""
        y = x.astype(np.float64)
        y *= self.scale
        y += self.offset
        return y


def measure_normalization(values: np.ndarray, low: float = 1.0, high: float = 99.9) -> Normalization:
    """Take the offset and the scale of a channel from two of its percentiles, ignoring what isn't finite.

    For a > 0 the normalization of ``a·x + b`` is that of ``x`` moved along, so that a restored image follows any change
    of gain and offset. Where the percentiles coincide the scale is the range, and 1 for a constant.

    >>> measure_normalization(np.array([2.0, 2.0, np.nan]))
    Normalization(offset=2.0, scale=1.0)
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return Normalization(0.0, 1.0)
    bottom, top = np.percentile(finite, [low, high])
    scale = (top - bottom) or float(np.ptp(finite)) or 1.0
    return Normalization(float(bottom), float(scale))
