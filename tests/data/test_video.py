"""Frames averaged into blur, with and without frames between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from gan_lessons.data import open_pairs, open_splits
from gan_lessons.data.video import Exposure
from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.io import write_image

cv2 = pytest.importorskip("cv2")


@pytest.fixture(scope="module")
def moving() -> np.ndarray:
    """A texture that moves 6 pixels from frame to frame, in 48 steps: (C, 49, Y, X)."""
    texture = ndimage.gaussian_filter(np.random.default_rng(0).random((96, 200)), 2)
    texture = (texture - texture.min()) / np.ptp(texture)
    frames = [ndimage.shift(texture, (0, step / 8 * 6), order=3, mode="nearest")[:, 60:156] for step in range(49)]
    return np.clip(np.stack(frames)[None], 0, 1).astype(np.float32)


def test_frames_of_a_folder_are_averaged_in_light_in_the_order_of_numbers(tmp_path, write):
    for number in range(1, 13):
        write(f"frame{number}.png", data=np.full((20, 20), 10 * number) + np.eye(20))
    pairs = open_pairs(tmp_path, layout="frames", frames=5)
    assert len(pairs) == 2
    pair = pairs.draw(1, 8, np.random.default_rng(0))
    light = np.mean([(np.arange(60, 110, 10) / 255) ** 2.2])
    assert float(pair.degraded.median()) == pytest.approx(light ** (1 / 2.2), abs=1e-3)
    assert float(pair.sharp.median()) == pytest.approx(80 / 255)


def test_a_series_of_planes_is_a_film(tmp_path, moving):
    stack = np.rint(moving[0] * 65535).astype(np.uint16)
    write_image(tmp_path / "series.tif", Image(stack, "TYX"))
    splits = open_splits(tmp_path, layout="frames", scaling="type")
    assert "split by region" in splits.description
    assert len(splits.training) == 7
    pair = splits.training.draw(2, 32, np.random.default_rng(1))
    assert pair.degraded.std() < pair.sharp.std()


def test_a_film_is_decoded(tmp_path, moving):
    path = tmp_path / "film.avi"
    film = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (96, 96))
    for frame in moving[0, :21]:
        film.write(np.repeat(np.rint(frame[..., None] * 255).astype(np.uint8), 3, axis=2))
    film.release()
    pairs = open_pairs(tmp_path)
    assert len(pairs) == 3
    sharp = pairs.draw(1, 96, np.random.default_rng(0)).sharp
    assert np.abs(sharp.numpy() - moving[0, 10]).mean() < 0.02


def test_flow_fills_in_what_plain_averaging_leaves_as_ghosts(moving):
    truth = Exposure(frames=49).blur(moving)
    few = moving[:, ::8]  # 6 pixels apart
    ghosts = Exposure(frames=7).blur(few)
    filled = Exposure(frames=7, between=7).blur(few)
    inside = (slice(None), slice(16, -16), slice(24, -24))
    error = [float(np.sqrt(np.mean((blurred - truth)[inside] ** 2))) for blurred in (ghosts, filled)]
    assert error[1] < 0.5 * error[0]


def test_what_cannot_be_exposed_is_named(tmp_path, write):
    for number in range(4):
        write(f"{number}.png", seed=number)
    with pytest.raises(InputError, match="4 frames; expected 7 or more"):
        open_pairs(tmp_path, layout="frames")
    with pytest.raises(InputError, match="expected an odd number"):
        open_pairs(tmp_path, layout="frames", frames=4)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "damaged.mp4").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"damaged\.mp4: no frame could be decoded"):
        open_pairs(tmp_path / "x")


def test_real_frames(shared_data: Path):
    folder = shared_data / "motion" / "gopro_0477" / "frames_240fps"
    pairs = open_pairs(folder, layout="frames", frames=7)
    assert len(pairs) == 4
    pair = pairs.draw(0, 96, np.random.default_rng(0))
    assert pair.degraded.shape == (3, 96, 96)
