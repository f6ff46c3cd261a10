"""All measures of a restored image against its truth at once, raw and after the best affine fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError, suggest
from gan_lessons.losses.structure import TAPS
from gan_lessons.metrics.affine import affine_fit
from gan_lessons.metrics.edges import edge_retention
from gan_lessons.metrics.ms_ssim import LEAST, ms_ssim
from gan_lessons.metrics.nrmse import nrmse
from gan_lessons.metrics.pairs import check_pair, check_range, planes
from gan_lessons.metrics.pearson import pearson
from gan_lessons.metrics.psnr import photon_range, psnr
from gan_lessons.metrics.ssim import ssim

if TYPE_CHECKING:
    from gan_lessons.image import Array

__all__ = ["FULL_REFERENCE", "compare", "photon_range", "psnr", "ssim"]

FULL_REFERENCE: dict[str, Callable[..., float]] = {
    "psnr": psnr,
    "ssim": ssim,
    "ms-ssim": ms_ssim,
    "nrmse": nrmse,
    "edge-retention": edge_retention,
}
"""Measures that depend on a range and on gain and offset: by name, all called alike."""

SIDES = {"ssim": TAPS, "ms-ssim": LEAST}  # least pixels along Y and X


def compare(
    image: Array,
    reference: Array,
    data_range: float | None = None,
    *,
    mask: Array | None = None,
    region: tuple[slice, ...] | None = None,
    metrics: Iterable[str] | None = None,
) -> dict[str, float]:
    """Return every measure, raw and, under ``"… fitted"``, after the best affine fit.

    Parameters
    ----------
    image, reference : array, (…, Y, X)
        Same shape, same units. Numpy or dask.
    data_range : float, optional
        In their units, > 0; needed for floats. That of the type for integers.
    mask : array of bool, optional
        Of the image's shape or of its last axes.
    region : tuple of slices, optional
        Of the last axes: what lies outside isn't read.
    metrics : names of `FULL_REFERENCE`, optional
        All by default, but those whose windows are larger than the planes: SSIM needs 11×11 pixels, MS-SSIM 176×176.

    Returns
    -------
    dict
        Each name of ``metrics`` twice, as it is and fitted; ``pearson``, ``gain``, ``offset`` (of the fit), and
        ``compared``, the share of the region's pixels that are in the mask and finite in both.

    >>> scores = compare(np.eye(12), 2 * np.eye(12) + 1, 1.0, metrics=["psnr"])
    >>> round(scores["psnr"], 3), scores["psnr fitted"] > 300, round(scores["gain"], 3)
    (-0.969, True, 2.0)
    """
    check_pair(image, reference, mask)
    data_range = check_range(data_range, image, reference)
    if region is not None:
        if len(region) > image.ndim:
            raise InputError(f"metrics: a region of {len(region)} axes; the image has {image.ndim}: {image.shape}")
        inside: Any = (..., *region)
        mask = None if mask is None else mask[inside[-mask.ndim :] if mask.ndim < len(region) else inside]
        image, reference = image[inside], reference[inside]
    side = min(image.shape[-2:])
    names = [name for name in FULL_REFERENCE if side >= SIDES.get(name, 1)] if metrics is None else list(metrics)
    gain, offset = affine_fit(image, reference, mask)
    scores: dict[str, float] = {}
    for name in names:
        if name not in FULL_REFERENCE:
            raise InputError(f"metrics: unknown metric {name!r}; {suggest(name, FULL_REFERENCE)}")
        metric = FULL_REFERENCE[name]
        scores[name] = metric(image, reference, data_range, mask=mask)
        scores[f"{name} fitted"] = metric(image, reference, data_range, mask=mask, fitted=True)
    compared = sum(int(known.sum()) for _, _, known in planes(image, reference, mask=mask))
    share = compared / float(np.prod(image.shape))
    return scores | {
        "pearson": pearson(image, reference, mask=mask),
        "gain": gain,
        "offset": offset,
        "compared": share,
    }
