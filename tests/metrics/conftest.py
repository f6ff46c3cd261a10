from __future__ import annotations

from importlib import resources

import numpy as np
import pytest
from skimage.color import rgb2gray
from skimage.io import imread

# All come with scikit-image: no network, no shared folder.
NAMES = [
    "astronaut.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "microaneurysms.png",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "page.png",
    "retina.jpg",
    "rocket.jpg",
    "text.png",
]


def photograph(name: str) -> np.ndarray:
    """Return a photograph of scikit-image in gray, float64 in [0, 1]."""
    image = imread(str(resources.files("skimage.data") / name))
    return rgb2gray(image) if image.ndim == 3 else image / 255.0


@pytest.fixture(scope="session")
def photographs() -> dict[str, np.ndarray]:
    return {name: photograph(name) for name in NAMES}


@pytest.fixture(scope="session")
def twenty_pairs(photographs) -> list[tuple[np.ndarray, np.ndarray]]:
    """Degraded and clean middles of 20 real images, (96, 81), whose noise, gain and offset differ."""
    rng = np.random.default_rng(0)
    pairs = []
    for k, image in enumerate(photographs.values()):
        y, x = ((side - size) // 2 for side, size in zip(image.shape, (96, 81), strict=True))
        truth = image[y : y + 96, x : x + 81]
        noisy = (1 - 0.02 * k) * truth + 0.01 * k + rng.normal(0, 0.01 * (1 + k), truth.shape)
        pairs.append((noisy, truth))
    return pairs
