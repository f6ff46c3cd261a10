"""Objects as the judge: are nuclei, or things in a photograph, found as they are in the truth?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.evaluation.comparison import Comparison, finite_inside
from gan_lessons.metrics.detection import detect_faces, joined
from gan_lessons.metrics.nuclei import segment_nuclei
from gan_lessons.metrics.objects import Matching, dice, intersection_over_union, match_boxes, match_objects

if TYPE_CHECKING:
    from gan_lessons.image import Array


@dataclass(frozen=True)
class Nuclei:
    """Count nuclei, see `segment_nuclei`: volumes where the images have Z, else planes.

    Parameters
    ----------
    diameter : float
        Of a typical nucleus, in pixels.
    """

    diameter: float


@dataclass(frozen=True, eq=False)
class Detections:
    """Find things in photographs.

    Parameters
    ----------
    detect : callable
        Photograph (Y, X) or (Y, X, 3), values from 0 to 1 → boxes (N, 4), as `detect_faces`, the default, or an
        `OnnxDetector`.
    """

    detect: Callable[[np.ndarray], np.ndarray] = field(default=detect_faces)


Judge: TypeAlias = Nuclei | Detections


def judge_objects(judge: Judge, compared: Comparison, objects: np.ndarray | None) -> dict[str, dict[str, float]]:
    """Return each candidate's figures, and the reference's count as a row of its own where there is no candidate.

    Raises
    ------
    InputError
        If there is neither a reference nor true labels to compare with.
    """
    if compared.reference is None and objects is None:
        raise InputError("evaluate: a judge needs true objects; expected a reference, or labels as objects")
    if isinstance(judge, Nuclei):
        return {name: _count_nuclei(judge, compared, image, objects) for name, image in compared.candidates.items()}
    if objects is not None:
        raise InputError("evaluate: labels are for the judge of nuclei; detections are compared with the reference's")
    assert compared.reference is not None
    white = 255.0 if compared.image.data.dtype == np.uint8 else 1.0
    true = [_boxes(judge, photo, white) for photo in _photos(compared, compared.reference)]
    figures = {}
    for name, image in compared.candidates.items():
        found = [_boxes(judge, photo, white) for photo in _photos(compared, image)]
        figures[name] = _figures("detections", [match_boxes(a, b) for a, b in zip(found, true, strict=True)])
    return figures


def _count_nuclei(judge: Nuclei, compared: Comparison, image: Array, objects: np.ndarray | None) -> dict[str, float]:
    matches, here, there = [], [], []
    for place in _fields(compared):
        found = segment_nuclei(finite_inside(image, compared.mask, place).squeeze(), judge.diameter)
        if objects is None:
            assert compared.reference is not None
            true = segment_nuclei(finite_inside(compared.reference, compared.mask, place).squeeze(), judge.diameter)
        else:
            true = np.broadcast_to(objects, compared.shape)[place].squeeze()
        matches.append(match_objects(found, true))
        here.append(found > 0)
        there.append(true > 0)
    masks = np.stack(here), np.stack(there)
    return _figures("nuclei", matches) | {"dice": dice(*masks), "iou": intersection_over_union(*masks)}


def _figures(what: str, matches: list[Matching]) -> dict[str, float]:
    found, invented, missed = (sum(one[k] for one in matches) for k in range(3))
    total = Matching(int(found), int(invented), int(missed), np.nan)
    return {
        what: total.found + total.invented,
        f"{what} F1": total.f1,
        f"{what} invented": total.invented,
        f"{what} missed": total.missed,
    }


def _fields(compared: Comparison) -> Iterator[tuple[slice, ...]]:
    """Yield the place of every plane or volume."""
    whole = 3 if "Z" in compared.axes else 2
    for index in np.ndindex(compared.shape[:-whole]):
        yield (*(slice(i, i + 1) for i in index), *(slice(0, n) for n in compared.shape[-whole:]))


def _photos(compared: Comparison, image: Array) -> Iterator[np.ndarray]:
    """Yield photographs, (Y, X) or, of color samples, (Y, X, 3)."""
    given: Any = image
    last = np.moveaxis(given, compared.axes.index("S"), -1) if "S" in compared.axes else given[..., None]
    for index in np.ndindex(last.shape[:-3]):
        yield np.asarray(last[index]).squeeze(-1) if last.shape[-1] == 1 else np.asarray(last[index])


def _boxes(judge: Detections, photo: np.ndarray, white: float) -> np.ndarray:
    return joined(judge.detect(photo.astype(np.float64) / white))
