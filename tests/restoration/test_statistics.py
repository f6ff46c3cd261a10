"""The normalization of a channel."""

import dask.array
import numpy as np
import pytest

from gan_lessons import restore
from gan_lessons.restoration.statistics import measure_channels


@pytest.mark.parametrize("darkest", [0.0, -1.0])
def test_the_percentiles_become_darkest_and_one(darkest):
    data = np.linspace(10, 30, 101).reshape(1, 1, 1, 1, 1, -1)
    (normalization,) = measure_channels(data, 0, 100, None, "ramp", darkest)
    np.testing.assert_allclose(normalization.apply(np.array([10.0, 30.0])), [darkest, 1])
    np.testing.assert_allclose(normalization.undo(normalization.apply(data)), data, rtol=1e-6)


def test_the_middle_of_a_lazy_layer_is_read_once_for_all_that_look_at_it():
    pixels = np.random.default_rng(0).normal(100, 9, (5, 64, 64)).astype(np.float32)
    reads = [0] * len(pixels)

    def read(block, block_info):
        plane = block_info[0]["array-location"][0][0]
        reads[plane] += 1
        return block

    lazy = dask.array.from_array(pixels, chunks=(1, 64, 64)).map_blocks(read, dtype=np.float32, meta=pixels[:0])
    restore(lazy, "fluo-2d", axes="TYX")  # which estimates the blur and knows what it learned from
    assert reads == [1, 1, 2, 1, 1]  # percentiles are of all planes
