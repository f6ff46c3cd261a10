from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.errors import InputError
from gan_lessons.training.finetuning.regions import LEAST, ROLES, three_regions


@given(
    height=st.integers(32, 400),
    width=st.integers(260, 900),
    gap=st.sampled_from([8, 20, 48]),
    stride=st.sampled_from([4, 8, 16]),
    seed=st.integers(0, 9),
)
def test_regions_lie_inside_apart_on_the_stride_and_are_large_enough(height, width, gap, stride, seed):
    activity = np.random.default_rng(seed).random((height, width))
    regions = three_regions(activity, gap, stride, "x")
    owner = np.zeros((height, width), int)
    for number, role in enumerate(ROLES, 1):
        region = regions[role]
        assert (owner[region] == 0).all()
        owner[region] = number
        assert min(region.sides) >= min(LEAST[role], height)
        assert region.rows.start % stride == region.columns.start % stride == 0
        assert max(region.rows.stop - height, region.columns.stop - width) <= 0
    for one, other in combinations(ROLES, 2):
        grown = regions[one].grown(gap, (height, width))
        assert not (owner[grown] == ROLES.index(other) + 1).any()


def test_the_emptiest_region_has_as_much_structure_as_can_be():
    activity = np.zeros((300, 700))
    activity[:100] = 1.0  # strips of columns see it all, strips of rows don't
    regions = three_regions(activity, 20, 8, "x")
    assert all(region.sides[0] == 300 for region in regions.values())


def test_too_small_an_image_is_told_how_large_it_must_be():
    with pytest.raises(InputError, match=r"raw: 100×120 pixels are too few .* expected at least 240"):
        three_regions(np.ones((100, 120)), 48, 8, "raw")
