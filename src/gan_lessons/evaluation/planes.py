"""Figures against the truth plane by plane: where along depth or time a restoration gains, and where it loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.losses.structure import TAPS
from gan_lessons.metrics.full_reference import psnr, ssim
from gan_lessons.metrics.pairs import per_plane

if TYPE_CHECKING:
    import pandas

    from gan_lessons.evaluation.evaluation import Evaluation


def plane_table(found: Evaluation) -> pandas.DataFrame:
    """Return PSNR and SSIM of every plane of every candidate, in the evaluation's own range, mask and region.

    Parameters
    ----------
    found : Evaluation
        With a reference.

    Returns
    -------
    DataFrame
        A row a plane: ``candidate``; its index along each axis of ``TCSZ`` that the images have, from 0, in the whole
        image, and where the step is known its place (``"Z, µm"``); ``psnr`` in decibels and ``ssim``, nan where a plane
        has nothing to compare or is smaller than SSIM's window of 11 pixels.

    Raises
    ------
    InputError
        If the evaluation had no reference.

    >>> from gan_lessons.evaluation import examine
    >>> truth = np.tile(np.arange(16.0), (2, 16, 1))
    >>> worse = truth + np.array([1, 2])[:, None, None]
    >>> found = examine({"a": worse}, reference=truth, data_range=20.0, axes="ZYX")
    >>> plane_table(found)[["candidate", "Z", "psnr"]].round(2).values.tolist()
    [['a', 0, 26.02], ['a', 1, 20.0]]
    """
    import pandas

    compared = found.comparison
    if compared.reference is None:
        raise InputError("plane by plane: no reference; expected the truth that planes are compared with")
    axes, count = compared.axes[:-2], compared.shape[:-2]
    whole = (slice(0, None),) * len(compared.axes) + compared.region
    first = [part.start or 0 for part in whole[-len(compared.axes) :]]
    places = np.indices(count).reshape(len(axes), -1)
    where: dict[str, np.ndarray] = {}
    for axis, index, start in zip(axes, places, first, strict=False):
        where[axis] = index + start
        if step := compared.image.pixel_size.get(axis):
            where[f"{axis}, {compared.image.unit.get(axis, '')}"] = where[axis] * step
    tables = []
    for name, image in compared.candidates.items():
        figures = {
            metric.__name__: per_plane(metric, image, compared.reference, found.data_range, mask=compared.mask).ravel()
            if min(compared.shape[-2:]) >= least
            else np.nan
            for metric, least in ((psnr, 1), (ssim, TAPS))
        }
        tables.append(pandas.DataFrame({"candidate": name, **where, **figures}))
    return pandas.concat(tables, ignore_index=True)


def along(planes: pandas.DataFrame, axis: str) -> pandas.DataFrame:
    """Return the mean figures of the planes that share an index along an axis, by candidate.

    Parameters
    ----------
    planes : DataFrame
        As `plane_table` returns it.
    axis : str
        One of its axes.

    Returns
    -------
    DataFrame
        Indexed by ``candidate``, in the table's order, and the index along the axis.
    """
    return planes.groupby(["candidate", axis], sort=False)[["psnr", "ssim"]].mean()
