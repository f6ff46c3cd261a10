"""The recording that candidates were restored from, and how far each can be trusted beside it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.evaluation.comparison import RAW, Comparison, finite_inside
from gan_lessons.evaluation.trusted import Trusted
from gan_lessons.metrics.trust import (
    disagreement,
    estimate_noise,
    false_structure,
    intensity_linearity,
    judge_structure,
    reblur_consistency,
    seam_score,
)
from gan_lessons.metrics.trust.inputs import Restore
from gan_lessons.metrics.trust.reblur import OUTSIDE

Found = TypeVar("Found")
VOXELS = 2**23  # of the part that is judged: every map of it in float64 takes 67 MB


@dataclass(frozen=True, eq=False)
class Recording:
    """The part of the recording that is judged, and what is known of it.

    Parameters
    ----------
    compared : Comparison
        Has a candidate ``"raw"``.
    kernel : array, (Y, X) or (Z, Y, X), or None
    objects : array of int or None
        Labels, of the images' shape or its last axes.
    background : float
    tile : (rows, columns) or None
        Of the tiles' cores; a corner lies in the image's first pixel.
    box : tuple of slices
        See `judged_box`.
    notes : list of str
        What can't be measured is added.
    """

    compared: Comparison
    kernel: np.ndarray | None
    objects: np.ndarray | None
    background: float
    tile: tuple[int, int] | None
    box: tuple[slice, ...]
    notes: list[str]

    def trust(self, restorations: dict[str, Restore]) -> dict[str, Trusted]:
        """Measure all candidates."""
        raw = self._part(self.compared.candidates[RAW])
        if raw.shape != self.compared.shape:
            told = "×".join(map(str, raw.shape)), "×".join(map(str, self.compared.shape))
            self.notes.append(f"trust and its maps are of the middle {told[0]} of {told[1]} pixels")
        if self.thick:
            self.notes.append(
                "re-blur consistency of a stack: light from beyond it counts as of mean brightness, so that its first "
                "and last planes differ for that reason, too"
            )
        truth = None if self.compared.reference is None else self._part(self.compared.reference)
        noise = self._attempt(estimate_noise, raw)
        return {
            name: self._of(name, self._part(image), raw, truth, noise, restorations.get(name))
            for name, image in self.compared.candidates.items()
        }

    def _of(
        self,
        name: str,
        image: np.ndarray,
        raw: np.ndarray,
        truth: np.ndarray | None,
        noise: PoissonGaussian | None,
        restore: Restore | None,
    ) -> Trusted:
        structure = overfit = None
        if noise and self.kernel is not None:
            overfit = self._attempt(judge_structure, image, raw, self.kernel, noise=noise)
            structure = overfit
        if noise and truth is not None:
            # A reference needs no PSF, and a thick one leaves no plane of a stack whose light all comes from inside.
            plane = None if self.thick else self.kernel
            structure = self._attempt(judge_structure, image, raw, plane, reference=truth, noise=noise)
        against = raw if truth is None else truth
        labels = None if self.objects is None else np.broadcast_to(self.objects, self.compared.shape)[self.box]
        return Trusted(
            consistency=self._attempt(
                reblur_consistency, image, raw, self.kernel, outside=1.0 if self.thick else OUTSIDE
            ),
            structure=structure,
            overfit=overfit,
            linearity=None
            if name == RAW and truth is None  # the recording against itself says nothing
            else self._attempt(intensity_linearity, image, against, labels, background=self.background),
            seams=self._attempt(seam_score, image, self.tile, origin=self._corner())
            if self._is_cut() and name != RAW
            else None,
            disagreement=self._attempt(disagreement, restore, raw) if restore else None,
            false_structure=self._attempt(false_structure, restore, raw, noise=noise) if restore and noise else None,
        )

    def _part(self, array: Any) -> np.ndarray:
        return finite_inside(array, self.compared.mask, self.box)

    @property
    def thick(self) -> bool:
        """Whether the PSF joins planes."""
        return self.kernel is not None and self.kernel.ndim == 3

    def _is_cut(self) -> bool:
        return self.tile is not None and any(
            0 < side < n for side, n in zip(self.tile, self.compared.shape[-2:], strict=True)
        )

    def _corner(self) -> tuple[int, int]:
        """Return where the tiles' first corner lies, seen from the part that is judged."""
        cut = [slice(0, None), slice(0, None), *self.compared.region][-2:]
        rows, columns = ((part.start or 0) + inner.start for part, inner in zip(cut, self.box[-2:], strict=True))
        return -rows, -columns

    def _attempt(self, measure: Callable[..., Found], *arguments: Any, **options: Any) -> Found | None:
        """Measure; what can't be is warned of and noted once, and the others are measured all the same."""
        try:
            return measure(*arguments, **options)
        except InputError as error:
            note = f"{measure.__name__.replace('_', ' ')}: not measured; {error}"
            if note not in self.notes:
                self.notes.append(note)
                warnings.warn(note, InputWarning, stacklevel=2)
            return None


def judged_box(shape: tuple[int, ...], volumes: bool, voxels: int = VOXELS) -> tuple[slice, ...]:
    """Return the middle of an image that the measures of trust look at: of a large one, no more than ``voxels``.

    First times and channels are left out, then planes; where a PSF joins all planes, rows and columns instead.

    >>> judged_box((50, 2048, 2048), volumes=False)
    (slice(24, 26, None), slice(0, 2048, None), slice(0, 2048, None))
    >>> judged_box((64, 64), volumes=False)
    (slice(0, 64, None), slice(0, 64, None))
    """
    kept = list(shape)
    whole = 3 if volumes else 2
    for axis in range(len(shape) - whole):
        kept[axis] = max(1, min(kept[axis], voxels // max(1, math.prod(kept[:axis] + kept[axis + 1 :]))))
    if (many := math.prod(kept)) > voxels:
        share = math.sqrt(voxels / many)
        kept[-2:] = [max(1, int(side * share)) for side in kept[-2:]]
    return tuple(slice((n - k) // 2, (n - k) // 2 + k) for n, k in zip(shape, kept, strict=True))
