"""The page's charts: spectra, ring correlation with the reference, brightness against brightness."""

from __future__ import annotations

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.evaluation.alone import middle_plane
from gan_lessons.evaluation.comparison import RAW
from gan_lessons.evaluation.evaluation import Evaluation
from gan_lessons.evaluation.page.charts import Chart, Series, lines, scatter
from gan_lessons.metrics.fourier_ring import ONE_SEVENTH, fourier_ring_correlation
from gan_lessons.metrics.spectrum import radial_power
from gan_lessons.metrics.trust.structure import finest_period

BLOCK = 8  # pixels a side, whose means the scatter shows: sharpening moves light within them


def spectra(found: Evaluation) -> list[Chart]:
    """Return the power spectra of middle planes, and their correlation with the reference's where there is one."""
    compared = found.comparison
    planes = {name: middle_plane(compared, image) for name, image in compared.candidates.items()}
    markers = []
    if found.kernel is not None:
        period = finest_period(found.kernel)
        markers.append((1 / period, f"PSF passes less than 1 % (period {period:.3g} pixels)"))
    truth = None if compared.reference is None else middle_plane(compared, compared.reference)
    everything = planes if truth is None else {**planes, "reference": truth}
    try:
        powers = [Series(name, *radial_power(plane)) for name, plane in everything.items()]
    except InputError:  # too small for a spectrum
        return []
    labels = ("spatial frequency, cycles a pixel", "power")
    alt = f"Power against spatial frequency for {_listed(list(everything))}" + "".join(f"; {m[1]}" for m in markers)
    charts = [lines("Power spectra", alt, powers, labels=labels, logarithmic=True, markers=markers)]
    if truth is not None and (rings := _rings(planes, truth)):
        told = "; ".join(f"{one.name} resolves {_period(one)}" for one in rings)
        charts.append(
            lines(
                "Fourier ring correlation with the reference",
                f"Correlation with the reference against spatial frequency: {told}",
                [*rings, Series("1/7", rings[0].x[[0, -1]], np.full(2, ONE_SEVENTH))],
                labels=(labels[0], "correlation"),
                y_limits=(0.0, 1.0),
                markers=markers,
            )
        )
    return charts


def _rings(planes: dict[str, np.ndarray], truth: np.ndarray) -> list[Series]:
    rings = []
    for name, plane in planes.items():
        try:
            ring = fourier_ring_correlation(plane, truth)
        except InputError:  # constant, not finite, or too small
            continue
        rings.append(Series(name, ring.frequency, ring.smoothed()))
    return rings


def _period(one: Series) -> str:
    below = np.flatnonzero(one.y < ONE_SEVENTH)
    return f"a period of {1 / one.x[below[0]]:.3g} pixels" if below.size else "all that pixels can hold"


def brightness(found: Evaluation) -> list[Chart]:
    """Return a scatter for each result: means of blocks against those of the reference or the recording."""
    compared = found.comparison
    against = compared.reference if compared.reference is not None else compared.candidates.get(RAW)
    if against is None:
        return []
    other = "the reference" if compared.reference is not None else "the recording"
    x = _means(middle_plane(compared, against))
    charts = []
    for name, image in compared.candidates.items():
        trust = found.trusted.get(name)
        if (name == RAW and compared.reference is None) or trust is None or trust.linearity is None:
            continue
        y = _means(middle_plane(compared, image))
        both = np.isfinite(x) & np.isfinite(y)
        if both.sum() < 2:
            continue
        line = trust.linearity
        alt = (
            f"Brightness of {name} against {other}, means of {BLOCK}×{BLOCK} pixels: slope {line.slope:.3g}, "
            f"r² {line.r_squared:.3g}, flux ratio {line.flux_ratio:.3g}"
        )
        cloud = Series(name, x[both], y[both])
        labels = (f"brightness in {other}", f"brightness in {name}")
        charts.append(scatter(name, alt, cloud, labels=labels, line=(line.slope, line.offset)))
    return charts


def _means(plane: np.ndarray) -> np.ndarray:
    rows, columns = (n // BLOCK for n in plane.shape)
    return plane[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK).mean((1, 3)).ravel()


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
