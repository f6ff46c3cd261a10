"""Natural scene statistics: 36 numbers that describe a patch of a photograph."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.special import gamma

SHAPES = np.arange(0.2, 10.001, 0.001)  # of generalized Gaussians; 2 is Gaussian
RATIOS = gamma(2 / SHAPES) ** 2 / (gamma(1 / SHAPES) * gamma(3 / SHAPES))
NEIGHBORS = ((0, 1), (1, 0), (1, 1), (1, -1))
PATCH = 96  # pixels a side at the first scale, half of it at the second
_OFFSETS = np.arange(-3, 4)
_WINDOW = np.exp(-(_OFFSETS**2) / (2 * (7 / 6) ** 2))
WINDOW = _WINDOW / _WINDOW.sum()
_DISTANCES = np.abs(np.arange(8) - 3.5) / 2
_CUBIC = np.where(
    _DISTANCES <= 1,
    1.5 * _DISTANCES**3 - 2.5 * _DISTANCES**2 + 1,
    -0.5 * _DISTANCES**3 + 2.5 * _DISTANCES**2 - 4 * _DISTANCES + 2,
)
CUBIC = _CUBIC / _CUBIC.sum()


def patch_features(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of each 96×96 patch (Mittal et al. 2013, doi:10.1109/LSP.2012.2227726), and its sharpness.

    Parameters
    ----------
    plane : float64, (Y, X)
        Gray values of 8 bits, 0 to 255; at least 96×96. What is left over at the right and below isn't seen.

    Returns
    -------
    features : float64, (patches, 36)
        18 at full and 18 at half resolution; NaN for those of a constant patch.
    sharpness : float64, (patches,)
        Mean local deviation, in gray values.
    """
    rows, columns = (side // PATCH for side in plane.shape)
    plane = plane[: rows * PATCH, : columns * PATCH]
    scales = []
    sharpness = np.empty(0)
    for scale, side in enumerate((PATCH, PATCH // 2)):
        normalized, deviation = locally_normalized(plane)
        patches = normalized.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, side, side)
        scales.append([_features(patch) for patch in patches])
        if scale == 0:
            sharpness = deviation.reshape(rows, side, columns, side).mean((1, 3)).ravel()
            plane = halved(plane)
    return np.concatenate(scales, axis=1), sharpness


def locally_normalized(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the plane less its local mean over its local deviation (and 1), and that deviation."""
    mean = _smoothed(plane)
    deviation = np.sqrt(np.abs(_smoothed(plane**2) - mean**2))
    return (plane - mean) / (deviation + 1), deviation


def halved(plane: np.ndarray) -> np.ndarray:
    """Return the plane at half the size, by a bicubic kernel twice as wide as for enlarging, as MATLAB's imresize."""
    plane = ndimage.correlate1d(plane, CUBIC, 0, mode="reflect", origin=-1)[::2]
    return ndimage.correlate1d(plane, CUBIC, 1, mode="reflect", origin=-1)[:, ::2]


def _smoothed(plane: np.ndarray) -> np.ndarray:
    return ndimage.correlate1d(ndimage.correlate1d(plane, WINDOW, 0, mode="nearest"), WINDOW, 1, mode="nearest")


def _features(patch: np.ndarray) -> list[float]:
    shape, left, right = _asymmetric_gaussian(patch)
    found = [shape, (left + right) / 2]
    for shift in NEIGHBORS:
        shape, left, right = _asymmetric_gaussian(patch * np.roll(patch, shift, axis=(0, 1)))
        found += [shape, (right - left) * gamma(2 / shape) / gamma(1 / shape), left, right]
    return found


def _asymmetric_gaussian(values: np.ndarray) -> tuple[float, float, float]:
    """Fit an asymmetric generalized Gaussian by moments: its shape, and its scales to the left and right of 0."""
    negative, positive = values[values < 0], values[values > 0]
    if not (negative.size and positive.size):
        return float("nan"), float("nan"), float("nan")
    left, right = float(np.sqrt(np.mean(negative**2))), float(np.sqrt(np.mean(positive**2)))
    skew = left / right
    ratio = float(np.mean(np.abs(values)) ** 2 / np.mean(values**2))
    ratio *= (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shape = float(SHAPES[np.argmin((RATIOS - ratio) ** 2)])
    scale = float(np.sqrt(gamma(1 / shape) / gamma(3 / shape)))
    return shape, left * scale, right * scale
