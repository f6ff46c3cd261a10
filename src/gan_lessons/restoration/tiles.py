"""Cut a volume into tiles that are restored with a margin and cropped: the result is that of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from gan_lessons.errors import InputError

SIDE_IN_HALOS = 28
"""Rows and columns of a tile in halos of its network: at most 15 % are computed twice."""

LARGEST_SIDE, LARGEST_SIDE_3D = 2560, 1024
"""Of a tile, so that it takes about 1 GB; fewer with three-dimensional filters, which look at many planes at once."""

LARGEST_SIDE_LAZY, LARGEST_SIDE_LAZY_3D = 1024, 768
"""The same for dask arrays: each of dask's threads keeps memory of its own."""

BATCH, BATCH_PIXELS = 16, 2**18
"""Small planes are restored together, up to so many planes and pixels."""

Box = tuple[slice, slice, slice]


class Tile(NamedTuple):
    """Boxes (Z, Y, X) of one tile in the volume: what it gives, what the network sees of it, what is read for that."""

    core: Box
    seen: Box
    read: Box


def tile_grid(shape: Sequence[int], size: Sequence[int], halo: Sequence[int], margin: Sequence[int]) -> Iterator[Tile]:
    """Yield the tiles of a volume, row by row.

    Parameters
    ----------
    shape, size : (Z, Y, X)
        Of the volume, and of a tile's core. To give what the whole gives, a network needs sizes and halos that are
        multiples of its stride.
    halo : (Z, Y, X)
        Added on each side for the network, up to the volume's border.
    margin : (Z, Y, X)
        Added once more for what is computed before the network.

    >>> [tile.core[2] for tile in tile_grid((1, 1, 5), (1, 1, 4), (0, 0, 0), (0, 0, 0))]
    [slice(0, 4, None), slice(4, 5, None)]
    """
    starts = [range(0, length, step) for length, step in zip(shape, size, strict=True)]
    for start in product(*starts):
        core = tuple(slice(a, min(a + step, n)) for a, step, n in zip(start, size, shape, strict=True))
        seen = tuple(_grow(box, grow, n) for box, grow, n in zip(core, halo, shape, strict=True))
        read = tuple(_grow(box, grow, n) for box, grow, n in zip(seen, margin, shape, strict=True))
        yield Tile(core, seen, read)  # type: ignore[arg-type]


def round_up(length: int, stride: int) -> int:
    """Return the smallest multiple of ``stride`` that isn't less than ``length``.

    >>> round_up(50, 8)
    56
    """
    return -(-length // stride) * stride


def within(inner: Sequence[slice], outer: Sequence[slice]) -> tuple[slice, ...]:
    """Return where ``inner`` lies in an array that holds ``outer``.

    >>> within([slice(4, 6)], [slice(3, 9)])
    (slice(1, 3, None),)
    """
    return tuple(slice(i.start - o.start, i.stop - o.start) for i, o in zip(inner, outer, strict=True))


def _grow(box: slice, by: int, length: int) -> slice:
    return slice(max(0, box.start - by), min(length, box.stop + by))


def tile_size(
    tile: int | None, shape: Sequence[int], stride: int, halo: int, reach: int, lazy: bool
) -> tuple[int, int, int]:
    """Return the size of the tiles' cores.

    Parameters
    ----------
    tile : int or None
        Rows and columns that the user wants, rounded up to the stride; None for as many as memory allows.
    shape : (Z, Y, X)
        Of the volume.
    stride, halo : int
        Of the network.
    reach : int
        Planes that filters look at on each side.
    lazy : bool
        Whether dask computes the tiles.
    """
    if tile is not None and tile < 1:
        raise InputError(f"tile is {tile}; expected a number of pixels from 1, or None")
    if reach:
        largest = LARGEST_SIDE_LAZY_3D if lazy else LARGEST_SIDE_3D
    else:
        largest = min(LARGEST_SIDE_LAZY if lazy else LARGEST_SIDE, SIDE_IN_HALOS * max(halo, 1))
    side = round_up(tile or largest, stride)
    area = min(side, shape[1]) * min(side, shape[2])
    depth = reach or max(1, min(BATCH, BATCH_PIXELS // area))
    return depth, side, side
