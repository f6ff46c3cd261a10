"""How a TIFF says what its dimensions are: axes, pixel size, units and channel names of ImageJ's and OME's dialects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import tifffile

from gan_lessons.errors import UnknownAxes
from gan_lessons.image import AXES
from gan_lessons.io.units import symbol

PHOTOMETRIC_COLORS = (tifffile.PHOTOMETRIC.RGB, tifffile.PHOTOMETRIC.YCBCR)


@dataclass(frozen=True)
class Layout:
    """What a TIFF says of its axes, as the fields of `Image` of the same names."""

    axes: str
    pixel_size: dict[str, float] = field(default_factory=dict)
    unit: dict[str, str] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()


def read_layout(tif: tifffile.TiffFile, axes: str | None, name: str) -> Layout:
    """Return the layout of the first series of an open TIFF; ``axes`` is stronger than the file.

    Raises
    ------
    UnknownAxes
        If the file doesn't say what its axes are, and ``axes`` doesn't either.
    """
    series = tif.series[0]
    found = axes or _named_axes(tif)
    unknown = sorted(set(found) - set(AXES))
    if unknown:
        raise UnknownAxes(
            f"{name}: the file doesn't say what its axes are (shape {series.shape}, axes {series.axes!r}); "
            f"say it with axes, one letter of TCZYXS a dimension, for example --axes {found.replace(unknown[0], 'Z')}",
            series.shape,
        )
    if tif.is_ome:
        sizes, names = _ome(tif)
    elif tif.is_imagej:
        sizes, names = _imagej(tif)
    else:
        sizes, names = _plain(tif), ()
    sizes = {axis: size for axis, size in sizes.items() if axis in found}
    return Layout(
        found,
        {axis: value for axis, (value, _) in sizes.items()},
        {axis: unit for axis, (_, unit) in sizes.items() if unit},
        names if "C" in found else (),
    )


def _named_axes(tif: tifffile.TiffFile) -> str:
    """Return tifffile's axes, with samples ``S`` taken for what they are: a photograph's colors, or channels ``C``.

    ImageJ keeps a color photograph as 8-bit RGB without ``channels``; a composite of channels, which it may also write
    as interleaved RGB, has ``channels`` in its description and often 16 bits.
    """
    axes: str = tif.series[0].axes
    page = tif.series[0].keyframe
    if "S" not in axes:
        return axes
    composite = tif.is_imagej and (page.dtype != "uint8" or (tif.imagej_metadata or {}).get("channels", 1) > 1)
    samples = 3 + sum(int(extra) in (1, 2) for extra in page.extrasamples)  # 1 and 2 are the kinds of alpha
    color = page.photometric in PHOTOMETRIC_COLORS and page.samplesperpixel == samples
    return axes if color and not composite else axes.replace("S", "C")


def _imagej(tif: tifffile.TiffFile) -> tuple[dict[str, tuple[float, str]], tuple[str, ...]]:
    """Return (size, unit) by axis, and the channel names, from ImageJ's description and the resolution tags."""
    told = tif.imagej_metadata or {}
    unit = symbol(str(told.get("unit", "")))
    sizes = {}
    if unit not in ("", "pixel", "pixels"):
        for axis, tag in (("X", "XResolution"), ("Y", "YResolution")):
            resolution = _resolution(tif, tag)
            if resolution:
                sizes[axis] = (1 / resolution, symbol(str(told.get(f"{axis.lower()}unit", unit))))
    if told.get("spacing", 0) > 0:
        sizes["Z"] = (float(told["spacing"]), symbol(str(told.get("zunit", unit))))
    if told.get("finterval", 0) > 0:
        sizes["T"] = (float(told["finterval"]), symbol(str(told.get("tunit", "s"))))
    return sizes, _names_in_labels(told.get("Labels", []), int(told.get("channels", 1)))


def _names_in_labels(labels: Any, channels: int) -> tuple[str, ...]:
    """Return the channels' names, if the labels of the planes, among which channels go fastest, are only that."""
    if not isinstance(labels, list) or channels < 2 or len(labels) % channels:
        return ()
    return tuple(labels[:channels]) if labels == labels[:channels] * (len(labels) // channels) else ()


def _ome(tif: tifffile.TiffFile) -> tuple[dict[str, tuple[float, str]], tuple[str, ...]]:
    """Return (size, unit) by axis, and the channel names, from the OME-XML of the first image."""
    images = tifffile.xml2dict(tif.ome_metadata or "")["OME"]["Image"]
    pixels: dict[str, Any] = (images[0] if isinstance(images, list) else images)["Pixels"]
    sizes = {}
    for axis, key, unit in (
        ("X", "PhysicalSizeX", "µm"),
        ("Y", "PhysicalSizeY", "µm"),
        ("Z", "PhysicalSizeZ", "µm"),
        ("T", "TimeIncrement", "s"),
    ):
        if float(pixels.get(key, 0)) > 0:
            sizes[axis] = (float(pixels[key]), symbol(str(pixels.get(f"{key}Unit", unit))))
    channels = pixels.get("Channel", [])
    channels = channels if isinstance(channels, list) else [channels]
    names = tuple(str(channel.get("Name", "")) for channel in channels)
    return sizes, names if any(names) else ()


def _plain(tif: tifffile.TiffFile) -> dict[str, tuple[float, str]]:
    """Return pixels per centimeter as µm. Dots per inch are a print size and say nothing of the specimen."""
    if tif.pages.first.resolutionunit != 3:
        return {}
    found = {"X": _resolution(tif, "XResolution"), "Y": _resolution(tif, "YResolution")}
    return {axis: (1e4 / value, "µm") for axis, value in found.items() if value}


def _resolution(tif: tifffile.TiffFile, tag: str) -> float:
    """Return pixels per unit, 0 where the tag is absent or meaningless."""
    value = tif.pages.first.tags.get(tag)
    if value is None or 0 in value.value:
        return 0.0
    return float(value.value[0] / value.value[1])
