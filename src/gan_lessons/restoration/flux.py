"""Keep the flux of a stack's objects: low frequencies come from the deconvolved stack, the rest from the network."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import ndimage

LOW = (4.0, 4.0, 4.0)
"""Deviations of the Gaussian that tells low frequencies, in planes and pixels. On held-out stacks with their PSF the
result is 0.07 dB nearer to the truth than the network's own, and thin disks keep 0.99 to 1.01 of their flux instead of
0.72 to 0.82; with 8 pixels they keep 0.96."""

STRUCTURE = ((2.0, 4.0, 4.0), (2.0, 8.0, 8.0))
"""Two Gaussians: what lies between them must stand out of the noise, or the network's own low frequencies stay."""

GRAIN = (0.0, 1.0, 1.0)
"""What this Gaussian takes away is mostly noise, whose level it tells."""

AROUND = (2.0, 8.0, 8.0)
"""Deviations of the neighborhood in which structure and noise are compared."""

SURELY = 4.0
"""Times what noise alone would have. At 10, disks keep 0.02 less of their flux; without this the iteration's own noise
draws eleven spots in a plane of a blank stack, where the network draws two."""

TRUNCATE = 2.5
"""Deviations at which Gaussians end."""

LOW_REACH, GATE_REACH = (10, 10, 10), (10, 40, 40)
"""Planes, rows and columns that are looked at around each voxel: of the network's result, and of the image."""


def keep_flux(
    restored: np.ndarray, deconvolved: np.ndarray, shown: np.ndarray, check: Callable[[], None] = lambda: None
) -> np.ndarray:
    """Take the low frequencies of Richardson and Lucy's iteration, where they show more than noise.

    The iteration conserves the flux (Lucy 1974, doi:10.1086/111605). A network that looks at a few planes at once can't
    weigh the haze of the others.

    Parameters
    ----------
    restored, deconvolved : array
        Of the network, and of the iteration.
    shown : array
        How much more than noise is there, from 0 to 1; see `beyond_noise`.
    check : callable
        Is called before each filter, and may raise.

    Shape
    -----
    (Z, Y, X) thrice → (Z, Y, X); beyond its border the difference is continued by replication.
    """
    check()
    return restored + shown * _blur(deconvolved - restored, LOW)


def beyond_noise(image: np.ndarray, check: Callable[[], None] = lambda: None) -> np.ndarray:
    """Return, for each voxel, the share of its neighborhood's coarse structure that white noise wouldn't explain.

    It doesn't change with gain or offset: noise is measured in the same neighborhood, by what is finest. Before each
    filter ``check`` is called, which may raise.

    Shape
    -----
    (Z, Y, X) → (Z, Y, X), 0 to 1
    """

    def blur(image: np.ndarray, deviations: tuple[float, float, float]) -> np.ndarray:
        check()
        return _blur(image, deviations)

    narrow, wide = (blur(image, deviations) for deviations in STRUCTURE)
    structure = blur((narrow - wide) ** 2, AROUND)
    noise = _noise_ratio() * blur((image - blur(image, GRAIN)) ** 2, AROUND)
    return np.clip(1 - SURELY * noise / np.maximum(structure, np.finfo(image.dtype).tiny), 0, 1)


@cache
def _noise_ratio() -> float:
    """Return white noise's power between the Gaussians of `STRUCTURE`, over that beyond `GRAIN`."""
    point = np.zeros([2 * reach + 1 for reach in GATE_REACH])
    point[GATE_REACH] = 1
    narrow, wide = (_blur(point, deviations) for deviations in STRUCTURE)
    return float(np.sum((narrow - wide) ** 2) / np.sum((point - _blur(point, GRAIN)) ** 2))


def _blur(image: np.ndarray, deviations: tuple[float, float, float]) -> np.ndarray:
    blurred: np.ndarray = ndimage.gaussian_filter(image, deviations, mode="nearest", truncate=TRUNCATE)
    return blurred
