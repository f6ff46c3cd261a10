"""Files as (C, P, Y, X): there and back, without transparency, and only so many in memory."""

from __future__ import annotations

import numpy as np
import pytest

from gan_lessons.data.picture import _Shelf, arrange, arrange_like
from gan_lessons.image import Image
from gan_lessons.io import read_image


@pytest.mark.parametrize("axes", ["YX", "YXS", "CYX", "ZYX", "TCZYX", "XYZ", "ZTYX"])
def test_axes_go_there_and_back(axes):
    sizes = {"T": 2, "C": 4, "Z": 5, "Y": 6, "X": 7, "S": 3}
    data = np.random.default_rng(0).random([sizes[axis] for axis in axes])
    image = Image(data, axes)
    pixels = arrange(image)
    channels = sizes["C"] if "C" in axes else sizes["S"] if "S" in axes else 1
    planes = np.prod([sizes[axis] for axis in "TZ" if axis in axes], dtype=int)
    assert pixels.shape == (channels, planes, 6, 7)
    np.testing.assert_array_equal(arrange_like(image, pixels).data, data)


def test_channels_and_planes_are_not_mixed_up():
    data = np.zeros((2, 3, 4, 5, 6))  # T C Z Y X
    data[1, 2, 3, 4, 5] = 1
    assert arrange(Image(data, "TCZYX"))[2, 1 * 4 + 3, 4, 5] == 1


def test_transparency_is_left_out():
    pixels = np.random.default_rng(0).random((6, 7, 4))
    np.testing.assert_array_equal(arrange(Image(pixels, "YXS"))[:, 0], np.moveaxis(pixels[..., :3], -1, 0))


def test_the_last_files_stay_in_memory_up_to_a_limit(write):
    paths = [write(f"{name}.tif", (10, 10), seed=name) for name in range(5)]
    shelf = _Shelf(limit=250)
    keys = [(path, None, 0) for path in paths]
    opened = [shelf.take(key) for key in keys]
    assert list(shelf.files) == keys[-2:]
    assert shelf.held == 200
    assert shelf.take(keys[-1]) is opened[-1]
    again = shelf.take(keys[0])
    assert list(shelf.files) == [keys[-1], keys[0]]
    np.testing.assert_array_equal(again[0, 0], read_image(paths[0]).data)
