"""Counted nuclei: drawn discs whose number is known, and real ones with true masks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.io import imread

from gan_lessons.errors import InputError
from gan_lessons.metrics.nuclei import segment_nuclei
from gan_lessons.metrics.objects import match_objects


def discs(step, radius, rng, count=16, dark=10.0, light=100.0):
    """Draw discs of unlike brightness on a grid; return photons and labels."""
    side = int(np.sqrt(count))
    y, x = np.indices((side * step, side * step))
    cell = (y // step) * side + x // step + 1
    inside = np.hypot(y % step - step / 2 + 0.5, x % step - step / 2 + 0.5) < radius
    labels = np.where(inside, cell, 0)
    brightness = np.concatenate([[dark], rng.uniform(0.5, 1.5, count) * light + dark])
    return rng.poisson(brightness[labels]).astype(float), labels


def test_drawn_nuclei_are_found():
    image, truth = discs(30, 9, np.random.default_rng(0))
    found = match_objects(segment_nuclei(image, 18), truth)
    assert (found.found, found.invented, found.missed) == (16, 0, 0)
    assert found.mean_iou > 0.85


@given(st.floats(0.1, 100), st.floats(-1e4, 1e4))
def test_units_dont_matter(gain, offset):
    image, _ = discs(24, 8, np.random.default_rng(1), count=4)
    np.testing.assert_array_equal(segment_nuclei(gain * image + offset, 16), segment_nuclei(image, 16))


def test_touching_nuclei_are_parted_and_debris_is_left_out():
    y, x = np.indices((60, 80))
    image = 10.0 + 100 * (
        (np.hypot(y - 30, x - 25) < 12) | (np.hypot(y - 30, x - 46) < 12) | (np.hypot(y - 50, x - 70) < 2)
    )
    labels = segment_nuclei(image, 24)
    assert sorted(np.unique(labels)) == [0, 1, 2]
    assert labels[30, 25] != labels[30, 46]
    assert labels[50, 70] == 0


def test_stacks():
    z, y, x = np.indices((24, 40, 40))
    image = 100.0 * (np.sqrt((z - 12) ** 2 + (y - 20) ** 2 + (x - 20) ** 2) < 8)
    assert segment_nuclei(image, 16).max() == 1


def test_gaps_are_background():
    image, _ = discs(30, 9, np.random.default_rng(0))
    image[:60] = np.nan
    labels = segment_nuclei(image, 18)
    assert labels.max() == 8
    assert not labels[:60].any()


def test_nothing_to_find():
    assert segment_nuclei(np.full((30, 30), 5.0), 10).max() == 0
    for image, diameter, message in [
        (np.ones(5), 10, "expected one plane"),
        (np.ones((5, 5)), 2, "expected 3 or more"),
        (np.full((5, 5), np.nan), 10, "no pixel is finite"),
    ]:
        with pytest.raises(InputError, match=message):
            segment_nuclei(image, diameter)


def test_real_nuclei(shared_data):
    """F1 at IoU 0.5 on 47 fields of DSB 2018 whose masks were drawn by hand, all with the diameter of their median."""
    scores = []
    for path in sorted((shared_data / "segmentation" / "dsb2018").glob("*_image.png"))[:12]:
        truth = imread(path.with_name(path.name.replace("_image.png", "_label.tif"))).astype(int)
        sizes = np.bincount(truth.ravel())[1:]
        diameter = np.sqrt(np.median(sizes[sizes > 0]) * 4 / np.pi)
        scores.append(match_objects(segment_nuclei(imread(path), diameter), truth).f1)
    assert np.median(scores) > 0.8
