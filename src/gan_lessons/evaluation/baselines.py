"""The classical results that a restored image is put beside, where the PSF is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from gan_lessons.degradations import Microscope
from gan_lessons.errors import InputError, suggest
from gan_lessons.image import Image
from gan_lessons.restoration import deconvolve
from gan_lessons.restoration.psfs import PSF, PSFs, as_kernel

Baseline = Literal["wiener", "rl"]
BASELINES: tuple[Baseline, ...] = ("wiener", "rl")
ALIASES: Mapping[str, tuple[str, ...]] = {
    "wiener": ("wiener",),
    "rl": ("rl", "richardson-lucy", "richardson–lucy", "richardson lucy"),
}


def classical(
    raw: Image, psf: np.ndarray, present: Iterable[str], wanted: Iterable[Baseline], background: float
) -> dict[str, Image]:
    """Return the results of the methods that aren't among the candidates, with `deconvolve`'s own settings."""
    names = {name.lower() for name in present}
    results: dict[str, Image] = {}
    for method in wanted:
        if method not in ALIASES:
            raise InputError(f"evaluate: unknown baseline {method!r}; {suggest(method, ALIASES)}")
        if not names & set(ALIASES[method]):
            results[method] = deconvolve(raw, psf, method=method, background=background, dtype="float32")
    return results


def kernel_of(psf: PSFs, image: Image) -> np.ndarray:
    """Return the PSF of all channels, (Y, X) or (Z, Y, X), checked, float32.

    Raises
    ------
    InputError
        If it can't be one, or each channel has its own.
    """
    if isinstance(psf, Mapping):
        raise InputError(
            f"evaluate: a PSF for each of {len(psf)} channels; expected one: evaluate a channel at a time (--channel)"
        )
    return as_kernel(psf, image, _dimensions(psf, image))


def _dimensions(psf: PSF, image: Image) -> int:
    if isinstance(psf, Microscope):
        return 3 if image.sizes.get("Z", 1) > 1 else 2
    return np.ndim(psf)
