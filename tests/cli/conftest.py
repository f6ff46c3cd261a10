from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan_lessons.generators import build_generator
from gan_lessons.image import Image
from gan_lessons.io import write_image
from gan_lessons.zoo import Card, Model, save_model

STACK = np.random.default_rng(0).integers(100, 900, (4, 40, 32), dtype=np.uint16)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model of planes as it is before training: it returns its input, PSF or not."""
    path = tmp_path_factory.mktemp("model") / "identity.safetensors"
    arguments = {"in_channels": 1, "out_channels": 1, "guides": 3, "widths": [8, 8]}
    card = Card("identity", "tests", "unshuffle-unet", arguments, "YX", psf=True)
    save_model(Model(build_generator(card.architecture, **arguments), card), path)
    return str(path)


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    path = tmp_path / "cells.tif"
    size, unit = {"Z": 0.3, "Y": 0.1, "X": 0.1}, dict.fromkeys("ZYX", "µm")
    write_image(path, Image(STACK, "ZYX", size, unit))
    return path
