from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.errors import InputError
from gan_lessons.training.finetuning.regions import LEAST, ROLES, Region, regions_around, three_regions


@given(
    height=st.integers(32, 400),
    width=st.integers(260, 900),
    gap=st.sampled_from([8, 20, 48]),
    stride=st.sampled_from([4, 8, 16]),
    seed=st.integers(0, 9),
)
def test_regions_lie_inside_apart_on_the_stride_and_are_large_enough(height, width, gap, stride, seed):
    activity = np.random.default_rng(seed).random((height, width))
    check(three_regions(activity, gap, stride, "x"), (height, width), gap, stride)


@given(
    corner=st.tuples(st.integers(0, 300), st.integers(0, 600)),
    sides=st.tuples(st.integers(48, 200), st.integers(48, 300)),
    gap=st.sampled_from([8, 20, 48]),
    stride=st.sampled_from([4, 8, 16]),
)
def test_regions_around_a_chosen_one_hold_the_same(corner, sides, gap, stride):
    shape = (corner[0] + sides[0] + 2 * gap + 160, corner[1] + sides[1])
    chosen = Region(*(slice(start, start + side) for start, side in zip(corner, sides, strict=True)))
    activity = np.random.default_rng(0).random(shape)
    regions = regions_around(chosen, activity, gap, stride, "x")
    check(regions, shape, gap, stride)
    inside = np.zeros(shape, bool)
    inside[chosen] = True
    assert inside[regions["validation"]].all()
    assert min(regions["validation"].sides) > min(sides) - stride


def check(regions, shape, gap, stride):
    owner = np.zeros(shape, int)
    for number, role in enumerate(ROLES, 1):
        region = regions[role]
        assert (owner[region] == 0).all()
        owner[region] = number
        assert min(region.sides) >= min(LEAST["test"], *shape)
        assert max(region.sides) >= LEAST[role]
        assert region.rows.start % stride == region.columns.start % stride == 0
        assert max(region.rows.stop - shape[0], region.columns.stop - shape[1]) <= 0
    for one, other in combinations(ROLES, 2):
        grown = regions[one].grown(gap, shape)
        assert not (owner[grown] == ROLES.index(other) + 1).any()


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (slice(0, 20), slice(0, 90), "expected 32 pixels or more along both sides"),
        (slice(0, 90), slice(500, 700), "inside the image's 300×600"),
        (slice(8, 296), slice(8, 592), "no place is left to train and to test"),
    ],
)
def test_a_chosen_region_that_cannot_be_is_told_what_to_do(rows, columns, message):
    with pytest.raises(InputError, match=message):
        regions_around(Region(rows, columns), np.ones((300, 600)), 48, 8, "x")


def test_the_emptiest_region_has_as_much_structure_as_can_be():
    activity = np.zeros((300, 700))
    activity[:100] = 1.0  # strips of columns see it all, strips of rows don't
    regions = three_regions(activity, 20, 8, "x")
    assert all(region.sides[0] == 300 for region in regions.values())


def test_too_small_an_image_is_told_how_large_it_must_be():
    with pytest.raises(InputError, match=r"raw: 100×120 pixels are too few .* expected at least 240"):
        three_regions(np.ones((100, 120)), 48, 8, "raw")
