"""Natural image quality evaluator: how far a photograph's statistics are from those of good photographs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.metrics.alone import planes_alone
from gan_lessons.metrics.niqe_features import PATCH, patch_features
from gan_lessons.metrics.pairs import check_range

if TYPE_CHECKING:
    from gan_lessons.image import Array

SHARP = 0.75  # of the sharpest patch's deviation: what the paper keeps of a good photograph


class NaturalModel(NamedTuple):
    """Mean (36,) and covariance (36, 36) of the features of patches of good photographs."""

    mean: np.ndarray
    covariance: np.ndarray


def shipped_model() -> NaturalModel:
    """Return the model that comes with the package; ``niqe.json`` names the photographs that it was fitted on."""
    stored = json.loads((resources.files("gan_lessons.metrics") / "niqe.json").read_text(encoding="utf-8"))
    return NaturalModel(np.array(stored["mean"]), np.array(stored["covariance"]))


def fit_natural_model(photographs: Iterable[np.ndarray]) -> NaturalModel:
    """Fit the statistics of good photographs: of each, the patches with 3/4 of the sharpest one's deviation.

    Parameters
    ----------
    photographs : iterable of float64 arrays, (Y, X)
        Gray values from 0 to 255.
    """
    kept = []
    for photograph in photographs:
        features, sharpness = patch_features(photograph)
        kept.append(features[(sharpness > SHARP * sharpness.max()) & np.isfinite(features).all(1)])
    every = np.concatenate(kept)
    return NaturalModel(every.mean(0), np.cov(every, rowvar=False))


def niqe(
    image: Array,
    data_range: float | None = None,
    *,
    black: float = 0.0,
    mask: Array | None = None,
    model: NaturalModel | None = None,
) -> float:
    """Return the distance from the statistics of good photographs (Mittal et al. 2013, doi:10.1109/LSP.2012.2227726).

    Parameters
    ----------
    image : array, (…, Y, X)
        Gray planes of at least 192×96 pixels, scored by themselves and averaged. Numpy or dask. Of color photographs
        pass the luminance.
    data_range : float, optional
        White less black, in the image's units. That of the type for integers.
    black : float
        Value of black.
    mask : array of bool, optional
        Of the image's shape or of its last axes. A patch of 96×96 pixels counts where it is all inside, and finite.
    model : NaturalModel, optional
        By default `shipped_model`. Figures of different models don't compare, and neither do ours and the original's.

    Returns
    -------
    float
        From 0, less is more natural. It knows photographs only: of fluorescence, maps or drawings it says nothing.

    Raises
    ------
    InputError
        If a plane has fewer than two patches to take a covariance of.

    >>> niqe(np.random.default_rng(0).random((192, 192)), 1.0) > 10
    True
    """
    data_range = check_range(data_range, image, image)
    model = model or shipped_model()
    scores = [
        _distance(255 * (np.where(known, plane, black) - black) / data_range, known, model)
        for plane, known in planes_alone("NIQE", image, mask=mask, least=PATCH)
        if known.any()
    ]
    return float(np.mean(scores))


def _distance(plane: np.ndarray, known: np.ndarray, model: NaturalModel) -> float:
    features, _ = patch_features(plane)
    rows, columns = (side // PATCH for side in plane.shape)
    whole = known[: rows * PATCH, : columns * PATCH].reshape(rows, PATCH, columns, PATCH).all((1, 3)).ravel()
    features = features[whole]
    complete = features[np.isfinite(features).all(1)]
    if len(complete) < 2:
        raise InputError(
            f"NIQE: {len(complete)} patches of {PATCH}×{PATCH} pixels are in the mask, finite and not flat; "
            "expected at least 2: give a larger image or mask"
        )
    difference = np.nanmean(features, axis=0) - model.mean  # a patch may have features at one scale only
    pooled = (np.cov(complete, rowvar=False) + model.covariance) / 2
    return float(np.sqrt(difference @ np.linalg.pinv(pooled) @ difference))
