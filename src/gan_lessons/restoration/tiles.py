"""Cut a volume into tiles that are restored with a margin and cropped: the result is that of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

BLOCK_SIDE, BLOCK_PLANES, THIN = 256, 32, 64
"""Rows and columns of a block, and its planes unless the whole volume is as thin as that: 1.3 GB with its margin."""

Box = tuple[slice, slice, slice]


class Tile(NamedTuple):
    """Boxes (Z, Y, X) of one tile in the volume: what it gives, what the network sees of it, what is read for that."""

    core: Box
    seen: Box
    read: Box


def tile_grid(
    shape: Sequence[int],
    size: Sequence[int],
    halo: Sequence[int],
    margin: Sequence[int],
    block: Sequence[int] | None = None,
) -> Iterator[Tile]:
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
    block : (Z, Y, X), optional
        Where what is computed before the network looks farther than any margin: tiles are parts of blocks of this size,
        and each reads what its block sees. So the size of the tiles changes nothing, though the block's would.

    >>> [tile.core[2] for tile in tile_grid((1, 1, 5), (1, 1, 4), (0, 0, 0), (0, 0, 0))]
    [slice(0, 4, None), slice(4, 5, None)]
    >>> [tile.read[2] for tile in tile_grid((1, 1, 5), (1, 1, 2), (0, 0, 0), (0, 0, 1), block=(1, 1, 4))]
    [slice(0, 5, None), slice(0, 5, None), slice(3, 5, None)]
    """
    volume = _box(slice(0, length) for length in shape)
    axes = []
    for length, step, outer in zip(shape, size, block or shape, strict=True):
        axes.append([(whole, core) for whole in _cut(slice(0, length), outer) for core in _cut(whole, step)])
    for parts in product(*axes):
        wholes, cores = zip(*parts, strict=True)
        seen = grown(cores, halo, volume)
        around = grown(wholes, halo, volume) if block else seen
        yield Tile(cores, seen, grown(around, margin, volume))


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


def _cut(whole: slice, step: int) -> list[slice]:
    return [slice(start, min(start + step, whole.stop)) for start in range(whole.start, whole.stop, step)]


def grown(box: Box, by: Sequence[int], limits: Box) -> Box:
    """Return a box that is larger by so much on each side, as far as the limits go.

    >>> grown((slice(0, 2), slice(3, 5), slice(3, 5)), (1, 1, 1), (slice(0, 9), slice(3, 9), slice(0, 9)))
    (slice(0, 3, None), slice(3, 6, None), slice(2, 6, None))
    """
    sides = zip(box, by, limits, strict=True)
    return _box(slice(max(s.start - n, limit.start), min(s.stop + n, limit.stop)) for s, n, limit in sides)


def _box(sides: Iterable[slice]) -> Box:
    return tuple(sides)  # type: ignore[return-value]


def block_size(shape: Sequence[int]) -> tuple[int, int, int]:
    """Return the size of the blocks of a volume (Z, Y, X)."""
    return shape[0] if shape[0] <= THIN else BLOCK_PLANES, BLOCK_SIDE, BLOCK_SIDE


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
