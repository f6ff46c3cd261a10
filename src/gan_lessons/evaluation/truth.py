"""Figures against the reference, and the range that they refer to."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.evaluation.comparison import Comparison
from gan_lessons.losses.structure import TAPS
from gan_lessons.metrics.full_reference import compare, photon_range
from gan_lessons.metrics.pairs import check_range
from gan_lessons.metrics.spectral_angle import spectral_angle
from gan_lessons.metrics.ssim import ssim_map

if TYPE_CHECKING:
    from gan_lessons.image import Array
    from gan_lessons.metrics.lpips import LPIPS

MUCH_WIDER = 8  # times what the reference spans: every PSNR looks good


def declared_range(compared: Comparison, data_range: Any, notes: list[str]) -> float:
    """Return the range in the images' units: as declared, the reference's, or that of the one integer type of all.

    Raises
    ------
    InputError
        If it isn't declared and the images are floats or of several types, or isn't positive.
    """
    reference = compared.reference
    assert reference is not None
    if isinstance(data_range, str):
        if data_range != "reference":
            raise InputError(f"evaluate: data_range {data_range!r}; expected a number or 'reference'")
        span = photon_range(np.asarray(reference))
        if not span > 0:
            raise InputError("evaluate: the reference is constant and has no range; pass data_range as a number")
        return span
    spans = [check_range(data_range, image, reference) for image in compared.candidates.values()]
    span = spans[0]
    if data_range is None and span > MUCH_WIDER * (found := photon_range(np.asarray(reference))):
        notes.append(
            f"PSNR, SSIM and NRMSE refer to all of {reference.dtype}, and the reference spans {found:.6g}: every "
            "figure looks good; declare the range, or 'reference'"
        )
        warnings.warn(notes[-1], InputWarning, stacklevel=3)
    return span


def figures_against(compared: Comparison, image: Array, span: float, lpips: LPIPS | None) -> dict[str, float]:
    """Return a candidate's figures, raw and fitted."""
    reference, mask = compared.reference, compared.mask
    assert reference is not None
    figures = compare(image, reference, span, mask=mask)
    for suffix, fitted in (("", False), (" fitted", True)):
        if bands := compared.bands:
            axis = compared.axes.index(bands)
            within = None if mask is None or mask.ndim == 2 else np.all(np.broadcast_to(mask, image.shape), axis=axis)
            figures[f"spectral angle{suffix}"] = spectral_angle(
                image, reference, axis=axis, mask=mask if within is None else within, fitted=fitted
            )
        if lpips is not None:
            figures[f"lpips{suffix}"] = _lpips(compared, image, span, lpips, fitted)
    return figures


def _lpips(compared: Comparison, image: Array, span: float, lpips: LPIPS, fitted: bool) -> float:
    """Score colors together, anything else as gray planes; black is 0, or what the reference has least."""
    reference = compared.reference
    assert reference is not None
    color = compared.bands == "S"
    black = 0.0 if color else float(np.nanmin(np.asarray(reference)))
    both: list[Any] = [image, reference]
    if color:
        both = [np.moveaxis(array, compared.axes.index("S"), -1) for array in both]
    mask = None if compared.mask is None or compared.mask.ndim > 2 else compared.mask
    return lpips(*both, value_range=(black, black + span), color=color, mask=mask, fitted=fitted)


def similarity_map(compared: Comparison, image: Array, span: float, box: tuple[slice, ...]) -> np.ndarray:
    """Return SSIM's map of a part of the image; nan throughout where that is smaller than a window."""
    reference = compared.reference
    assert reference is not None
    x, y = np.asarray(image[box]), np.asarray(reference[box])
    if min(x.shape[-2:]) < TAPS:
        return np.full(x.shape, np.nan, np.float32)
    return np.asarray(ssim_map(x, y, span))
