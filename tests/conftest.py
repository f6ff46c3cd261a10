"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images that are too large or too encumbered to be committed; skips where it is absent."""
    folder = Path(os.environ.get("GAN_LESSONS_SHARED_DATA", BESIDE_THE_CHECKOUT))
    if not folder.is_dir():
        pytest.skip(f"needs the shared image data: no folder {folder} (set GAN_LESSONS_SHARED_DATA)")
    return folder
