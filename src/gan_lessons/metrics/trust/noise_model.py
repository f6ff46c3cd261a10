"""Estimate a camera's noise from one image: how the variance grows with the light."""

from __future__ import annotations

import numpy as np
from scipy import ndimage, optimize

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import InputError
from gan_lessons.metrics.noise import GAIN, LAPLACIANS

NEIGHBORHOOD = 2.0  # pixels, σ of the mean and of the slope that a pixel's variance is set against
FLATTEST = 0.5  # share of pixels of one brightness that are looked at: where the slope is least
BINS, FEWEST = 32, 50  # of brightness; pixels in one
FLAT = 10.0  # deviations of a mean: an image whose brightness varies less tells nothing of a slope
SMALLEST_SHOT = 1e-4  # share of the variance that is shot noise at the brightest pixel, where none is found


def estimate_noise(raw: np.ndarray) -> PoissonGaussian:
    """Estimate shot and read noise, after Foi et al. 2008 (doi:10.1109/TIP.2008.2001399).

    The image's finest detail, which a microscope doesn't transmit, is taken for noise; its variance in flat places of
    equal brightness is fitted by a line. Differs from the paper in the filter (a Laplacian, no wavelets) and in the
    fit (weighted squares with a soft loss, no likelihood).

    Parameters
    ----------
    raw : array, (…, Y, X)
        As the camera recorded it, planes of at least 3×3 pixels. Noise that is correlated among pixels (JPEG, color
        filters, resampling, denoising) is underestimated; detail of a single pixel is taken for noise.

    Returns
    -------
    PoissonGaussian
        In the image's units. One image can't tell an offset from read noise: either is given, as the line demands.

    Raises
    ------
    InputError
        If planes are too small, too few pixels are finite, or there is no noise.

    >>> raw = PoissonGaussian(electrons_per_unit=2).apply(np.full((256, 256), 50.0), np.random.default_rng(0))
    >>> round(estimate_noise(raw).variance(np.array([50.0]))[0])
    25
    """
    if raw.ndim < 2 or min(raw.shape[-2:]) < 3:
        raise InputError(f"trust: raw is {raw.shape}; expected planes of at least 3×3 pixels to estimate the noise")
    level, square = _flat_places(raw)
    if level.size < FEWEST:
        raise InputError(
            f"trust: {level.size} finite pixels tell too little of the noise; give noise=PoissonGaussian(…)"
        )
    order = np.argsort(level)
    bins = np.array_split(order, int(np.clip(level.size // FEWEST, 1, BINS)))
    means = np.array([level[some].mean() for some in bins])
    variances = np.array([square[some].mean() for some in bins])
    if not variances.max() > 0:
        raise InputError("trust: raw has no noise to estimate; give the camera's as noise=PoissonGaussian(…)")
    slope, floor = _line(means, variances)
    gain = 1 / slope
    return PoissonGaussian(
        electrons_per_unit=gain, offset=max(-floor * gain, 0.0), read_noise=float(np.sqrt(max(floor, 0.0))) * gain
    )


def _flat_places(raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the local mean and the squared Laplacian of the flattest pixels of every brightness."""
    levels, squares, slopes = [], [], []
    for plane in raw.reshape(-1, *raw.shape[-2:]).astype(np.float64):
        known = np.isfinite(plane)
        if not known.any():
            continue
        # A plane's own level keeps digits; gaps are far enough from what is used, by the erosion below.
        middle = float(np.median(plane[known]))
        light = np.where(known, plane, middle) - middle
        use = ndimage.binary_erosion(known, iterations=1 if known.all() else round(3 * NEIGHBORHOOD))
        smooth = ndimage.gaussian_filter(light, NEIGHBORHOOD, mode="nearest")
        levels.append((smooth + middle)[use])
        slopes.append(ndimage.gaussian_gradient_magnitude(light, NEIGHBORHOOD, mode="nearest")[use])
        squares.append((ndimage.convolve(light, LAPLACIANS / GAIN, mode="nearest") ** 2)[use])
    level, slope, square = (np.concatenate(parts) if parts else np.zeros(0) for parts in (levels, slopes, squares))
    flat = np.zeros(level.size, bool)
    for some in np.array_split(np.argsort(level), BINS):
        flat[some] = slope[some] <= np.quantile(slope[some], FLATTEST) if some.size else False
    return level[flat], square[flat]


def _line(means: np.ndarray, variances: np.ndarray) -> tuple[float, float]:
    """Fit variance = slope · mean + floor; the slope is positive, however small."""
    span = float(np.ptp(means)) or max(abs(float(means[0])), 1.0)
    typical = float(np.median(variances)) or float(np.mean(variances))  # of a camera that clips the dark, most are 0
    if span < FLAT * np.sqrt(typical) / (2 * np.sqrt(np.pi) * NEIGHBORHOOD):  # the means differ by their own noise
        typical = float(np.mean(variances))
        slope = SMALLEST_SHOT * typical / max(abs(float(means[-1])), span)
        return slope, typical - slope * float(means[0])
    x = (means - means[0]) / span

    def misfit(ends: np.ndarray) -> np.ndarray:  # in shares of the variance, whose estimate errs by such
        fitted = np.maximum(ends[0] + (ends[1] - ends[0]) * x, 1e-6)
        return (variances / typical / fitted - 1) / 0.1

    dark, bright = optimize.least_squares(misfit, [1.0, 1.0], loss="soft_l1").x * typical
    slope = max((bright - dark) / span, SMALLEST_SHOT * typical / span)
    return float(slope), float(dark - slope * means[0])
