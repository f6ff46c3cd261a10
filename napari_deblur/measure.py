"""What *Measure* has done in a thread, and what it makes of the evaluation: maps as layers, files."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from napari_deblur.chunks import ReportProgress
from napari_deblur.known_psf import KnownPSF
from napari_deblur.layers import result_layer

if TYPE_CHECKING:
    import pandas
    from napari.layers import Image as ImageLayer

    from gan_lessons.evaluation import Evaluation

ORDER = "TCSZYX"
"""Of the axes of an evaluation."""

COLORMAPS = {"similarity": "viridis", "structure": "RdBu_r", "linearity": "PiYG", "seams": "RdBu_r"}
MIDDLES = {"structure": 0.0, "linearity": 1.0, "seams": 0.0}
"""Of scales with two sides; the others begin at 0."""


@dataclass(frozen=True)
class Measurement:
    """What is to be measured.

    Parameters
    ----------
    candidates : mapping of name to Image
        ``"raw"`` among them.
    reference : Image, optional
    psf : KnownPSF
    data_range : {"reference", None}
        None for that of the images' integer type.
    mask : array of bool, optional
    region : tuple of slices
        Of the axes TCSZYX that the images have; empty for all.
    background : float
    """

    candidates: Mapping[str, Image]
    reference: Image | None = None
    psf: KnownPSF = field(default_factory=KnownPSF)
    data_range: Literal["reference"] | None = "reference"
    mask: np.ndarray | None = None
    region: tuple[slice, ...] = ()
    background: float = 0.0


@dataclass(frozen=True)
class Found:
    """An evaluation, and its figures plane by plane where there are several planes and a reference."""

    evaluation: Evaluation
    planes: pandas.DataFrame | None


def measure(wanted: Measurement, *, progress: ReportProgress, cancel: threading.Event) -> Found:
    """Measure all candidates beside each other."""
    from gan_lessons.evaluation import examine
    from gan_lessons.evaluation.planes import plane_table

    evaluation = examine(
        wanted.candidates,
        reference=wanted.reference,
        psf=wanted.psf.of(wanted.candidates["raw"]),
        data_range=wanted.data_range,
        mask=wanted.mask,
        region=wanted.region or None,
        background=wanted.background,
    )
    several = np.prod(evaluation.comparison.shape[:-2]) > 1
    return Found(evaluation, plane_table(evaluation) if wanted.reference is not None and several else None)


def in_order(values: np.ndarray, axes: str) -> np.ndarray:
    """Bring an array of a layer's last axes into an evaluation's order."""
    names = axes.replace("S", "")[-values.ndim :]
    return values.transpose([names.index(axis) for axis in ORDER if axis in names])


def rows_and_columns(region: tuple[slice, ...], axes: str) -> tuple[slice, slice]:
    """Return a region's rows and columns; along other axes all counts."""
    drawn = dict(zip(axes, region, strict=False))
    return drawn["Y"], drawn["X"]


def map_layers(found: Evaluation, source: ImageLayer) -> list[ImageLayer]:
    """Return every trust map as a layer that lies where its pixels lie, in colors that say good and bad.

    Raises
    ------
    InputError
        If the axes of the maps aren't those of the layer (colors).
    """
    compared = found.comparison
    if len(compared.axes) != source.ndim:
        raise InputError(f"{source.name}: its maps have axes {compared.axes}, a color sample each; look at the report")
    order = [compared.axes.index(axis) for axis in compared.image.axes]
    box = [_shifted(part, cut) for part, cut in zip(found.judged, _whole(compared.region, len(order)), strict=True)]
    region = tuple(box[index] for index in order)
    layers = []
    for candidate, maps in found.maps.items():
        for name, values in maps.items():
            data = values.transpose(order)
            layer = result_layer(source, data, name=f"{candidate}: {name}", provenance={"map": name}, region=region)
            layer.colormap = COLORMAPS.get(name, "inferno")
            layer.contrast_limits = _limits(data, MIDDLES.get(name))
            layer.visible = False
            layers.append(layer)
    return layers


def _whole(region: tuple[slice, ...], axes: int) -> tuple[slice, ...]:
    return (slice(0, None),) * (axes - len(region)) + region


def _shifted(part: slice, by: slice) -> slice:
    start = by.start or 0
    return slice(part.start + start, part.stop + start)


def _limits(values: np.ndarray, middle: float | None) -> tuple[float, float]:
    """Return the range of colors; a single pixel doesn't stretch it."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    if middle is None:
        return 0.0, float(np.percentile(known, 99.9)) or 1.0
    reach = float(np.percentile(abs(known - middle), 99.9)) or 1.0
    return middle - reach, middle + reach


@dataclass(frozen=True)
class Measured:
    """What was measured of which layer, and what was found."""

    source: ImageLayer
    wanted: Measurement
    found: Evaluation
    planes: pandas.DataFrame | None


def save_report(done: Measured, folder: Path) -> list[Path]:
    """Write ``report.html``, ``table.csv`` and, of several planes, ``planes.csv`` into a folder; nothing is replaced.

    Raises
    ------
    InputError
        If the folder isn't there, or holds such files already.
    """
    from gan_lessons.evaluation.page import render_page
    from gan_lessons.io import check_target, written_beside

    if not folder.name:
        raise InputError("no folder is chosen; choose one for report.html and its tables")
    psf = done.wanted.psf
    settings = {"background": done.wanted.background, "psf": psf.kind, **psf.numbers()}
    page = folder / "report.html"
    tables = {folder / "table.csv": done.found.table}
    if done.planes is not None:
        tables[folder / "planes.csv"] = done.planes.set_index("candidate")
    for path in (page, *tables):
        check_target(path)
    with written_beside(page) as part:
        part.write_text(render_page(done.found, title=done.source.name, settings=settings), encoding="utf-8")
    for path, table in tables.items():
        with written_beside(path) as part:
            table.to_csv(part)
    return [page, *tables]
