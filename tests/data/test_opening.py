"""Every layout of a folder, from files to patches; what is wrong is named before anything is drawn."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons.data import open_pairs, open_splits
from gan_lessons.data.inspection import DataError
from gan_lessons.errors import InputError
from gan_lessons.io import read_image


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def is_cut_from(patch: torch.Tensor, pixels: np.ndarray) -> bool:
    """Whether (Y, X) in [0, 1] is a window of an 8-bit picture."""
    wanted = np.rint(patch.numpy() * 255).astype(np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, wanted.shape)
    return bool((windows == wanted).all((2, 3)).any())


@pytest.mark.parametrize(
    ("degraded", "sharp"),
    [
        ("blur/{}.png", "sharp/{}.png"),
        ("A/{}.png", "B/{}.png"),
        ("lq/{}.png", "gt/{}.tif"),
        ("train/blur/{}.png", "train/sharp/{}.png"),
        ("A/train/{}.png", "B/train/{}.png"),
        ("{}_blur.png", "{}_sharp.png"),
        ("blur/{}_sharp.png", "sharp/{}_sharp.png"),
        ("train/GOPR01/blur/{}.png", "train/GOPR01/sharp/{}.png"),
    ],
)
def test_pairs_are_matched_by_name_wherever_the_roles_stand(tmp_path, write, degraded, sharp):
    for seed in range(3):
        write(degraded.format(seed), seed=seed)
        write(sharp.format(2 - seed), seed=2 - seed)
    pairs = open_pairs(tmp_path, scaling="type")
    assert len(pairs) == 3
    for index in range(3):
        pair = pairs.draw(index, 16, rng(index))
        assert pair.degraded.shape == (1, 16, 16)
        assert pair.degraded.dtype == torch.float32
        torch.testing.assert_close(pair.degraded, pair.sharp, rtol=0, atol=0)  # partners were written alike
        assert is_cut_from(pair.sharp[0], read_image(tmp_path / degraded.format(index)).data)


@settings(max_examples=30)
@given(index=st.integers(0, 2), patch=st.integers(1, 70), seed=st.integers(0, 2**32))
def test_same_index_and_seed_give_the_same_bits(tmp_path_factory, index, patch, seed):
    folder = tmp_path_factory.getbasetemp() / "bits"
    if not folder.exists():
        from PIL import Image

        folder.mkdir()
        for name in range(3):
            Image.fromarray(rng(name).integers(0, 255, (50, 60, 3), dtype=np.uint8)).save(folder / f"{name}.png")
    one, other = (open_pairs(folder, degradation="camera-shake", ranges={"photons": 500}) for _ in range(2))
    pairs = [source.draw(index, patch, rng(seed)) for source in (one, one, other)]
    for pair in pairs[1:]:
        assert torch.equal(pair.degraded, pairs[0].degraded)
        assert torch.equal(pair.sharp, pairs[0].sharp)
    assert pairs[0].sharp.shape == (3, patch, patch)


@pytest.mark.parametrize("options", [{"degradation": "defocus"}, {"layout": "frames", "frames": 3}])
def test_a_source_goes_to_another_process_and_draws_the_same_there(tmp_path, write, options):
    for name in range(3):
        write(f"{name}.png", seed=name)
    pairs = open_pairs(tmp_path, **options)
    one = pairs.draw(0, 16, rng())
    other = pickle.loads(pickle.dumps(pairs)).draw(0, 16, rng())
    assert torch.equal(one.degraded, other.degraded)
    assert torch.equal(one.sharp, other.sharp)


def test_halves_of_a_picture_and_their_direction(tmp_path, write):
    left, right = (rng(seed).integers(0, 256, (32, 32), dtype=np.uint8) for seed in (1, 2))
    write("facade.png", data=np.hstack([left, right]))
    pair = open_pairs(tmp_path).draw(0, 32, rng())
    turned = open_pairs(tmp_path, roles=("right", "left")).draw(0, 32, rng())
    np.testing.assert_array_equal(np.rint(pair.degraded[0].numpy() * 255), left)
    np.testing.assert_array_equal(np.rint(pair.sharp[0].numpy() * 255), right)
    assert torch.equal(turned.degraded, pair.sharp)


def test_wide_pictures_are_not_halved_against_the_users_word(tmp_path, write):
    write("panorama.png", (20, 40))
    splits = open_splits(tmp_path, layout="sharp", degradation="gaussian", shares=(0, 0))
    assert "sharp images without partners" in splits.description
    assert splits.training.draw(0, 30, rng()).sharp.shape == (1, 30, 30)


def test_unpaired_domains(tmp_path, write):
    for name in range(3):
        write(f"trainA/{name}.png", seed=name, data=np.full((30, 30), 10) + np.eye(30))
        write(f"trainB/other{name}.png", data=np.full((20, 25), 200) + np.eye(20, 25))
    write("trainB/one_more.png", data=np.full((20, 25), 200) + np.eye(20, 25))
    pairs = open_pairs(tmp_path)
    assert len(pairs) == 4
    pair = pairs.draw(3, 8, rng())
    assert pair.degraded.max() < 0.1 < pair.sharp.min()
    assert open_pairs(tmp_path, roles=("B", "A")).draw(0, 8, rng()).degraded.min() > 0.5


def test_all_faults_are_named_at_once(tmp_path, write):
    for name in ("good", "larger", "flat", "broken", "colored"):
        write(f"sharp/{name}.png", seed=1)
        write(f"blur/{name}.png", seed=2)
    write("blur/alone.png")
    write("sharp/larger.png".replace("larger", "unwanted"), seed=3)
    (tmp_path / "sharp/larger.png").unlink()
    write("sharp/larger.png", (48, 41))
    (tmp_path / "blur/flat.png").unlink()
    write("blur/flat.png", data=np.full((48, 40), 7))
    (tmp_path / "blur/broken.png").write_bytes((tmp_path / "blur/good.png").read_bytes()[:300])
    (tmp_path / "blur/colored.png").unlink()
    write("blur/colored.png", (48, 40, 3), axes="YXS")
    with pytest.raises(DataError) as caught:
        open_splits(tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    for words in (
        "6 faults",
        "blur/alone.png: has no partner 'alone' among 'sharp'",
        "sharp/unwanted.png: has no partner",
        "blur/larger.png: 48×40 pixels, but its partner larger.png has 48×41",
        "blur/flat.png: is constant (7",
        "blur/broken.png: not a readable image",
        "blur/colored.png: 3 channels; expected 1",
    ):
        assert words in message


def test_a_folder_without_pairs_says_what_is_expected(tmp_path, write):
    with pytest.raises(InputError, match="no image there"):
        open_pairs(tmp_path)
    write("one.png")
    with pytest.raises(InputError, match="expected partners"):
        open_pairs(tmp_path)
    with pytest.raises(InputError, match="did you mean 'defocus'"):
        open_pairs(tmp_path, degradation="defocuss")
    with pytest.raises(InputError, match="no such folder"):
        open_pairs(tmp_path / "absent")


def test_a_file_that_goes_bad_during_training_is_named(tmp_path, write):
    path = write("only.png")
    pairs = open_pairs(tmp_path, degradation="gaussian")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match=r"only\.png: not a readable image"):
        pairs.draw(0, 16, rng())
    path.unlink()
    write("only.png", (20, 20))
    with pytest.raises(InputError, match="expected a file that stays as it is"):
        pairs.draw(0, 16, rng())


@pytest.mark.parametrize(
    ("dtype", "axes", "shape"),
    [("uint8", "YXS", (40, 44, 3)), ("uint16", "YXS", (40, 44, 3)), ("uint16", "YX", (40, 44))],
)
def test_integers_are_scaled_by_their_type(tmp_path, write, dtype, axes, shape):
    path = write("one.png", shape, axes=axes, dtype=dtype)
    pair = open_pairs(tmp_path, degradation="gaussian").draw(0, 40, rng())
    stored = read_image(path).data
    assert pair.sharp.shape[0] == (3 if axes == "YXS" else 1)
    assert float(pair.sharp.max()) == pytest.approx(stored.max() / np.iinfo(dtype).max, abs=0.01)


def test_percentiles_are_those_of_the_training_files_together(tmp_path, write):
    dim, bright = rng(1).gamma(2, 100, (64, 64)), rng(2).gamma(2, 1000, (64, 64))
    write("raw/0.tif", data=dim, dtype="uint16")
    write("raw/1.tif", data=bright, dtype="uint16")
    write("reference/0.tif", data=10 * dim, dtype="float32")
    write("reference/1.tif", data=10 * bright, dtype="float32")
    splits = open_splits(tmp_path, shares=(0, 0), foreground=0)
    pooled = np.concatenate([dim.astype(np.uint16), bright.astype(np.uint16)]).astype(float)
    low, high = np.percentile(pooled, [1, 99.9])
    pair = splits.training.draw(0, 64, rng())
    expected = (dim.astype(np.uint16) - low) / (high - low)
    np.testing.assert_allclose(pair.degraded[0], expected, atol=1e-5)
    np.testing.assert_allclose(splits.scalings[0].undo(pair.degraded.numpy(), np.dtype("uint16"))[0].round(), dim // 1)
    np.testing.assert_allclose(pair.sharp[0], pair.degraded[0], atol=0.02)  # ten times the exposure, scaled away


def test_floats_beyond_one_have_no_type_range(tmp_path, write):
    write("one.tif", data=np.linspace(0, 900, 1600).reshape(40, 40), dtype="float32")
    with pytest.raises(InputError, match="floats from 0 to 900 have no type's range"):
        open_pairs(tmp_path, degradation="gaussian", scaling="type")


def test_bands_of_a_map_stay_channels(tmp_path, write):
    write("map.tif", (5, 40, 40), axes="CYX", dtype="uint16")
    assert open_splits(tmp_path, degradation="satellite", shares=(0, 0)).channels == (5, 5)


def test_real_pairs_of_a_camera(shared_data: Path):
    splits = open_splits(shared_data / "motion" / "gopro_0477")
    assert "4 pairs of files with equal names (blur → sharp), 32 others left aside" in splits.description
    pair = splits.training.draw(0, 128, rng())
    correlation = np.corrcoef(pair.degraded.numpy().ravel(), pair.sharp.numpy().ravel())[0, 1]
    assert 0.9 < correlation < 1
