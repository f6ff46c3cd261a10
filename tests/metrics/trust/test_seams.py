"""Steps that are planted at tile borders, in an image that has none."""

import numpy as np
import pytest
from scipy import ndimage

from gan_lessons.errors import InputError
from gan_lessons.metrics.trust import seam_score


def board(shape, tile, size, seed=0):
    """Raise or lower each tile by half the size."""
    counts = [-(-side // step) for side, step in zip(shape, tile, strict=True)]
    steps = np.random.default_rng(seed).choice([-size / 2, size / 2], counts)
    return np.kron(steps, np.ones(tile))[: shape[0], : shape[1]]


@pytest.fixture
def image():
    return ndimage.gaussian_filter(np.random.default_rng(1).normal(size=(192, 200)), 0.7)


def test_no_seams_no_alarm():
    rng = np.random.default_rng(0)
    scores = [seam_score(rng.normal(size=(128, 128)), (32, 32)).z for _ in range(60)]
    assert np.mean(np.array(scores) > 3) <= 0.1
    assert abs(np.mean(scores)) < 0.5


def test_steps_are_found_and_measured(image):
    found = seam_score(image + board(image.shape, (64, 64), 1.0), (64, 64))
    assert found.z > 5
    assert found.step == pytest.approx(np.sqrt(0.5), rel=0.35)  # half of the borders have one
    assert np.isfinite(found.map[10, 64])
    assert np.isnan(found.map[10, 32])
    assert seam_score(image + board(image.shape, (64, 64), 1.0), (50, 50)).z < 4


def test_the_grid_may_begin_elsewhere(image):
    grid = np.roll(board((256, 256), (64, 64), 1.0), (10, 20), (0, 1))[:192, :200]
    assert seam_score(image + grid, (64, 64), origin=(10, 20)).z > 5
    assert seam_score(image + grid, (64, 64), origin=(40, 50)).z < 4


def test_a_twin_shows_the_faintest(image):
    seamed = image + board(image.shape, (64, 64), 0.001)
    assert seam_score(seamed, (64, 64)).z < 4
    found = seam_score(seamed, (64, 64), twin=image)
    assert found.z > 20
    assert found.step == pytest.approx(0.001 * np.sqrt(0.5), rel=0.35)
    assert seam_score(image, (64, 64), twin=image).z == 0


def test_stacks_gaps_and_one_axis(image):
    stack = np.stack([image, image[::-1]])
    stack[:, 100:110, 50:150] = np.nan
    stack[:, :, 64:128] += 1.0
    found = seam_score(stack, (0, 64))
    assert found.z > 5
    assert found.map.shape == stack.shape


@pytest.mark.parametrize(
    ("tile", "message"), [((0, 0), "expected sides"), ((16, 64), "from 32"), ((512, 0), "no border")]
)
def test_no_grid(image, tile, message):
    with pytest.raises(InputError, match=message):
        seam_score(image, tile)
