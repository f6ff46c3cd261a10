"""Synthetic fluorescence specimens, in two or three dimensions: clean truths that no microscope can give.

A network that learns from real acquisitions learns that their noise is structure. These have none: filaments,
membranes, cytoplasm, textured nuclei, vesicles, clouds and spots of heavy-tailed brightness, over a smooth haze.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree


def make_specimen(shape: Sequence[int], rng: np.random.Generator, *, voxel_aspect: float = 1.0) -> np.ndarray:
    """Draw a random specimen of two or three kinds of structure.

    Parameters
    ----------
    shape : (Y, X) or (Z, Y, X)
    rng : numpy.random.Generator
    voxel_aspect : float
        z step over pixel size; shapes are round in space, not in voxels. Ignored in 2D.

    Returns
    -------
    float32 array of ``shape``, values ≥ 0, brightest structures around 1.

    >>> make_specimen((32, 48), np.random.default_rng(0)).shape
    (32, 48)
    """
    spacing = np.array([voxel_aspect, 1.0, 1.0][-len(shape) :])
    kinds = rng.choice(len(STRUCTURES), size=rng.integers(1, 4), replace=False)
    specimen = np.zeros(tuple(shape), np.float32)
    for kind in kinds:
        structure = STRUCTURES[kind](tuple(shape), spacing, rng)
        peak = np.percentile(structure, 99.8) or structure.max() or 1.0
        specimen += structure / peak * float(rng.lognormal(0.0, 0.6))
    haze = _smooth_noise(shape, spacing, rng.uniform(20, 80), rng)
    specimen += np.clip(haze, 0, None) * float(rng.choice([0.0, 0.02, 0.1, 0.3]))
    return (specimen / max(float(np.percentile(specimen, 99.9)), 1e-6)).astype(np.float32)


def filaments(shape: tuple[int, ...], spacing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw worm-like chains: microtubules, actin, neurites."""
    extent = np.array(shape) * spacing  # in pixels of the plane
    count = int(rng.integers(4, 40) * np.prod(extent[-2:] / 256) * (1 + (extent[0] / 40 if len(shape) == 3 else 0)) + 3)
    stiffness = rng.uniform(0.02, 0.15)
    canvas = np.zeros(shape, np.float32)
    for _ in range(count):
        steps = int(rng.integers(60, 1200))
        turns = rng.normal(0, stiffness, (steps, len(shape))).cumsum(0) + rng.normal(size=len(shape))
        turns[:, : len(shape) - 2] *= 0.3  # cells are flat
        directions = turns / np.linalg.norm(turns, axis=1, keepdims=True)
        points = rng.uniform(0, extent) + 0.4 * directions.cumsum(0)
        wobble = np.exp(0.3 * ndimage.gaussian_filter1d(rng.normal(size=steps), 20) * 6)
        _splat(canvas, points / spacing, wobble * rng.lognormal(0, 0.5))
    return _thicken(canvas, spacing, rng.choice([0.6, 0.8, 1.2, 2.0]))


