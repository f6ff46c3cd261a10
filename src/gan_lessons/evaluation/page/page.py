"""The page's parts, put into the template."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from gan_lessons.evaluation.evaluation import Evaluation
from gan_lessons.evaluation.page.figures import brightness, spectra
from gan_lessons.evaluation.page.maps import KINDS, panels
from gan_lessons.evaluation.page.table import RACES, groups_of, key_of
from gan_lessons.evaluation.page.views import View, contrast_of, cut_view, data_uri, gray, side_of, views_of
from gan_lessons.image import Image
from gan_lessons.metrics.trust import FalseStructure
from gan_lessons.metrics.trust.structure import finest_period

BAR = 0.2  # of a picture's width, about, that the scale bar takes


class ScaleBar(NamedTuple):
    """A round length, and its share of the picture's width in percent."""

    label: str
    percent: float


class Shown(NamedTuple):
    """One candidate in one view."""

    candidate: str
    view: View
    uri: str
    alt: str
    width: int
    height: int
    aspect: float
    bar: ScaleBar


def render_page(
    found: Evaluation,
    *,
    title: str,
    settings: Mapping[str, Any] | None = None,
    files: Sequence[Mapping[str, str]] = (),
) -> str:
    """Return the evaluation as one HTML file of at most about 10 MB, whatever the images' size.

    Parameters
    ----------
    found : Evaluation
    title : str
        The heading, for example the recording's name.
    settings : mapping, optional
        How the evaluation was made: shown as it is.
    files : sequence of mappings, optional
        Of each file ``name``, ``path``, ``sha256``, and ``made``: the text of the result's own provenance, or "".
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pictures = _shown(found)
    environment = Environment(
        loader=PackageLoader("gan_lessons.evaluation", "page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page.html.jinja").render(
        title=title,
        style=_text("style.css"),
        script=_text("script.js"),
        facts=_facts(found),
        notes=found.notes,
        candidates=list(found.comparison.candidates),
        shown=pictures,
        views=list(dict.fromkeys(one.view for one in pictures)),
        groups=groups_of(found.table),
        key=key_of(found.table),
        races=RACES,
        panels=panels(found, _side(found)),
        panel_bar=lambda columns: scale_bar(columns, found.comparison.image),
        limits=_limits(found),
        spectra=spectra(found),
        scatters=brightness(found),
        blank=[(name, one.false_structure) for name, one in found.trusted.items() if one.false_structure],
        blank_uri=_blank_uri,
        blank_meaning=FalseStructure.MEANING,
        files=list(files),
        settings=settings or {},
        made=datetime.now(UTC).isoformat(timespec="minutes"),
    )


def _side(found: Evaluation) -> int:
    """Return the side of every picture: the more there are, the smaller."""
    names = len(found.comparison.candidates) + 1
    return side_of(names * (4 if found.comparison.axes.count("Z") else 2) + names * len(KINDS))


def _shown(found: Evaluation) -> list[Shown]:
    compared, side = found.comparison, _side(found)
    images = dict(compared.candidates)
    if compared.reference is not None:
        images["reference"] = compared.reference
    shown = []
    for view in views_of(compared, side):
        parts = {name: cut_view(compared, image, view, side) for name, image in images.items()}
        black, white = contrast_of(parts.get("reference", next(iter(parts.values()))))
        for name, values in parts.items():
            rows, columns = values.shape[-2:]
            alt = f"{name}, {view.title[0].lower()}{view.title[1:]}; black is {black:.4g}, white {white:.4g}"
            bar = scale_bar(round(columns / view.share), compared.image)
            aspect = columns / rows / (_stretch(compared.image) if view.axes == "ZX" else 1.0)
            uri = data_uri(gray(values, black, white))
            shown.append(Shown(name, view, uri, alt, columns, rows, aspect, bar))
    return shown


def _stretch(image: Image) -> float:
    """Return how many pixels' width a plane is thick."""
    sizes = image.pixel_size
    same = image.unit.get("Z") == image.unit.get("X")
    return sizes["Z"] / sizes["X"] if same and "Z" in sizes and "X" in sizes else 1.0


def scale_bar(columns: int, image: Image) -> ScaleBar:
    """Return a bar of 1, 2 or 5 times a power of ten; in pixels where the pixel size isn't known.

    >>> scale_bar(500, Image(np.zeros((2, 2)), "YX", {"X": 0.1}, {"X": "µm"}))
    ScaleBar(label='10 µm', percent=20.0)
    """
    size, unit = image.pixel_size.get("X", 1.0), image.unit.get("X", "") if "X" in image.pixel_size else "pixels"
    wanted = BAR * columns * size
    power = 10.0 ** math.floor(math.log10(wanted))
    length = power * max(k for k in (1, 2, 5) if k * power <= wanted * (1 + 1e-9))
    return ScaleBar(f"{length:g} {unit}".strip(), round(100 * length / (columns * size), 2))


def _facts(found: Evaluation) -> list[tuple[str, str]]:
    compared = found.comparison
    image = compared.image
    sizes = ", ".join(f"{image.pixel_size[a]:.4g} {image.unit.get(a, '')} ({a})" for a in image.pixel_size)
    facts = [
        ("Pixels", f"{'×'.join(map(str, compared.shape))} ({compared.axes})"),
        ("Pixel size", sizes or "not known"),
        ("Reference", "given" if compared.reference is not None else "none: the recording itself is the judge"),
        ("PSF", "not given" if found.kernel is None else f"{'×'.join(map(str, found.kernel.shape))} pixels"),
    ]
    if found.data_range is not None:
        facts.append(("Range of PSNR, SSIM, NRMSE", f"{found.data_range:.6g}"))
    return facts


def _limits(found: Evaluation) -> str:
    """Say what can't be judged, in numbers."""
    structure = next((one.overfit or one.structure for one in found.trusted.values() if one.structure), None)
    if structure is None or found.kernel is None:
        return ""
    faintest, period = float(np.nanmedian(structure.limit)), finest_period(found.kernel)
    size = found.comparison.image.pixel_size.get("X")
    length = f" ({period * size:.3g} {found.comparison.image.unit.get('X', '')})" if size else ""
    return (
        f"Here the faintest spot that is found with a probability of 95 % has {faintest:.3g} units of light "
        f"(median over the image), and patterns finer than {period:.3g} pixels{length} can't be judged."
    )


def _blank_uri(blank: FalseStructure) -> str:
    """Return the field of middle brightness before and after, side by side at one contrast."""
    both = np.concatenate([blank.field[1], blank.restored[1]], axis=1)
    return data_uri(gray(both, *contrast_of(blank.field[1])))


def _text(name: str) -> str:
    return (resources.files("gan_lessons.evaluation.page") / name).read_text(encoding="utf-8")
