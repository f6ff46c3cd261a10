"""Figures of an image by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.evaluation.comparison import Comparison, finite_inside
from gan_lessons.metrics.decorrelation import LEAST, decorrelation_analysis
from gan_lessons.metrics.niqe import niqe
from gan_lessons.metrics.noise import noise
from gan_lessons.metrics.sharpness import laplacian_variance

if TYPE_CHECKING:
    from gan_lessons.image import Array

LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601), as NIQE's authors take it
SMALLEST = 3  # pixels a side


def figures_alone(compared: Comparison, image: Array) -> dict[str, float]:
    """Return resolution, noise and sharpness, and NIQE of 8-bit color photographs; what can't be had is absent."""
    figures: dict[str, float] = {}
    plane = middle_plane(compared, image)
    known = np.isfinite(plane)
    if min(plane.shape) >= LEAST and known.all() and np.ptp(plane) > 0:
        figures["resolution"] = decorrelation_analysis(plane).resolution
    if min(plane.shape) >= SMALLEST:
        figures["noise"] = noise(image, mask=compared.mask)
        figures["laplacian variance"] = laplacian_variance(image, mask=compared.mask)
    if compared.bands == "S" and compared.image.data.dtype == np.uint8:
        red, green, blue = (np.take(image, k, axis=compared.axes.index("S")) for k in range(3))
        gray = sum(weight * band for weight, band in zip(LUMINANCE, (red, green, blue), strict=True))
        try:
            figures["niqe"] = niqe(gray, 255.0)
        except InputError:  # smaller than two patches of 96 pixels
            figures["niqe"] = float("nan")
    return figures


def middle_plane(compared: Comparison, image: Array) -> np.ndarray:
    """Return the middle plane, of the first time and channel, in float64; nan outside of the mask."""
    place = tuple(
        slice(n // 2, n // 2 + 1) if axis == "Z" else slice(0, 1)
        for axis, n in zip(compared.axes[:-2], compared.shape[:-2], strict=True)
    )
    box = (*place, *(slice(0, n) for n in compared.shape[-2:]))
    return finite_inside(image, compared.mask, box).reshape(compared.shape[-2:])
