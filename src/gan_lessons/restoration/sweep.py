"""Restore all tiles of all channels: now, into an array, or later, as chunks of a dask array."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.restoration.progress import Counter
from gan_lessons.restoration.restorer import Restorer
from gan_lessons.restoration.tiles import Tile

if TYPE_CHECKING:
    from gan_lessons.image import Array


def restore_now(data: np.ndarray, restorer: Restorer, tiles: list[Tile], counter: Counter) -> np.ndarray:
    """Restore (T, C, Z, S, Y, X) tile by tile."""
    result = np.empty_like(data, dtype=restorer.dtype)  # in the memory order of the original
    for time, channel in np.ndindex(data.shape[:2]):
        stack, restored = data[time, channel], result[time, channel]
        for tile in sorted(tiles, key=_column):
            planes, rows, columns = tile.read
            pixels = restorer.restore_tile(stack[planes, :, rows, columns], tile, channel)
            planes, rows, columns = tile.core
            restored[planes, :, rows, columns] = pixels
            counter.step()
    return result


def _column(tile: Tile) -> tuple[int, int]:
    """Order tiles so that all planes of one place come together: they share the spectra of 3D filters."""
    return tile.core[1].start, tile.core[2].start


def restore_later(data: Array, restorer: Restorer, tiles: list[Tile], counter: Counter) -> Array:
    """Promise (T, C, Z, S, Y, X), a chunk a tile."""
    import dask.array
    from dask.delayed import delayed

    def restore_block(pixels: np.ndarray, tile: Tile, channel: int) -> np.ndarray:
        block = restorer.restore_tile(pixels, tile, channel)[None, None]
        counter.step()
        return block

    promise = delayed(restore_block, pure=False)
    counts = [len({tile.core[axis].start for tile in tiles}) for axis in range(3)]
    times, channels, _, samples = data.shape[:4]
    blocks = np.empty((times, channels, counts[0], 1, *counts[1:]), dtype=object)
    order = product(range(times), range(channels), tiles)
    for index, (time, channel, tile) in zip(np.ndindex(blocks.shape), order, strict=True):
        planes, rows, columns = tile.read
        block = promise(data[time, channel, planes, :, rows, columns], tile, channel)
        depth, height, width = (box.stop - box.start for box in tile.core)
        shape = (1, 1, depth, samples, height, width)
        blocks[index] = dask.array.from_delayed(block, shape, restorer.dtype)
    return dask.array.block(blocks.tolist())
