from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gan_lessons.image import Image
from gan_lessons.io import write_image

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write random pixels below the test's folder; ``write("blur/x.png", seed=3, axes="YXS", dtype="uint16")``."""

    def write(
        name: str,
        shape: tuple[int, ...] = (48, 40),
        *,
        seed: int = 0,
        axes: str = "YX",
        dtype: str = "uint8",
        data: np.ndarray | None = None,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            drawn = np.random.default_rng(seed).random(shape)
            data = drawn if dtype.startswith("float") else drawn * np.iinfo(dtype).max
        write_image(path, Image(data.astype(dtype), axes))
        return path

    return write
