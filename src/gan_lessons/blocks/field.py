"""The receptive field of a network, found by walking an interval of its output back through the layers."""

from __future__ import annotations

from collections.abc import Callable

Interval = tuple[int, int]
"""First and last index along one axis, both included."""


def through_conv(seen: Interval, kernel: int, stride: int = 1, padding: int | None = None) -> Interval:
    """Return the inputs that a convolution's outputs depend on; ``padding`` is half the kernel by default.

    >>> through_conv((0, 0), kernel=3)
    (-1, 1)
    """
    padding = (kernel - 1) // 2 if padding is None else padding
    return seen[0] * stride - padding, seen[1] * stride - padding + kernel - 1


def through_transposed(seen: Interval, kernel: int, stride: int, padding: int) -> Interval:
    """Return the inputs that a transposed convolution's outputs depend on.

    >>> through_transposed((0, 0), kernel=4, stride=2, padding=1)
    (-1, 0)
    """
    return -((kernel - 1 - padding - seen[0]) // stride), (seen[1] + padding) // stride


def through_upsampling(seen: Interval, kind: str, scale: int = 2, kernel: int = 4) -> Interval:
    """Return the inputs of a layer of `make_upsampling`."""
    if kind == "transposed":
        return through_transposed(seen, kernel, scale, -(-(kernel - scale) // 2))
    if kind == "resize":
        first, last = through_conv(seen, 3)
        return first // scale, last // scale
    return through_conv((seen[0] // scale, seen[1] // scale), 3)


def join(*intervals: Interval) -> Interval:
    """Return what paths that meet see together.

    >>> join((-3, 1), (0, 2))
    (-3, 2)
    """
    return min(first for first, _ in intervals), max(last for _, last in intervals)


def measure_field(back: Callable[[Interval], Interval], stride: int = 1, scale: int = 1) -> tuple[int, int]:
    """Return a network's receptive field and halo, in input pixels.

    Parameters
    ----------
    back : callable
        From an interval of output pixels to the interval of input pixels that they depend on.
    stride : int
        After so many input pixels the network does the same again.
    scale : int
        Output pixels per input pixel.

    Returns
    -------
    receptive_field : int
        Side of the centered square outside which nothing changes an output pixel, whichever it is.
    halo : int
        What a tile on the stride's grid has to see on each side, rounded up to the stride.

    >>> measure_field(lambda seen: through_conv(seen, 3))
    (3, 1)
    """
    radius = 0
    for pixel in range(stride * scale):
        first, last = back((pixel, pixel))
        radius = max(radius, pixel // scale - first, last - pixel // scale)
    first, last = back((0, stride * scale - 1))
    halo = max(-first, last - stride + 1)
    return 2 * radius + 1, -(-halo // stride) * stride
