"""Does the restoration make structure where there is none? Blank fields with the input's own noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import ndimage

from gan_lessons.degradations import GaussianBlur, PoissonGaussian
from gan_lessons.errors import InputError
from gan_lessons.metrics.trust.evidence import noise_cumulants, spot_evidence, threshold_for
from gan_lessons.metrics.trust.inputs import Restore, check_images, check_rate, run
from gan_lessons.metrics.trust.noise_model import estimate_noise

LEVELS = (5.0, 50.0, 99.0)  # percentiles of the input: background, typical, bright
SMOOTH = 2.0  # pixels, σ of the means that the percentiles are taken of
SPOT = 1.0  # pixels, σ of the spots that are counted
SHORTEST, LARGEST = 16, 256  # rows or columns of a field that is judged; of the part of the input beside it


@dataclass(frozen=True, eq=False)
class FalseStructure:
    """What a restoration made of blank fields.

    Parameters
    ----------
    count : int
        Spots that stand out of the field more than the noise that went in may, over all levels.
    per_megapixel : float
    noise_gain : float
        Deviation of the restored fields over that of the noise that went in: 0 is even, 1 untouched, more is amplified.
    levels : tuple of float
        Of the fields, in the input's units.
    field : array, (levels, Y, X)
        The noisy fields, before.
    restored : array, (levels, Y, X)
        After: what there is to see in them is false.
    map : array, (levels, Y, X)
        Evidence of a spot at each pixel, in standard deviations.
    threshold : float
        What ``|map|`` exceeds anywhere in untouched fields with at most the false-positive rate.
    """

    MEANING: ClassVar[str] = (
        "Empty fields with as much noise as the image were restored: every structure in the result was made up. A "
        "method that leaves them empty (count 0, noise gain below 1) can still err where there is something, but one "
        "that draws here will draw in the image's dark places too."
    )

    count: int
    per_megapixel: float
    noise_gain: float
    levels: tuple[float, ...]
    field: np.ndarray
    restored: np.ndarray
    map: np.ndarray
    threshold: float


def false_structure(
    restore: Restore,
    raw: np.ndarray,
    *,
    noise: PoissonGaussian | None = None,
    seed: int = 0,
    false_positive_rate: float = 0.05,
) -> FalseStructure:
    """Restore blank fields of three brightnesses with the input's noise, each beside a part of the input.

    The part of the input keeps the intensities in which a model normalizes what they are; only the field is judged, and
    of that, what lies away from the seam.

    Parameters
    ----------
    restore : callable, (Y, X) → (Y, X)
    raw : array, (…, Y, X)
        The middle of its middle plane is put beside the fields, at least 32 × 32 and at most 256 × 256 pixels of it.
    noise : PoissonGaussian, optional
        Of the input, in its units. By default as `estimate_noise` finds it.
    seed : int
        Of the fields' noise.
    false_positive_rate : float
        Probability of any spot in fields that are returned untouched: 0.05, an upper bound.

    Raises
    ------
    InputError
        If the input is too small, its noise can't be estimated, or the callable changes the shape.

    >>> raw = np.random.default_rng(0).poisson(20.0, (64, 64)).astype(float)
    >>> false_structure(lambda image: image, raw).count
    0
    """
    known = check_images(raw=raw)
    check_rate(false_positive_rate)
    camera = noise or estimate_noise(raw)
    part = _middle(np.where(known, raw, np.median(raw[known])))
    smooth = ndimage.gaussian_filter(part, SMOOTH)  # a pixel's own noise would make the levels extreme
    levels = tuple(float(level) for level in np.percentile(smooth, LEVELS))
    rng = np.random.default_rng(seed)
    margin = part.shape[0] // 4
    fields, results = [], []
    for level in levels:
        field = camera.apply(np.full(part.shape, level), rng).astype(np.float64)
        canvas = np.concatenate([part, field])
        fields.append(field[margin:])
        results.append(run(restore, canvas)[len(part) + margin :])
    before, after = np.stack(fields), np.stack(results)
    expected = np.broadcast_to(np.reshape(levels, (-1, 1, 1)), before.shape)
    variance, _, _ = noise_cumulants(camera, expected)
    stand_out = after - np.nanmedian(after, axis=(1, 2), keepdims=True)
    z = spot_evidence(stand_out, variance, None, GaussianBlur((SPOT, SPOT)).kernel().astype(np.float64)).z
    threshold = threshold_for(false_positive_rate, z.size)
    in_plane = ndimage.generate_binary_structure(2, 2)[None]
    count = int(ndimage.label(np.abs(z) > threshold, np.pad(in_plane, ((1, 1), (0, 0), (0, 0))))[1])
    gain = float(np.sqrt(np.nanmean(stand_out**2 / variance)))
    return FalseStructure(count, count / z.size * 1e6, gain, levels, before, after, z, threshold)


def _middle(image: np.ndarray) -> np.ndarray:
    plane = image.reshape(-1, *image.shape[-2:])[image.reshape(-1, *image.shape[-2:]).shape[0] // 2]
    if min(plane.shape) < 2 * SHORTEST:
        raise InputError(f"trust: raw is {image.shape}; expected planes of at least 32×32 pixels")
    rows, columns = (
        slice(max(0, (side - LARGEST) // 2), max(0, (side - LARGEST) // 2) + LARGEST) for side in plane.shape
    )
    return plane[rows, columns].astype(np.float64)
