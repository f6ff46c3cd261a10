"""Compute a dask array chunk by chunk, with progress and cancel, into memory or into a file that is forgotten."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import Cancelled, InputError

if TYPE_CHECKING:
    import dask.array

ReportProgress = Callable[[int, int], None]


def compute_chunks(
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


def mapped_file(lazy: dask.array.Array, name: str) -> np.ndarray:
    """Return an array on disk that is gone with its last user."""
    folder = tempfile.gettempdir()
    needed, free = lazy.nbytes / 2**30, shutil.disk_usage(folder).free / 2**30
    if needed > free:  # a mapped file that finds no room ends the whole process
        raise InputError(
            f"{name}: the result takes {needed:.1f} GiB and {folder} has {free:.1f}; "
            "free some room, set TMPDIR to a folder on another disk, or write a Zarr store"
        )
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, lazy.dtype, "w+", shape=lazy.shape)
