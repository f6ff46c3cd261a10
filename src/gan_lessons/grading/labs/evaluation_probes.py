"""Lab 9, what is asked of students' code; runs beside it, and holds nothing that tells a right answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Names = dict[str, Any]
Given = dict[str, np.ndarray]
Results = dict[str, Callable[[], Any]]


def number(value: Any) -> np.ndarray:
    """Return a number as an array, if it is one."""
    return np.array(float(value))


def masked_psnr(names: Names, given: Given) -> Results:
    """Take the PSNR everywhere and in a mask."""
    pair, mask = (given["restored"], given["truth"]), given["mask"].astype(bool)
    return {
        "everywhere": lambda: number(names["masked_psnr"](*pair, np.ones_like(mask))),
        "masked": lambda: number(names["masked_psnr"](*pair, mask)),
    }


def affine_nrmse(names: Names, given: Given) -> Results:
    """Take the error after the best fit."""
    return {"value": lambda: number(names["affine_nrmse"](given["restored"], given["truth"]))}


def ring_correlation(names: Names, given: Given) -> Results:
    """Correlate an image with almost itself, and with another half."""

    def correlate(other: np.ndarray) -> np.ndarray:
        return np.array(names["ring_correlation"](given["a"], other), dtype=float)

    return {"same": lambda: correlate(given["a"] + 1e-9 * given["b"]), "halves": lambda: correlate(given["b"])}


def reblur_error(names: Names, given: Given) -> Results:
    """Take the error after another blur."""
    images = [given[name] for name in ("restored", "observed", "psf")]
    return {"value": lambda: number(names["reblur_error"](*images, float(given["sigma"])))}


def invented(names: Names, given: Given) -> Results:
    """Take the share of invented structure in two images."""

    def share(name: str) -> np.ndarray:
        return number(names["invented"](given[name], given["truth"]))

    return {"some": lambda: share("restored"), "both": lambda: np.stack([share("faithful"), share("restored")])}
