"""Folders as recipes meet them: small, single, faulty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lessons.data.picture import _shelf
from gan_lessons.errors import InputError
from gan_lessons.training import Progress, fit
from gan_lessons.training.sources import open_sources

from .conftest import make_recipe


def write_pairs(folder: Path, count: int, side: int = 40, channels: int = 1) -> Path:
    rng = np.random.default_rng(0)
    for name in ("blur", "sharp"):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            shape = (side, side) if channels == 1 else (side, side, channels)
            Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(folder / name / f"{number}.png")
    return folder


ALL = {"data": {"shares": (0.0, 0.0)}}
"""Nothing held out."""


def test_one_image_smaller_than_the_patch_is_enough(tmp_path: Path) -> None:
    recipe = make_recipe(**ALL)
    sources = open_sources(recipe, write_pairs(tmp_path / "data", 1, side=12))
    assert sources.validation is None
    assert fit(recipe, sources.pairs, tmp_path / "run", about=sources.about).is_file()


def test_an_image_that_breaks_in_the_middle_of_a_run_is_named(tmp_path: Path) -> None:
    folder = write_pairs(tmp_path / "data", 3)
    pairs = open_sources(make_recipe(**ALL), folder).pairs

    def break_files(progress: Progress) -> None:
        for path in folder.rglob("*.png"):
            path.write_bytes(path.read_bytes()[:60])
        _shelf.files.clear()  # which remembers files as small as these

    with pytest.raises(InputError, match=r"(blur|sharp)/\d\.png"):
        fit(make_recipe(interval=1), pairs, tmp_path / "run", callback=break_files)
    assert (tmp_path / "run" / "checkpoint.pt").is_file()


def test_other_channels_than_the_recipes_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    pairs = open_sources(make_recipe(**ALL), write_pairs(tmp_path / "data", 2, channels=3)).pairs
    with pytest.raises(InputError, match=r"--set generator\.arguments\.in_channels=3"):
        fit(make_recipe(), pairs, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_misspelled_option_of_the_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="data has no argument 'scalling'; did you mean 'scaling'"):
        open_sources(make_recipe(data={"scalling": "type"}), tmp_path)
