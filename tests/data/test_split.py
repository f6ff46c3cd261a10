"""Which files train, which choose, which judge."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.data.split import split_files, split_rows
from gan_lessons.errors import InputError

KEYS = [f"{number:03}" for number in range(50)]


@given(count=st.integers(10, 200), seed=st.integers(0, 99), shares=st.tuples(*[st.floats(0, 0.45)] * 2))
def test_every_file_is_in_one_split(count, seed, shares):
    keys = [f"{number}" for number in range(count)]
    split = split_files(keys, shares, seed)
    assert sorted(chain.from_iterable(split.values())) == sorted(keys)
    assert [len(split[name]) for name in ("validation", "test")] == [round(share * count) for share in shares]
    backwards = split_files(keys[::-1], shares, seed)
    assert {name: set(files) for name, files in split.items()} == {name: set(f) for name, f in backwards.items()}


def test_the_seed_decides_and_nothing_else():
    assert split_files(KEYS, (0.1, 0.1), 1) == split_files(KEYS, (0.1, 0.1), 1)
    assert split_files(KEYS, (0.1, 0.1), 1) != split_files(KEYS, (0.1, 0.1), 2)


def test_folders_that_name_a_split_decide():
    keys = [f"train/{key}" for key in KEYS] + ["test/a", "test/b"]
    split = split_files(keys, (0.1, 0.1))
    assert split["test"] == ["test/a", "test/b"]
    assert len(split["validation"]) == 5
    assert all(key.startswith("train/") for key in split["training"] + split["validation"])
    assert split_files([*keys, "val/c"], (0.1, 0.1))["validation"] == ["val/c"]


def test_recordings_stay_together():
    keys = [f"train/GOPR{recording:02}/{frame}" for recording in range(22) for frame in range(20)]
    split = split_files(keys, (0.1, 0.0))
    recordings = {name: {key.split("/")[1] for key in split[name]} for name in ("training", "validation")}
    assert len(recordings["validation"]) == 2
    assert not recordings["training"] & recordings["validation"]


def test_too_few_files_or_rows():
    assert split_files(KEYS[:9], (0.1, 0.1)) is None
    with pytest.raises(InputError, match="too small to split by region"):
        split_rows(64, (0.1, 0.1))
    with pytest.raises(InputError, match="shares"):
        split_files(KEYS, (0.6, 0.4))


@given(height=st.integers(80, 3000), shares=st.tuples(*[st.floats(0.01, 0.3)] * 2))
def test_bands_are_apart_and_inside(height, shares):
    try:
        training, validation, test = split_rows(height, shares).values()
    except InputError:
        assert height < 100 or sum(shares) > 0.5
        return
    assert 0 == training.start < training.stop == validation.start - 16
    assert validation.start < validation.stop == test.start - 16
    assert test.start < test.stop <= height
    assert height < 384 or min(validation.stop - validation.start, test.stop - test.start) >= 64
