"""Synthetic scenes of surfaces that hide each other: sharp truths for photographs and maps."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def make_scene(shape: tuple[int, int], channels: int, rng: np.random.Generator) -> np.ndarray:
    """Draw dead leaves (Lee, Mumford & Huang 2001): shaded, textured ellipses and rectangles of power-law sizes.

    Returns
    -------
    float32, (channels, Y, X), values in [0, 1].

    >>> make_scene((32, 48), 3, np.random.default_rng(0)).shape
    (3, 32, 48)
    """
    height, width = shape
    scene = np.zeros((channels, height, width), np.float32)
    fine, coarse = (_texture(shape, s, rng) for s in (rng.uniform(0.6, 2), rng.uniform(4, 30)))
    y, x = np.indices(shape, np.float32)
    boxy = rng.random()  # some scenes are towns, some are woods
    for radius in np.sort(_power_law(2.0, 120.0, 3.0, int(rng.integers(150, 900)), rng))[::-1]:
        cy, cx, angle = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(0, np.pi)
        reach = int(1.5 * radius) + 2
        box = (slice(max(0, int(cy) - reach), int(cy) + reach), slice(max(0, int(cx) - reach), int(cx) + reach))
        dy, dx = y[box] - cy, x[box] - cx
        u = (np.cos(angle) * dx + np.sin(angle) * dy) / radius
        v = (np.cos(angle) * dy - np.sin(angle) * dx) / (radius * rng.uniform(0.2, 1.0))
        distance = np.maximum(abs(u), abs(v)) if rng.random() < boxy else np.hypot(u, v)
        cover = np.clip((1 - distance) * radius * 0.5 + 0.5, 0, 1)
        shade = 1 + rng.normal(0, 0.15) * u + rng.normal(0, 0.1) * fine[box] + rng.normal(0, 0.15) * coarse[box]
        color = rng.uniform(0, 1) * rng.uniform(0.5, 1, (channels, 1, 1))
        scene[(slice(None), *box)] += cover * (np.clip(color * shade, 0, 1) - scene[(slice(None), *box)])
    return scene


def _power_law(low: float, high: float, exponent: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw sizes whose density falls with this power: the same statistics at every magnification."""
    power = 1 - exponent
    return (low**power + rng.random(count) * (high**power - low**power)) ** (1 / power)


def _texture(shape: tuple[int, int], grain: float, rng: np.random.Generator) -> np.ndarray:
    noise = ndimage.gaussian_filter(rng.normal(size=shape), grain, mode="wrap")
    return (noise / noise.std()).astype(np.float32)
