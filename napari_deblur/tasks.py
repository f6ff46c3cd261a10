"""What the forms have done in a thread: calls of gan_lessons, whose results come with their provenance."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

import gan_lessons
from gan_lessons.errors import Cancelled, InputError
from gan_lessons.image import Image

if TYPE_CHECKING:
    import dask.array

    from gan_lessons.degradations import Microscope
    from gan_lessons.restoration import Report
    from gan_lessons.zoo import Card

PREVIEW_TILE = 256  # a preview computes whole tiles: small ones waste little at its border
ReportProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Choices:
    """What a form offers, once torch is loaded."""

    cards: dict[str, Card]
    devices: list[str]


@dataclass(frozen=True)
class Request:
    """What the form says, frozen as Run is clicked: later changes don't reach the thread.

    Parameters
    ----------
    image : Image
    model : str
        A shipped model's name or a file.
    psf : array or Microscope, optional
    device : str
    """

    image: Image
    model: str
    psf: np.ndarray | Microscope | None
    device: str


@dataclass(frozen=True)
class Restored:
    """Pixels, and how they came about."""

    data: np.ndarray
    provenance: dict[str, Any]


def find_choices(*, progress: ReportProgress, cancel: threading.Event) -> Choices:
    """Read the shipped models' cards and ask torch for its devices: seconds, as it loads all that a run needs."""
    import torch

    # An import can't be cancelled: the first run shouldn't begin with it.
    import gan_lessons.restoration  # noqa: F401
    from gan_lessons.zoo import shipped_models

    devices = ["cuda"] if torch.cuda.is_available() else []
    return Choices(shipped_models(), ["cpu", *devices])


def restore_whole(request: Request, *, progress: ReportProgress, cancel: threading.Event) -> Restored:
    """Restore a layer: numpy in memory, dask tile by tile into a file that is gone with the layer."""
    from gan_lessons.restoration import Report

    report = Report()
    if isinstance(request.image.data, np.ndarray):
        restored = _restore(request, request.image, report, progress=progress, cancel=cancel)
        return Restored(np.asarray(restored.data), _provenance(request, report))
    lazy: Any = _restore(request, request.image, report, cancel=cancel).data
    pixels = _compute(lazy, _mapped_file(lazy, request.image.name), progress, cancel)
    return Restored(pixels, _provenance(request, report))


def restore_region(
    request: Request, region: tuple[slice, ...], *, progress: ReportProgress, cancel: threading.Event
) -> Restored:
    """Restore part of a layer to what `restore_whole` gives there: only the tiles that it touches are computed."""
    import dask.array

    from gan_lessons.restoration import Report

    report = Report()
    data: Any = request.image.data
    if isinstance(data, np.ndarray):
        data = dask.array.from_array(data, name=False)  # a name is a hash of all pixels
    restored = _restore(request, request.image.with_data(data), report, tile=PREVIEW_TILE, cancel=cancel)
    part: Any = restored.data[region]
    return Restored(_compute(part, np.empty(part.shape, part.dtype), progress, cancel), _provenance(request, report))


def _restore(request: Request, image: Image, report: Report, **tokens: Any) -> Image:
    restored: Image = gan_lessons.restore(
        image, request.model, psf=request.psf, device=request.device, report=report, **tokens
    )
    return restored


def _provenance(request: Request, report: Report) -> dict[str, Any]:
    optics = dataclasses.asdict(request.psf) if dataclasses.is_dataclass(request.psf) else {}
    source = {"layer": request.image.name, "axes": request.image.axes, "optics": optics}
    return {**source, **dataclasses.asdict(report), "version": gan_lessons.__version__}


def _compute(
    lazy: dask.array.Array, result: np.ndarray, progress: ReportProgress, cancel: threading.Event
) -> np.ndarray:
    """Fill ``result`` chunk by chunk, each a tile or a part of one."""
    edges = [np.cumsum([0, *sizes]) for sizes in lazy.chunks]
    chunks = list(product(*(range(len(sizes)) for sizes in lazy.chunks)))
    for done, chunk in enumerate(chunks):
        progress(done, len(chunks))
        if cancel.is_set():
            raise Cancelled
        where = tuple(slice(edge[i], edge[i + 1]) for edge, i in zip(edges, chunk, strict=True))
        result[where] = lazy.blocks[chunk].compute(scheduler="threads")
    progress(len(chunks), len(chunks))
    return result


def _mapped_file(lazy: dask.array.Array, name: str) -> np.ndarray:
    """Return an array on disk that is gone with its last user."""
    folder = tempfile.gettempdir()
    needed, free = lazy.nbytes / 2**30, shutil.disk_usage(folder).free / 2**30
    if needed > free:  # a mapped file that finds no room ends the whole process
        raise InputError(
            f"{name}: the result takes {needed:.1f} GiB and {folder} has {free:.1f}; "
            "free some room, or set TMPDIR to a folder on another disk"
        )
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, lazy.dtype, "w+", shape=lazy.shape)
