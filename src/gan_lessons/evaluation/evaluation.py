"""`evaluate`: candidates beside each other, with and without a truth, and where not to believe them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gan_lessons.errors import InputError, suggest
from gan_lessons.evaluation.alone import figures_alone
from gan_lessons.evaluation.baselines import BASELINES, Baseline, classical, kernel_of
from gan_lessons.evaluation.columns import COLUMNS
from gan_lessons.evaluation.comparison import Comparison, Region, compare_alike
from gan_lessons.evaluation.judges import Judge, judge_objects
from gan_lessons.evaluation.recording import Recording, judged_box
from gan_lessons.evaluation.trusted import Trusted
from gan_lessons.evaluation.truth import declared_range, figures_against, similarity_map
from gan_lessons.metrics.trust.inputs import Restore

if TYPE_CHECKING:
    import pandas

    from gan_lessons.image import Array
    from gan_lessons.metrics.lpips import LPIPS
    from gan_lessons.restoration.psfs import PSFs

DataRange = float | Literal["reference"] | None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A table, and all that it was made from.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a candidate, a column a figure; `columns.COLUMNS` says what each means.
    maps : dict of candidate to dict of name to float32 array
        Where a figure is good or bad, over ``judged``; nan where that isn't known.
    comparison : Comparison
        The images, their axes in one order.
    trusted : dict of candidate to Trusted
        The measures' results.
    kernel : array or None
        The PSF, (Y, X) or (Z, Y, X).
    judged : tuple of slices
        The part of the images that trust and maps are of: of large images, the middle.
    data_range : float or None
        That figures refer to.
    notes : list of str
        What couldn't be measured, and what was chosen, in a line each.
    """

    table: pandas.DataFrame
    maps: dict[str, dict[str, np.ndarray]]
    comparison: Comparison
    trusted: dict[str, Trusted]
    kernel: np.ndarray | None
    judged: tuple[slice, ...]
    data_range: float | None
    notes: list[str] = field(default_factory=list)


def evaluate(candidates: Mapping[str, Any], **options: Any) -> pandas.DataFrame:
    """Return the table alone; see `examine`, which has the same parameters.

    >>> rng = np.random.default_rng(0)
    >>> truth = np.add.outer(*np.indices((2, 40))[1] * [[1.0], [2.0]])
    >>> table = evaluate({"raw": truth + rng.normal(0, 3, truth.shape)}, reference=truth, data_range=120.0)
    >>> round(table.loc["raw", "psnr"])
    32
    """
    return examine(candidates, **options).table


def examine(
    candidates: Mapping[str, Any],
    *,
    reference: Any = None,
    psf: PSFs | None = None,
    data_range: DataRange = None,
    mask: Array | None = None,
    region: Region | None = None,
    axes: str | None = None,
    baselines: Iterable[Baseline] = BASELINES,
    background: float = 0.0,
    restorations: Mapping[str, Restore] | None = None,
    tile: tuple[int, int] | None = None,
    judge: Judge | None = None,
    objects: np.ndarray | None = None,
    lpips: LPIPS | None = None,
) -> Evaluation:
    """Measure candidates beside each other.

    Parameters
    ----------
    candidates : mapping of name to numpy array, dask array or Image
        All of one shape. The recorded image is called ``"raw"``: without it there is no figure of trust, and no
        baseline. Colors are scored sample by sample, opacity isn't.
    reference : array or Image, optional
        The truth, of the same shape.
    psf : array or Microscope, optional
        In the images' pixels, (Y, X) or (Z, Y, X). With it Wiener and Richardson–Lucy are computed beside the
        candidates unless they are among them (``"wiener"``, ``"rl"``).
    data_range : float or "reference", optional
        Span of intensities that PSNR, SSIM, NRMSE and edges refer to, in the images' units; ``"reference"`` is the
        reference's 99.9th percentile less its minimum. May be left out where all images are of one integer type.
    mask : array of bool, optional
        Of the images' shape or its last axes, in the order TCSZYX. Nothing outside is known to any figure.
    region : tuple of slices, optional
        Of the last axes in that order: all that is looked at.
    axes : str, optional
        Of arrays that have more than two; ``Image`` knows its own.
    baselines : iterable of {"wiener", "rl"}
        Both by default.
    background : float
        Value of a pixel without light, in the images' units.
    restorations : mapping of candidate to callable, optional
        ``image → image`` by which a candidate was made: with it disagreement and false structure can be measured, for
        which it is called 16 times.
    tile : (rows, columns), optional
        Of the tiles that candidates were restored in: with it seams can be measured.
    judge : Nuclei or Detections, optional
        Finds objects in every candidate, and compares them with those in the reference, or with ``objects``.
    objects : array of int, optional
        True labels of objects, of the images' shape: for the judge, and for brightness by object.
    lpips : LPIPS, optional
        The network that measures it.

    Raises
    ------
    InputError
        If images don't fit each other, no range is declared where it is needed, or there is nothing to measure.
    """
    compared = compare_alike(candidates, reference, axes=axes, mask=mask, region=region)
    if compared.raw is None and reference is None:
        raise InputError(
            "evaluate: neither a candidate called 'raw' nor a reference; expected one of them: "
            "figures need something to be compared with"
        )
    notes: list[str] = []
    span = declared_range(compared, data_range, notes) if reference is not None else None
    kernel = None if psf is None else kernel_of(psf, compared.image)
    if kernel is not None and compared.raw is not None:
        compared = compared.with_baselines(classical(compared.raw, kernel, compared.candidates, baselines, background))
    box = judged_box(compared.shape, volumes=kernel is not None and kernel.ndim == 3)
    rows: dict[str, dict[str, float]] = {}
    maps: dict[str, dict[str, np.ndarray]] = {}
    trusted: dict[str, Trusted] = {}
    for name, image in compared.candidates.items():
        rows[name] = figures_alone(compared, image)
        if span is not None:
            rows[name] |= figures_against(compared, image, span, lpips)
            maps[name] = {"similarity": similarity_map(compared, image, span, box)}
    if compared.raw is not None:
        recording = Recording(compared, kernel, objects, background, tile, box, notes)
        trusted = recording.trust(_known(restorations or {}, compared))
    for name, trust in trusted.items():
        rows[name] |= trust.figures()
        maps[name] = maps.get(name, {}) | trust.maps()
    for name, found in ({} if judge is None else judge_objects(judge, compared, objects)).items():
        rows[name] |= found
    return Evaluation(_table(rows), maps, compared, trusted, kernel, box, span, notes)


def _known(restorations: Mapping[str, Restore], compared: Comparison) -> dict[str, Restore]:
    for name in restorations:
        if name not in compared.candidates:
            raise InputError(f"evaluate: a restoration for {name!r}; {suggest(name, compared.candidates)}")
    return dict(restorations)


def _table(rows: Mapping[str, Mapping[str, float]]) -> pandas.DataFrame:
    import pandas

    present = {column for row in rows.values() for column in row}
    ordered = [name for name in COLUMNS if name in present]
    table = pandas.DataFrame.from_dict(rows, orient="index", columns=None)
    return table.reindex(columns=ordered).rename_axis("candidate").astype(float)
