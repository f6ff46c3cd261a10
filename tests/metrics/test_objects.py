"""Masks against torchmetrics, objects against a plain loop over pairs, on drawn and on real labels."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.io import imread
from torchmetrics.functional.classification import binary_f1_score, binary_jaccard_index

from gan_lessons.errors import InputError
from gan_lessons.metrics.objects import dice, intersection_over_union, match_objects


def test_masks_equal_torchmetrics():
    rng = np.random.default_rng(0)
    for share in np.linspace(0.05, 0.95, 20):
        found, true = rng.random((2, 17, 19)) < share
        x, y = torch.tensor(found), torch.tensor(true)
        assert dice(found, true) == pytest.approx(binary_f1_score(x, y).item(), abs=1e-6)  # theirs is float32
        assert intersection_over_union(found, true) == pytest.approx(binary_jaccard_index(x, y).item(), abs=1e-6)


def pairs_by_loop(labels, reference, iou):
    """Pairs of objects that overlap enough, and how much."""
    found = {}
    for a in set(labels.ravel().tolist()) - {0}:
        for b in set(reference.ravel().tolist()) - {0}:
            both, either = ((labels == a) & (reference == b)).sum(), ((labels == a) | (reference == b)).sum()
            if both / either >= iou:
                found[a, b] = both / either
    return found


@given(st.integers(0, 2**32 - 1), st.floats(0.51, 1.0))
def test_matches_above_one_half_equal_a_loop(seed, iou):
    rng = np.random.default_rng(seed)
    reference = np.kron(rng.integers(0, 5, (3, 3)), np.ones((3, 4), int))
    labels = np.where(rng.random(reference.shape) < 0.2, rng.integers(0, 5, reference.shape), reference * 7 % 5)
    matched = pairs_by_loop(labels, reference, iou)
    result = match_objects(labels, reference, iou)
    objects, true = len(set(labels.ravel()) - {0}), len(set(reference.ravel()) - {0})
    assert result[:3] == (len(matched), objects - len(matched), true - len(matched))
    if matched:
        assert result.mean_iou == pytest.approx(np.mean(list(matched.values())))
        assert result.f1 == pytest.approx(2 * len(matched) / (objects + true))


def test_below_one_half_no_object_has_two_partners():
    reference = np.array([1, 1, 1, 1, 2, 2, 2, 2])
    labels = np.array([0, 0, 1, 1, 1, 1, 0, 0])  # a third of each
    assert match_objects(labels, reference, 0.3)[:3] == (1, 0, 1)
    assert match_objects(labels, reference, 0.5)[:3] == (0, 1, 2)


def test_as_many_matches_as_possible():
    """The largest overlap first would leave one pair where two are possible."""
    labels = np.repeat([1, 1, 1, 2, 2], [4, 5, 1, 0, 3])
    reference = np.repeat([3, 4, 4, 4], [4, 5, 1, 3])
    assert pairs_by_loop(labels, reference, 0.2).keys() == {(1, 3), (1, 4), (2, 4)}
    assert match_objects(labels, reference, 0.2).found == 2


def test_nothing_to_find():
    empty, one = np.zeros((2, 2), int), np.ones((2, 2), int)
    assert np.isnan(match_objects(empty, empty).f1)
    assert np.isnan(dice(empty > 0, empty > 0))
    assert np.isnan(intersection_over_union(empty > 0, empty > 0))
    assert match_objects(empty, one).f1 == 0.0
    assert match_objects(one, empty)[:3] == (0, 1, 0)
    assert match_objects(one, one).f1 == 1.0


def test_real_nuclei(shared_data):
    for path in sorted((shared_data / "segmentation" / "dsb2018").glob("*_label.tif"))[:5]:
        true = imread(path)
        names = np.unique(true[true > 0])
        assert match_objects(true, true)[:3] == (len(names), 0, 0)
        lost = np.where(true == names[0], 0, true)
        assert match_objects(lost, true)[:3] == (len(names) - 1, 0, 1)


def test_bad_input():
    labels = np.ones((3, 3), int)
    with pytest.raises(InputError, match="same shape"):
        match_objects(labels[1:], labels)
    with pytest.raises(InputError, match="float64; expected labels as integers"):
        match_objects(labels.astype(float), labels)
    with pytest.raises(InputError, match="expected bool"):
        dice(labels, labels)
    with pytest.raises(InputError, match="iou is 0"):
        match_objects(labels, labels, 0.0)
