"""Sets of pairs that are written: the same bits again, in the type they came in, with all that was drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gan_lessons.data import open_splits
from gan_lessons.data.degrading import RandomDegradation
from gan_lessons.data.gopro import organize_gopro
from gan_lessons.data.synthesis import synthesize
from gan_lessons.data.video import Exposure
from gan_lessons.degradations import CameraShake, convolve
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.image import Image
from gan_lessons.io import read_image, write_image


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_call_writes_the_same_bits_and_another_seed_others(tmp_path, write):
    for name in range(2):
        write(f"in/{name}.png", (40, 50, 3), axes="YXS", seed=name)
    shake = RandomDegradation("camera-shake", {"photons": (100, 1000)})
    for out, seed in (("one", 3), ("two", 3), ("other", 4)):
        synthesize(tmp_path / "in", tmp_path / out, shake, count=5, seed=seed)
    one, two, other = (files_of(tmp_path / out) for out in ("one", "two", "other"))
    assert one == two
    assert len(one) == 11
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one if name.startswith("blur"))


def test_the_manifest_tells_how_to_make_a_pair_again(tmp_path, write):
    path = write("in/one.png", (40, 50), seed=1)
    manifest = synthesize(tmp_path / "in", tmp_path / "out", RandomDegradation("camera-shake"), count=3, seed=7)
    record = json.loads(manifest.read_text(encoding="utf-8"))["pairs"][2]
    told = record["parameters"]
    assert record["source"] == "one.png"
    rng = np.random.default_rng([7, 2])
    for name in ("length_px", "exposure"):  # drawn first, in this order
        assert rng.uniform(*{"length_px": (5, 40), "exposure": (0.5, 1)}[name]) == told[name]
    np.exp(rng.uniform(np.log(0.003), np.log(0.01)))
    rng.uniform(0, 0, 2)  # photons and read noise
    kernel = CameraShake(told["length_px"], told["exposure"], told["anxiety"]).kernel(rng)
    light = convolve((read_image(path).data / 255) ** 2.2, kernel)
    stored = read_image(tmp_path / "out" / "blur" / f"{record['name']}.png").data
    np.testing.assert_allclose(stored, 255 * np.maximum(light, 0) ** (1 / 2.2), atol=0.6)


@pytest.mark.parametrize(
    ("name", "axes", "shape", "dtype"),
    [
        ("a.png", "YX", (30, 34), "uint16"),
        ("a.png", "YXS", (30, 34, 3), "uint16"),
        ("a.tif", "ZYX", (5, 30, 34), "uint16"),
        ("a.tif", "CYX", (2, 30, 34), "float32"),
        ("a.tif", "TYX", (3, 30, 34), "uint8"),
    ],
)
def test_types_axes_and_pixel_sizes_stay(tmp_path, name, axes, shape, dtype):
    size = {} if name.endswith("png") else {"Y": 0.1, "X": 0.1}
    data = np.random.default_rng(0).random(shape) * (1 if dtype == "float32" else np.iinfo(dtype).max / 2)
    (tmp_path / "in").mkdir()
    write_image(tmp_path / "in" / name, Image(data.astype(dtype), axes, size, dict.fromkeys(size, "µm")))
    synthesize(tmp_path / "in", tmp_path / "out", RandomDegradation("microscope"))
    (blurred,), (sharp,) = ([*(tmp_path / "out" / role).iterdir()] for role in ("blur", "sharp"))
    image, truth = read_image(blurred), read_image(sharp)
    assert (image.axes, image.data.shape, image.data.dtype, image.pixel_size) == (axes, shape, dtype, size)
    np.testing.assert_array_equal(truth.data, data.astype(dtype))
    assert 0 < image.data.std() < truth.data.std()
    assert image.data.mean() == pytest.approx(truth.data.mean(), rel=0.1)


def test_clipped_noise_is_told(tmp_path, write):
    write("in/dark.tif", data=np.where(np.eye(40, dtype=bool), 900, 0), dtype="uint16")
    with pytest.warns(InputWarning, match="of the blurred pixels were clipped"):
        manifest = synthesize(tmp_path / "in", tmp_path / "out", RandomDegradation("microscope", {"photons": 30}))
    (record,) = json.loads(manifest.read_text(encoding="utf-8"))["pairs"]
    assert 0.1 < record["clipped pixels"] / 1600 < 0.6


def test_what_was_written_is_read(tmp_path, write):
    for name in range(12):
        write(f"in/{name}.jpg", (40, 50, 3), axes="YXS", seed=name)
    synthesize(tmp_path / "in", tmp_path / "out", RandomDegradation("turbulence"))
    splits = open_splits(tmp_path / "out")
    assert [len(split) for split in (splits.training, splits.validation, splits.test)] == [10, 1, 1]


def test_frames_become_pairs(tmp_path, write):
    for number in range(15):
        write(f"in/{number}.png", data=np.full((24, 24), 100 + number) + np.eye(24))
    synthesize(tmp_path / "in", tmp_path / "out", Exposure(frames=5))
    assert len([*(tmp_path / "out" / "blur").iterdir()]) == 3
    assert int(np.median(read_image(tmp_path / "out" / "sharp" / "frames_000005.png").data)) == 107
    with pytest.raises(InputError, match="frames for 3 exposures; expected 4"):
        synthesize(tmp_path / "in", tmp_path / "more", Exposure(frames=5), count=4)


def test_nothing_is_left_of_a_set_that_failed(tmp_path, write):
    write("in/stack.tif", (2, 3, 30, 30), axes="TZYX", dtype="uint16")
    with pytest.raises(InputError, match="expected one time a file"):
        synthesize(tmp_path / "in", tmp_path / "out", RandomDegradation("microscope"))
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    with pytest.raises(InputError, match="exists already"):
        synthesize(tmp_path / "in", tmp_path / "in", RandomDegradation("microscope"))


@pytest.mark.parametrize("link", [False, True])
def test_gopro_is_organized(tmp_path, write, link):
    for split, recordings in (("train", 2), ("test", 1)):
        for recording in range(recordings):
            for frame in ("000001", "000002"):
                for role, seed in (("blur", 1), ("blur_gamma", 2), ("sharp", 3)):
                    write(f"GOPRO/{split}/GOPR{recording}/{role}/{frame}.png", seed=seed)
    counts = organize_gopro(tmp_path / "GOPRO", tmp_path / "out", gamma=True, link=link)
    assert counts == {"train": 4, "test": 2}
    blurred = tmp_path / "out" / "train" / "blur" / "GOPR1-000002.png"
    assert blurred.is_symlink() == link
    assert blurred.read_bytes() == (tmp_path / "GOPRO/train/GOPR1/blur_gamma/000002.png").read_bytes()
    splits = open_splits(tmp_path / "out", shares=(0, 0))
    assert [len(split) for split in (splits.training, splits.test)] == [4, 2]
    (tmp_path / "GOPRO/test/GOPR0/sharp/000001.png").unlink()
    with pytest.raises(InputError, match="has no partner"):
        organize_gopro(tmp_path / "GOPRO", tmp_path / "again")
    assert not (tmp_path / "again").exists()
