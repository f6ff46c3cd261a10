"""Stacks: patches across planes, neighbors as channels, and background that doesn't dominate."""

from __future__ import annotations

import numpy as np
import pytest

from gan_lessons.data import open_pairs, open_splits
from gan_lessons.data.inspection import block_means
from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.io import write_image


@pytest.fixture
def folder(tmp_path):
    """A stack whose plane z holds z, and a bright square in one of its corners, on plane 3 alone."""
    stack = np.repeat(np.arange(8, dtype=np.uint16), 96 * 96).reshape(8, 96, 96)
    stack[3, 64:96, 64:96] = 1000
    for name in ("raw", "reference"):
        (tmp_path / name).mkdir()
        write_image(tmp_path / name / "cell.tif", Image(stack, "ZYX"))
        write_image(tmp_path / name / "lazy.zarr", Image(stack, "ZYX"))
    return tmp_path


def test_neighbors_are_channels_and_the_middle_plane_is_the_truth(folder):
    splits = open_splits(folder, planes=3, foreground=0, scaling="type", shares=(0, 0))
    assert splits.channels == (3, 1)
    assert len(splits.training) == 16
    for index in (0, 15):  # the TIFF, and the OME-Zarr, which stays lazy
        pair = splits.training.draw(index, 8, np.random.default_rng(0))
        below, here, above = (pair.degraded[:, 0, 0] * 65535).round().int().tolist()
        assert below + 1 == here == above - 1 == int((pair.sharp[0, 0, 0] * 65535).round())


def test_volumes(folder):
    pair = open_pairs(folder, planes=4, volume=True).draw(0, 16, np.random.default_rng(0))
    assert pair.degraded.shape == pair.sharp.shape == (1, 4, 16, 16)
    with pytest.raises(InputError, match="expected an odd number"):
        open_pairs(folder, planes=4)


@pytest.mark.parametrize(("foreground", "least", "most"), [(0.9, 0.8, 1), (0.0, 0, 0.1)])
def test_patches_are_cut_where_the_specimen_is(folder, foreground, least, most):
    pairs = open_pairs(folder, foreground=foreground, scaling="percentiles")
    drawn = [pairs.draw(0, 32, np.random.default_rng(seed)) for seed in range(100)]
    share = np.mean([float(pair.sharp.max()) > 0.5 for pair in drawn])
    assert least <= share <= most


def test_a_stack_thinner_than_the_patch_is_continued_by_reflection(folder):
    pair = open_pairs(folder, planes=11, volume=True).draw(0, 120, np.random.default_rng(0))
    assert pair.sharp.shape == (1, 11, 120, 120)


def test_regions_of_a_stack_do_not_touch(folder):
    splits = open_splits(folder, shares=(0.2, 0.2))
    assert "split by region" in splits.description
    bands = [
        (picture.top, picture.top + picture.shape[2])
        for split in (splits.training, splits.validation, splits.test)
        for picture in [split.members[0][1]]
    ]
    assert bands == [(0, 32), (48, 64), (80, 96)]
    assert float(splits.test.draw(0, 16, np.random.default_rng(0)).sharp.max()) > 0.5


def test_block_means_are_exact_at_ragged_edges():
    plane = np.random.default_rng(0).random((37, 50))
    blocks = block_means(plane)
    assert blocks.shape == (3, 4)
    assert blocks[2, 3] == pytest.approx(plane[32:, 48:].mean())
    assert blocks[1, 1] == pytest.approx(plane[16:32, 16:32].mean())
