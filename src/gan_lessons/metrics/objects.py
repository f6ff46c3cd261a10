"""Agreement of masks and of counted objects: Dice, intersection over union, and F1 of matched objects."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from gan_lessons.errors import InputError


def dice(mask: np.ndarray, reference: np.ndarray) -> float:
    """Return ``2·|A ∩ B| / (|A| + |B|)`` of two masks (Dice 1945, doi:10.2307/1932409).

    Parameters
    ----------
    mask, reference : array of bool, same shape

    Returns
    -------
    float
        From 0 to 1; NaN where both are empty.

    >>> dice(np.array([True, True, False]), np.array([True, False, False]))
    0.6666666666666666
    """
    both, sizes = _overlap(mask, reference)
    return 2 * both / sizes if sizes else float("nan")


def intersection_over_union(mask: np.ndarray, reference: np.ndarray) -> float:
    """Return ``|A ∩ B| / |A ∪ B|`` of two masks (Jaccard 1901), from 0 to 1; NaN where both are empty.

    >>> intersection_over_union(np.array([True, True, False]), np.array([True, False, False]))
    0.5
    """
    both, sizes = _overlap(mask, reference)
    return both / (sizes - both) if sizes else float("nan")


def _overlap(mask: np.ndarray, reference: np.ndarray) -> tuple[int, int]:
    _check(mask, reference, kinds="b", expected="bool: pass labels > 0")
    return int(np.count_nonzero(mask & reference)), int(np.count_nonzero(mask)) + int(np.count_nonzero(reference))


class Matching(NamedTuple):
    """How many objects were found, missed and invented.

    Parameters
    ----------
    found : int
        Objects that match one of the reference's.
    invented : int
        Objects that match none.
    missed : int
        Objects of the reference that none matches.
    mean_iou : float
        Of the matches; NaN without any.
    """

    found: int
    invented: int
    missed: int
    mean_iou: float

    @property
    def f1(self) -> float:
        """``2·found / (2·found + invented + missed)``, from 0 to 1; NaN where there is no object in either image."""
        objects = 2 * self.found + self.invented + self.missed
        return 2 * self.found / objects if objects else float("nan")


def match_objects(labels: np.ndarray, reference: np.ndarray, iou: float = 0.5) -> Matching:
    """Match objects one to one where their intersection over union is at least ``iou``, as many as possible.

    Above 0.5 an object has no more than one partner. At and below it there can be several: the assignment has the most
    matches, and of those the largest overlaps.

    Parameters
    ----------
    labels, reference : array of int, same shape
        0 is background; objects may be in several pieces.
    iou : float
        In (0, 1].

    >>> match_objects(np.array([1, 1, 0, 2, 2]), np.array([7, 7, 0, 0, 0]))
    Matching(found=1, invented=1, missed=0, mean_iou=1.0)
    """
    _check(labels, reference, kinds="ui", expected="labels as integers: pass skimage.measure.label(mask)")
    if not 0 < iou <= 1:
        raise InputError(f"objects: iou is {iou:g}; expected more than 0 and at most 1")
    names, found = np.unique(labels, return_inverse=True)
    true_names, true = np.unique(reference, return_inverse=True)
    shared = np.zeros((len(names), len(true_names)))
    np.add.at(shared, (found.ravel(), true.ravel()), 1)
    areas, true_areas = shared.sum(1), shared.sum(0)
    overlap = shared / (areas[:, None] + true_areas - shared)
    return _matched(overlap[np.ix_(names != 0, true_names != 0)], iou)


def match_boxes(boxes: np.ndarray, reference: np.ndarray, iou: float = 0.5) -> Matching:
    """Match boxes one to one, as `match_objects` does; boxes may overlap.

    Parameters
    ----------
    boxes, reference : array, (N, 4) and (M, 4)
        Top, left, bottom, right of each.
    iou : float
        In (0, 1].

    >>> match_boxes(np.array([[0, 0, 2, 2], [5, 5, 6, 6]]), np.array([[0, 0, 2, 3]]))
    Matching(found=1, invented=1, missed=0, mean_iou=0.6666666666666666)
    """
    if not 0 < iou <= 1:
        raise InputError(f"objects: iou is {iou:g}; expected more than 0 and at most 1")
    return _matched(overlaps(boxes, reference), iou)


def overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the intersection over union of every box with every other, (N, M); 0 for boxes without area.

    >>> overlaps(np.array([[0, 0, 2, 2]]), np.array([[0, 0, 2, 2], [1, 1, 3, 3]])).round(3)
    array([[1.   , 0.143]])
    """
    for some in (boxes, others):
        if some.ndim != 2 or some.shape[1] != 4:
            raise InputError(f"objects: boxes are {some.shape}; expected (N, 4): top, left, bottom, right")
    first, second = boxes[:, None].astype(np.float64), others[None].astype(np.float64)
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.clip(sides, 0, None).prod(-1)
    areas = [np.clip(some[..., 2:] - some[..., :2], 0, None).prod(-1) for some in (first, second)]
    joint = areas[0] + areas[1] - shared
    return shared / np.where(joint > 0, joint, 1)


def _matched(overlap: np.ndarray, iou: float) -> Matching:
    """Choose pairs from a table of overlaps: the most matches, and of those the largest overlaps."""
    enough = overlap >= iou
    rows, columns = linear_sum_assignment(enough * (overlap + min(overlap.shape, default=0)), maximize=True)
    matched = enough[rows, columns]
    count = int(matched.sum())
    mean = float(overlap[rows, columns][matched].mean()) if count else float("nan")
    return Matching(count, overlap.shape[0] - count, overlap.shape[1] - count, mean)


def _check(found: np.ndarray, reference: np.ndarray, *, kinds: str, expected: str) -> None:
    if found.shape != reference.shape:
        raise InputError(f"objects: {found.shape} and reference {reference.shape} must have the same shape")
    for array in (found, reference):
        if array.dtype.kind not in kinds:
            raise InputError(f"objects: the array is {array.dtype}; expected {expected}")
