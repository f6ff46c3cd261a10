"""A reference brought to its raw image's place, gain and offset."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from gan_lessons.degradations import convolve
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.reblur import gain_offset
from gan_lessons.training.finetuning.measured_psf import SIDE, measure_blur
from gan_lessons.training.finetuning.registration import STILL, STRAY, move, register
from gan_lessons.training.finetuning.views import View

SIGMAS = (0.0, 0.7, 1.0, 1.5, 2.0, 3.0, 4.5, 6.5, 9.0)
"""Of Gaussians that stand for an unknown blur between a reference and a raw image, in pixels."""

LOPSIDED = 1.0
"""Planes: spherical aberration of 0.8 radians moves detail by 0.1 to 0.75 along Z. What is less isn't told from it."""

ENOUGH = 40  # pixels a value of the PSF: of 17, its shift was wrong by 0.7 pixels


def fitted(view: View, reference: np.ndarray, name: str, moving: bool, planar: bool) -> tuple[Tensor, dict[str, Any]]:
    """Register a reference (Z, S, Y, X), and bring it to the raw image's gain and offset.

    Where the PSF isn't known, the one that lies between both tells them, but for shifts along Z, which detail tells.
    Where that can't be measured, detail tells the shift, and the Gaussian that serves best the gain.
    """
    raw = view.image.numpy()
    # A lopsided PSF moves detail: where it is known, the reference is looked at as the microscope sees it.
    together = [image.mean(1) for image in (raw, blurred(reference[None], view.psf)[0])]  # (Z, Y, X): colors lie alike
    seen, known = (image[0] if len(image) == 1 else image for image in together)
    shift, correlation = register(seen, known, name, moving=moving)
    blur = blur_between(raw, reference, shift, planar=planar) if view.psf is None else None
    if blur and STILL < np.abs(np.subtract(blur[1], shift[-2:])).max() < STRAY:
        shift = (*shift[:-2], *blur[1])  # detail tells it more finely, but follows the bright lobe of a lopsided PSF
    if view.psf is None and len(shift) == 3 and abs(shift[0]) < LOPSIDED:
        shift = (0.0, *shift[1:])
    moved = move(reference, _over_samples(shift)) if moving else reference
    gain, offset = _line(raw, moved, blur[0]) if blur else gain_by_width(raw, moved, view.psf)
    if not gain > 0:
        raise InputError(f"{name}: the reference is dark where the raw image is bright; expected the same contrast")
    told = {"shift": shift, "moved": moved is not reference, "correlation": correlation}
    scale = view.normalization.scale
    told |= {"gain": gain * scale, "offset": offset * scale + view.normalization.offset}
    return torch.from_numpy((gain * moved + offset).astype(np.float32)), told


def blur_between(
    raw: np.ndarray, reference: np.ndarray, shift: tuple[float, ...], *, planar: bool = True
) -> tuple[float, tuple[float, float]] | None:
    """Return the gain and the shift that the PSF of the middle planes tells, or None if they are too small for it.

    Of volumes the means along Z are looked at: blur along Z, which takes light from each plane, leaves them alone.
    """
    if min(raw.shape[-2:]) < SIDE or raw.shape[-2] * raw.shape[-1] < ENOUGH * SIDE**2:
        return None
    whole = tuple(round(step) for step in shift[-2:])  # whole pixels: nothing is interpolated
    planes = [(image[len(image) // 2] if planar else image.mean(0)).mean(0) for image in (raw, reference)]
    gain, rest = measure_blur(planes[0], ndimage.shift(planes[1], whole, order=0, mode="nearest"))
    return gain, tuple(round(step + more, 3) for step, more in zip(whole, rest, strict=True))  # type: ignore[return-value]


def _line(raw: np.ndarray, reference: np.ndarray, gain: float) -> tuple[float, float]:
    return gain, float(raw.mean() - gain * reference.mean())


def _over_samples(shift: tuple[float, ...]) -> tuple[float, ...]:
    """Return a shift of (Z, S, Y, X)."""
    return (shift[0] if len(shift) == 3 else 0.0, 0.0, *shift[-2:])


def gain_by_width(raw: np.ndarray, reference: np.ndarray, psf: np.ndarray | None = None) -> tuple[float, float]:
    """Return the gain and offset of the reference, blurred as the raw image, by least squares.

    Of a sharp reference itself the gain would come out too low: the raw image lacks what the blur took.
    """
    if psf is not None:
        seen = [blurred(reference[None], psf)[0]]
    else:
        seen = [ndimage.gaussian_filter(reference, (0, 0, sigma, sigma)) for sigma in SIGMAS]
    lines = [gain_offset(image, raw) for image in seen]
    misfits = [np.mean((gain * x + offset - raw) ** 2) for x, (gain, offset) in zip(seen, lines, strict=True)]
    return lines[int(np.argmin(misfits))]


def blurred(truth: np.ndarray, kernel: np.ndarray | None) -> np.ndarray:
    """Blur (T, Z, S, Y, X), planes or volumes as the kernel has it."""
    if kernel is None:
        return truth
    if kernel.ndim == 2:
        return convolve(truth, kernel)
    return convolve(truth[:, :, 0], kernel)[:, :, None]
