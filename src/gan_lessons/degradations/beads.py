"""A PSF measured from an image of beads that are smaller than the resolution."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.ndimage import shift as shift_by
from skimage.feature import peak_local_max

from gan_lessons.degradations.kernels import crop_center, normalized
from gan_lessons.errors import InputError

FAINTEST = 0.2  # of the brightest bead above background: fainter spots are debris, or another bead's rings
NOISE_LIMIT = 10  # standard deviations above the background from which a spot is a bead
WIDTHS = 4  # full widths at half maximum that the window holds, by default
CLEARANCE = 1.5  # half windows to the next bead's center: nearer, and its light would be taken for the PSF's wings
MARGIN = 2  # pixels around the window, for the shift


@dataclass(frozen=True, eq=False)
class MeasuredPSF:
    """The mean bead, and what it comes from.

    Parameters
    ----------
    psf : float32, (Z, Y, X) or (Y, X)
        Odd, centroid of the bright core in the middle, sum 1, nowhere negative.
    centers : float64, (beads, 3) or (beads, 2)
        Of the beads used, in pixels of the stack.
    dropped : mapping of reason to number
        Beads not used: "border", "saturated", "close".
    """

    psf: np.ndarray = field(repr=False)
    centers: np.ndarray
    dropped: dict[str, int]


def measure_psf(
    stack: np.ndarray, size: tuple[int, ...] | None = None, *, saturation: float | None = None, name: str = "beads"
) -> MeasuredPSF:
    """Average the beads of a stack, each moved by parts of a pixel onto the same center.

    The beads' own size remains in it: keep them below half of the resolution, or take the blur for theirs too.

    Parameters
    ----------
    stack : (Z, Y, X) or (Y, X)
        Beads far enough apart that their windows are their own.
    size : tuple of odd int, optional
        Of the PSF. By default four times the brightest bead's full width at half maximum, as far as it fits.
    saturation : float, optional
        Value that the camera can't exceed; by default the largest of an integer type. A 12 bit camera's is 4095.
    name : str
        File or layer for messages.

    Raises
    ------
    InputError
        If the stack isn't 2D or 3D and finite, the size is even or larger than it, or no bead is left.
    """
    stack = np.asarray(stack)
    if stack.ndim not in (2, 3) or not stack.size or stack.dtype.kind not in "uif" or not np.isfinite(stack).all():
        raise InputError(
            f"{name}: {stack.dtype} of shape {stack.shape}; expected a plane or a (Z, Y, X) stack of finite numbers"
        )
    limit = saturation or (np.iinfo(stack.dtype).max if stack.dtype.kind in "ui" else np.inf)
    values = stack.astype(np.float64)
    smooth = gaussian_filter(values, 1)  # a bead's top is rough where photons are few
    peaks = _find(smooth, name)
    size = size or _size(smooth, peaks[0])
    if len(size) != stack.ndim or any(s % 2 == 0 or s > n for s, n in zip(size, stack.shape, strict=False)):
        raise InputError(
            f"{name}: PSF size {size} for a stack of shape {stack.shape}; expected odd sizes, one an axis, that fit"
        )
    half = np.array(size) // 2
    dropped = {"border": 0, "saturated": 0, "close": 0}
    beads, centers = [], []
    for peak in peaks:
        reason = _why_not(values, peak, peaks, half, limit)
        if reason:
            dropped[reason] += 1
            continue
        bead, center = _cut(values, peak, half)
        beads.append(bead)
        centers.append(center)
    if not beads:
        found = ", ".join(f"{count} {reason}" for reason, count in dropped.items() if count)
        raise InputError(f"{name}: of {len(peaks)} beads none can be used ({found}); expected one: try a smaller size")
    return MeasuredPSF(_without_noise(np.mean(beads, axis=0)), np.array(centers), dropped)


def _find(smooth: np.ndarray, name: str) -> np.ndarray:
    """Return the pixels where beads are, the brightest first."""
    background = np.median(smooth)
    noise = 1.4826 * np.median(np.abs(smooth - background))
    threshold = background + max(FAINTEST * (smooth.max() - background), NOISE_LIMIT * noise)
    peaks: np.ndarray = peak_local_max(smooth, min_distance=3, threshold_abs=threshold, exclude_border=False)
    if smooth.max() <= background or not len(peaks):
        raise InputError(f"{name}: nothing stands out of the background; expected an image of bright beads")
    return peaks


def _size(smooth: np.ndarray, peak: np.ndarray) -> tuple[int, ...]:
    """Return the window of a bead from its widths at half maximum, no larger than the stack allows around it."""
    level = (smooth[tuple(peak)] + np.median(smooth)) / 2
    size = []
    for axis, (center, length) in enumerate(zip(peak.tolist(), smooth.shape, strict=True)):
        line = smooth[tuple(slice(None) if a == axis else at for a, at in enumerate(peak))]
        below = np.concatenate([[-1], np.flatnonzero(line < level), [length]])
        width = below[below > center].min() - below[below < center].max() - 1
        size.append(2 * min(WIDTHS * int(width) // 2, center, length - 1 - center) + 1)
    return tuple(size)


def _why_not(values: np.ndarray, peak: np.ndarray, peaks: np.ndarray, half: np.ndarray, limit: float) -> str:
    if (peak < half).any() or (peak + half >= values.shape).any():
        return "border"
    if values[_around(peak, half)].max() >= limit:
        return "saturated"
    near = (np.abs(peaks - peak) <= CLEARANCE * half).all(axis=1)
    return "close" if near.sum() > 1 else ""


def _around(peak: np.ndarray, half: np.ndarray) -> tuple[slice, ...]:
    return tuple(slice(max(p - h, 0), p + h + 1) for p, h in zip(peak, half, strict=True))


def _cut(values: np.ndarray, peak: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one bead without its background, its core's centroid moved to the middle, and where it was."""
    wide = half + MARGIN
    room = [(max(w - p, 0), max(p + w + 1 - n, 0)) for p, w, n in zip(peak, wide, values.shape, strict=True)]
    bead = np.pad(values[_around(peak, wide)], room, mode="edge")
    bead = bead - np.median(_rim(bead))
    core = np.maximum(bead - bead.max() / 2, 0)
    off = np.array([(grid * core).sum() for grid in np.indices(core.shape)]) / core.sum() - wide
    centered = shift_by(bead, -off, order=3, mode="nearest")
    return crop_center(centered, tuple(2 * half + 1)), peak + off


def _without_noise(bead: np.ndarray) -> np.ndarray:
    """Return the mean bead normalized, with what doesn't stand out of the rim's noise set to zero."""
    rim = _rim(bead)
    bead = bead - np.median(rim)
    noise = 1.4826 * np.median(np.abs(rim - np.median(rim)))  # wings that reach the rim don't count as noise
    return normalized(np.where(bead > 3 * noise, bead, 0)).astype(np.float32)


def _rim(bead: np.ndarray) -> np.ndarray:
    """Return the outermost pixels along Y and X: along Z the light of a bead goes on."""
    inside = np.zeros(bead.shape[-2:], bool)
    inside[1:-1, 1:-1] = True
    return bead[..., ~inside]
