"""Three regions of an image that have nothing in common: to train on, to choose by, and to be judged by."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

import numpy as np

from gan_lessons.errors import InputError

ROLES = ("training", "validation", "test")
SHARE = 0.2  # of the length, for validation and for test
LEAST = {"training": 64, "validation": 32, "test": 32}  # pixels


class Region(NamedTuple):
    """Rows and columns of an image, all planes."""

    rows: slice
    columns: slice

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    def grown(self, by: int, shape: tuple[int, int]) -> Region:
        """Return the region with a margin, up to the image's border."""
        rows, columns = (
            slice(max(0, side.start - by), min(length, side.stop + by))
            for side, length in zip(self, shape, strict=True)
        )
        return Region(rows, columns)

    def __str__(self) -> str:
        return f"rows {self.rows.start}:{self.rows.stop}, columns {self.columns.start}:{self.columns.stop}"


def three_regions(activity: np.ndarray, gap: int, stride: int, name: str) -> dict[str, Region]:
    """Cut an image into three strips with a gap between them.

    Of all orders of the strips, along rows and along columns, the one is taken in which the emptiest strip has most
    structure.

    Parameters
    ----------
    activity : array, (Y, X)
        How much there is to see at each pixel, from 0.
    gap : int
        Pixels between two strips: as far as the network looks, so that no pixel is both trained on and judged by.
    stride : int
        Of the network: strips start on its multiples.
    name : str
        Of the image, for messages.

    Raises
    ------
    InputError
        If the image is too small.

    >>> regions = three_regions(np.ones((64, 512)), gap=48, stride=8, name="x")
    >>> [regions[role].sides for role in ROLES]
    [(64, 240), (64, 80), (64, 96)]
    """
    candidates = [strips for axis in (0, 1) for strips in _arrangements(activity.shape, axis, gap, stride)]
    if not candidates or min(activity.shape) < LEAST["validation"]:
        needed = sum(LEAST.values()) + 2 * gap + 2 * stride
        raise InputError(
            f"{name}: {activity.shape[0]}×{activity.shape[1]} pixels are too few for three regions with {gap} between "
            f"them; expected at least {needed} along one side and {LEAST['validation']} along the other, or five images"
        )
    return max(candidates, key=lambda strips: min(float(activity[strip].mean()) for strip in strips.values()))


def regions_around(chosen: Region, activity: np.ndarray, gap: int, stride: int, name: str) -> dict[str, Region]:
    """Train and test beside a validation region that the user chose, as far from it and from each other as needed.

    Each lies on its own side of the chosen region, or both share one side. Of all such places those are taken whose
    training region holds most structure while the test region is not empty.

    Parameters
    ----------
    chosen : Region
        It is moved in to the next multiples of the stride.
    activity, gap, stride, name
        As `three_regions` takes them.

    Raises
    ------
    InputError
        If the chosen region is too small or lies outside, or leaves too little beside it.

    >>> around = regions_around(Region(slice(0, 64), slice(0, 64)), np.ones((64, 512)), gap=48, stride=8, name="x")
    >>> [around[role].columns for role in ROLES]
    [slice(232, 512, None), slice(0, 64, None), slice(112, 180, None)]
    """
    validation = Region(*(slice(_up(side.start, stride), side.stop) for side in chosen))
    inside = all(side.stop <= length for side, length in zip(validation, activity.shape, strict=True))
    if not inside or min(validation.sides) < LEAST["validation"]:
        raise InputError(
            f"{name}: validation region {chosen}; expected {LEAST['validation']} pixels or more along both sides, "
            f"inside the image's {activity.shape[0]}×{activity.shape[1]}, on multiples of {stride}: draw it larger"
        )
    candidates = list(_beside(validation, activity.shape, gap, stride))
    if not candidates:
        raise InputError(
            f"{name}: beside the validation region {validation}, {gap} pixels away from it, no place is left to train "
            "and to test; draw it smaller or nearer to a border, or leave it out"
        )
    return max(candidates, key=lambda two: float(activity[two["training"]].sum() * activity[two["test"]].mean()))


def _beside(validation: Region, shape: tuple[int, ...], gap: int, stride: int) -> Iterator[dict[str, Region]]:
    sides = []
    for along, (side, length) in enumerate(zip(validation, shape, strict=True)):
        spans = slice(0, side.start - gap), slice(_up(side.stop + gap, stride), length)
        whole = slice(0, shape[1 - along])
        sides.append([Region(span, whole) if along == 0 else Region(whole, span) for span in spans])
    opposite = [two for both in sides for two in permutations(both)]
    shared = [two for both in sides for one in both for two in _divided(one, gap, stride)]
    for training, test in [*opposite, *shared]:
        if max(training.sides) >= LEAST["training"] and min(*training.sides, *test.sides) >= LEAST["test"]:
            yield {"training": training, "validation": validation, "test": test}


def _divided(region: Region, gap: int, stride: int) -> Iterator[tuple[Region, Region]]:
    """Cut a region in two along its longer side, in both orders: to train on, and to test."""
    along = int(region.sides[1] > region.sides[0])
    side, whole = region[along], region[1 - along]
    free = side.stop - side.start - gap - stride
    test = max(LEAST["test"], int(SHARE * free))
    for first in (free - test, test):
        middle = side.start + first
        spans = slice(side.start, middle), slice(_up(middle + gap, stride), side.stop)
        one, other = (Region(span, whole) if along == 0 else Region(whole, span) for span in spans)
        yield (other, one) if first == test else (one, other)


def _up(start: int, stride: int) -> int:
    return -(-start // stride) * stride


def _arrangements(shape: tuple[int, ...], axis: int, gap: int, stride: int) -> Iterator[dict[str, Region]]:
    length = shape[axis]
    free = length - 2 * (gap + stride)  # the starts' rounding may take a stride each
    small = max(LEAST["validation"], int(SHARE * free))
    sizes = {"training": free - 2 * small, "validation": small, "test": small}
    if sizes["training"] < LEAST["training"]:
        return
    for order in permutations(ROLES):
        strips, start = {}, 0
        for role in order:
            begin = -(-start // stride) * stride
            end = length if role == order[-1] else begin + sizes[role]
            span, whole = slice(begin, end), slice(0, shape[1 - axis])
            strips[role] = Region(span, whole) if axis == 0 else Region(whole, span)
            start = end + gap
        yield strips
