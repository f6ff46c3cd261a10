"""What the forms have done in a thread: calls of gan_lessons, whose results come with their provenance."""

from __future__ import annotations

import dataclasses
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import gan_lessons
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image
from napari_deblur.chunks import ReportProgress, compute_chunks, mapped_file
from napari_deblur.request import Request

if TYPE_CHECKING:
    from gan_lessons.image import Array
    from gan_lessons.restoration import Report
    from gan_lessons.zoo import Card

PREVIEW_TILE = 256  # a preview computes whole tiles: small ones waste little at its border
CLASSICAL_MARGIN = 64  # pixels beyond a preview: iterations reach farther than the PSF, but fade
SMALLEST_TILE = 64


@dataclass(frozen=True)
class Restored:
    """Pixels, how they came about, and what script does it again."""

    data: Array
    provenance: dict[str, Any]
    request: Request

    @property
    def summary(self) -> str:
        """What deserves to be read of it: clipped pixels, an estimate in the PSF's place; else nothing."""
        clipped, origins = self.provenance["clipped"], self.provenance["settings"].get("psf", [])
        told = [f"PSF {origin}" for origin in dict.fromkeys(origins) if origin.startswith("estimated")]
        return "; ".join(told + ([f"{clipped} pixels were clipped to the limits of their type"] if clipped else []))


def find_cards() -> tuple[dict[str, Card], list[str]]:
    """Return the cards of the models that a form can offer, shipped and the user's own; and what can't be read."""
    from gan_lessons.zoo import own_models, read_card, shipped_models

    cards, damaged = shipped_models(), []
    for name, path in own_models().items():
        try:
            cards[name] = read_card(path)
        except InputError as error:
            damaged.append(str(error))
    return cards, damaged


def restore_whole(request: Request, *, progress: ReportProgress, cancel: threading.Event) -> Restored:
    """Restore a layer: into memory, a store or a promise; large dask arrays into a file that is gone with the layer."""
    from gan_lessons.restoration import Report

    report = Report()
    if request.lazy:
        promised = restore_image(request.over(_as_dask(request.image)), report, tile=request.tile)
        return _finish(promised.data, request, report)
    if request.store:
        return _finish(_into_store(request, report, progress=progress, cancel=cancel), request, report)
    if isinstance(request.image.data, np.ndarray):
        restored = _with_memory(request, report, progress=progress, cancel=cancel)
        return _finish(np.asarray(restored.data), request, report)
    lazy: Any = restore_image(request, report, tile=request.tile, cancel=cancel).data
    pixels = compute_chunks(lazy, mapped_file(lazy, request.image.name), progress, cancel)
    return _finish(pixels, request, report)


def restore_region(
    request: Request, region: tuple[slice, ...], *, progress: ReportProgress, cancel: threading.Event
) -> Restored:
    """Restore part of a layer to what `restore_whole` gives there, computing what is near it and no more.

    A network's result is the whole's. A classical method's is nearly: light from beyond its margin is left out.
    """
    from gan_lessons.restoration import Report

    report = Report()
    if request.classical:
        grown, inner = _grow(request.image, region)
        restored = restore_image(request, report, grown, progress=progress, cancel=cancel)
        return _finish(np.ascontiguousarray(restored.data[inner]), request, report)
    lazy: Any = restore_image(request.over(_as_dask(request.image)), report, tile=PREVIEW_TILE, cancel=cancel).data
    part = lazy[region]
    return _finish(compute_chunks(part, np.empty(part.shape, part.dtype), progress, cancel), request, report)


def estimate_blur(image: Image, *, progress: ReportProgress, cancel: threading.Event) -> str:
    """Say in words how blurred each channel is."""
    from gan_lessons.restoration import estimate_psf

    pixel = f" ({{:.3g}} {image.unit['X']})" if "X" in image.pixel_size and "X" in image.unit else ""
    step = image.pixel_size.get("X", 0.0)
    widths = [found.width for found in estimate_psf(image)]
    told = ", ".join(f"{width:.1f} pixels{pixel.format(width * step)}" for width in widths)
    return f"{image.name}: blurred over {told} (full width at half maximum, off by 14 % in the median)"


def restore_image(request: Request, report: Report, region: tuple[slice, ...] = (), **tokens: Any) -> Image:
    """Call the library; a PSF that is estimated comes from the whole image, whatever part is restored."""
    image = request.image
    psf = request.psf.of(image)
    part = image.with_data(image.data[region]) if region else image
    if request.classical:
        tokens.pop("tile", None)
        if psf is None:
            raise InputError(f"{image.name}: {request.method} needs a PSF; choose one in the section PSF")
        method: Any = request.method
        return gan_lessons.deconvolve(part, psf, method=method, report=report, **request.options, **tokens)
    restored: Image = gan_lessons.restore(part, request.method, psf=psf, report=report, **request.options, **tokens)
    return restored


def _with_memory(request: Request, report: Report, **tokens: Any) -> Image:
    """Restore an array; where memory runs out, once more with smaller tiles, and say so."""
    from gan_lessons.restoration.memory import is_out_of_memory

    try:
        return restore_image(request, report, tile=request.tile, **tokens)
    except (MemoryError, RuntimeError) as error:
        whole = max(request.image.sizes[axis] for axis in "YX")
        tile = max(min(report.settings.get("tile", [0])[-1], whole) // 4, SMALLEST_TILE)  # a sixteenth of the memory
        if request.classical or not is_out_of_memory(error):
            raise
        told = f"{request.image.name}: not enough memory; tried again with tiles of {tile} pixels"
        warnings.warn(told, InputWarning, stacklevel=2)
    return restore_image(request, report, tile=tile, **tokens)


def _into_store(request: Request, report: Report, *, progress: ReportProgress, cancel: threading.Event) -> Array:
    """Restore block by block into a Zarr store, and return its lazy array in the layer's own order of axes."""
    from gan_lessons.io import read_image, write_image

    assert request.store is not None
    image = _as_dask(request.image)
    restored = restore_image(request.over(image), report, tile=request.tile, progress=progress, cancel=cancel)
    write_image(request.store, restored)
    stored = read_image(request.store)
    return stored.data.transpose([stored.axes.index(axis) for axis in image.axes])


def _as_dask(image: Image) -> Image:
    import dask.array

    if not isinstance(image.data, np.ndarray):
        return image
    return image.with_data(dask.array.from_array(image.data, name=False))  # a name is a hash of all pixels


def _grow(image: Image, region: tuple[slice, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return a region with its margin, all planes and channels in it; and where the region lies in that."""
    grown, inner = [], []
    for axis, part, length in zip(image.axes, region, image.data.shape, strict=False):
        margin = CLASSICAL_MARGIN if axis in "YX" else 0 if axis == "T" else length
        start, stop = max(0, part.start - margin), min(length, part.stop + margin)
        grown.append(slice(start, stop))
        inner.append(slice(part.start - start, part.stop - start))
    return tuple(grown), tuple(inner)


def _finish(data: Array, request: Request, report: Report) -> Restored:
    """Bring pixels together with all that made them."""
    optics = {"psf": request.psf.kind, **request.psf.numbers()}
    source = {"layer": request.image.name, "file": request.source.path, "axes": request.image.axes, "optics": optics}
    told = {**source, **dataclasses.asdict(report), "version": gan_lessons.__version__}
    tile = None if request.classical or request.lazy else report.settings["tile"][-1]
    return Restored(data, told, dataclasses.replace(request, tile=tile))