def membranes(shape: tuple[int, ...], spacing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the walls between cells, thin and of uneven brightness."""
    distance, _ = _tessellate(shape, spacing, rng.uniform(15, 70), rng)
    thickness = rng.uniform(0.8, 3.0)
    brightness = np.exp(0.5 * _smooth_noise(shape, spacing, 12, rng))
    return (np.exp(-(((distance[..., 1] - distance[..., 0]) / thickness) ** 2)) * brightness).astype(np.float32)


def cytoplasm(shape: tuple[int, ...], spacing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fill a sheet of cells, each of its own brightness, brighter around the nucleus, grained within."""
    size = rng.uniform(15, 60)
    distance, cell = _tessellate(shape, spacing, size, rng)
    brightness = rng.lognormal(0, rng.uniform(0.2, 0.7), cell.max() + 1)[cell]
    falloff = np.exp(-distance[..., 0] / (size * rng.uniform(0.3, 1.5)))
    gap = 1 - rng.uniform(0, 1) * np.exp(-(((distance[..., 1] - distance[..., 0]) / rng.uniform(1, 6)) ** 2))
    grain = np.exp(rng.uniform(0.05, 0.4) * _smooth_noise(shape, spacing, rng.uniform(1, 6), rng))
    return (brightness * falloff * gap * grain).astype(np.float32)


def clouds(shape: tuple[int, ...], spacing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a texture of all scales, whose power falls with a power of the frequency as that of most images does."""
    roughness = rng.uniform(0.3, 1.2)
    octaves = sum(scale**roughness * _smooth_noise(shape, spacing, scale, rng) for scale in (2.0, 4.0, 8.0, 16.0, 32.0))
    return np.exp(rng.uniform(0.3, 1.0) * octaves / octaves.std()).astype(np.float32)


def nuclei(shape: tuple[int, ...], spacing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw deformed ellipsoids filled with chromatin texture."""
    extent = np.array(shape) * spacing
    radius = rng.uniform(8, 40)
    count = int(np.clip(np.prod(extent) / (2.5 * radius) ** len(shape) * rng.uniform(0.3, 1.0), 1, 80))
    texture = _smooth_noise(shape, spacing, rng.uniform(1.0, 6.0), rng)
    texture = np.exp(rng.uniform(0.05, 0.8) * texture)
    deform = _smooth_noise(shape, spacing, radius * rng.uniform(0.6, 1.2), rng) * rng.uniform(0.02, 0.2)
    grid = np.indices(shape, np.float32)
    canvas = np.zeros(shape, np.float32)
    for _ in range(count):
        center, radii = rng.uniform(0, extent), radius * rng.uniform(0.7, 1.3, len(shape))
        low = np.maximum(((center - 1.6 * radii) / spacing).astype(int), 0)
        high = np.maximum(np.minimum(((center + 1.6 * radii) / spacing).astype(int) + 1, shape), low + 1)
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        offsets = [(grid[i][box] * spacing[i] - center[i]) / radii[i] for i in range(len(shape))]
        inside = np.sqrt(sum(o**2 for o in offsets)) + deform[box]
        edge = 1 / (1 + np.exp(np.clip((inside - 1) * radius / 0.7, -30, 30)))
        canvas[box] = np.maximum(canvas[box], edge * rng.lognormal(0, 0.4))
    return (canvas * texture).astype(np.float32)


def spots(shape: tuple[int, ...], spacing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw points of heavy-tailed brightness, scattered or in clusters."""
    extent = np.array(shape) * spacing
    layers = max(1.0, extent[0] / 20) if len(shape) == 3 else 1.0
    count = int(np.clip(np.prod(extent[-2:] / 256) * layers * 10 ** rng.uniform(1.3, 3.3), 5, 20_000))
    points = rng.uniform(0, extent, (count, len(shape)))
    if rng.random() < 0.5:
        centers = rng.uniform(0, extent, (max(3, count // 60), len(shape)))
        points = centers[rng.integers(len(centers), size=count)] + rng.normal(0, rng.uniform(5, 25), points.shape)
    canvas = np.zeros(shape, np.float32)
    _splat(canvas, points / spacing, rng.lognormal(0, rng.uniform(0.3, 1.2), count))
    return _thicken(canvas, spacing, rng.choice([0.5, 0.7, 1.2, 2.5]))


def vesicles(shape: tuple[int, ...], spacing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw small hollow shells: vesicles, nuclear envelopes, rings of pores."""
    extent = np.array(shape) * spacing
    canvas = np.zeros(shape, np.float32)
    mean_radius = rng.uniform(3, 25)
    for _ in range(int(np.clip(np.prod(extent / (6 * mean_radius)) * rng.uniform(0.5, 2), 3, 200))):
        radius = mean_radius * rng.uniform(0.6, 1.4)
        direction = rng.normal(size=(int(8 * radius ** (len(shape) - 1)) + 30, len(shape)))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        points = rng.uniform(0, extent) + radius * rng.uniform(0.8, 1.2, len(shape)) * direction
        _splat(canvas, points / spacing, np.full(len(points), rng.lognormal(0, 0.5)))
    return _thicken(canvas, spacing, rng.choice([0.7, 1.0]))


STRUCTURES: list[Callable[[tuple[int, ...], np.ndarray, np.random.Generator], np.ndarray]] = [
    filaments,
    membranes,
    cytoplasm,
    clouds,
    nuclei,
    spots,
    vesicles,
]


def _tessellate(
    shape: tuple[int, ...], spacing: np.ndarray, size: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return each voxel's distances in pixels to its two nearest cell centers (…, 2), and which cell it is in."""
    extent = np.array(shape) * spacing
    count = max(4, int(np.prod(extent / size) * (1.0 if len(shape) == 2 else 0.7)))
    centers = rng.uniform(-0.2 * extent, 1.2 * extent, (count * 2, len(shape)))
    warp = [_smooth_noise(shape, spacing, size / 2, rng) * size * 0.15 for _ in shape]
    grid = np.stack([g * s + w for g, s, w in zip(np.indices(shape, np.float32), spacing, warp, strict=True)], -1)
    distance, nearest = cKDTree(centers).query(grid.reshape(-1, len(shape)), k=2, workers=1)
    return distance.reshape(*shape, 2), nearest[:, 0].reshape(shape)


def _splat(canvas: np.ndarray, points: np.ndarray, weights: np.ndarray) -> None:
    """Add points to a canvas in place, each shared out linearly among its neighbours. points: (N, ndim) in voxels."""
    whole = np.floor(points).astype(int)
    part = points - whole
    for corner in np.ndindex(*(2,) * canvas.ndim):
        index = whole + corner
        share = np.prod(np.where(corner, part, 1 - part), axis=1) * weights
        inside = np.all((index >= 0) & (index < canvas.shape), axis=1)
        np.add.at(canvas, tuple(index[inside].T), share[inside])


def _thicken(canvas: np.ndarray, spacing: np.ndarray, sigma: float) -> np.ndarray:
    return ndimage.gaussian_filter(canvas, sigma / spacing, mode="constant")


def _smooth_noise(shape: Sequence[int], spacing: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Return Gaussian noise of unit deviation whose grains measure ``scale`` pixels; drawn coarse, then enlarged."""
    step = np.maximum(scale / 2 / spacing, 1.0)
    coarse = np.ceil(np.array(shape) / step).astype(int) + 4
    noise = ndimage.gaussian_filter(rng.normal(size=coarse), np.where(step > 1, 1.0, scale / 2 / spacing), mode="wrap")
    large = ndimage.affine_transform(noise, 1 / step, offset=1.5, output_shape=tuple(shape), order=1, mode="nearest")
    return (large / (noise.std() or 1.0)).astype(np.float32)
