from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gan_lessons.cli import main
from gan_lessons.image import Image
from gan_lessons.io import write_image


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in range(3):
        pixels = np.random.default_rng(name).integers(0, 256, (40, 48, 3), dtype=np.uint8)
        write_image(folder / f"{name}.png", Image(pixels, "YXS"))
    return folder


def test_a_set_is_made_and_checked(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "pairs"
    words = ["data", "synthesize", str(photos), "--out", str(out), "--degradation", "defocus"]
    assert main([*words, "--count", "5", "--set", "radius_px=2..3", "--set", "photons=500"]) == 0
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert all(2 <= pair["parameters"]["radius_px"] <= 3 for pair in told["pairs"])

    capsys.readouterr()
    assert main(["data", "check", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "5 pairs of files with equal names (blur → sharp)" in printed
    assert "sharp: 5 files, uint8, 3 channels, 1 planes of 40 × 48 pixels" in printed

    (out / "sharp" / "00001_1.png").unlink()
    assert main(["data", "check", str(out)]) == 2
    assert "00001_1.png: has no partner" in capsys.readouterr().err


def test_words_that_are_wrong(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["data", "synthesize", str(photos), "--out", str(tmp_path / "x")]
    for more, message in [
        (["--degradation", "defocuss"], "did you mean 'defocus'"),
        (["--set", "length=3"], "did you mean 'length_px'"),
        (["--set", "length_px=long"], "expected a number or a range"),
        (["--degradation", "frames", "--set", "frames=3..5"], "expected one number"),
        (["--degradation", "frames", "--set", "frames=5"], "3 frames; expected 5 or more"),
    ]:
        assert main([*words, *more]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    assert main(["data", "check", str(photos), "--roles", "blur"]) == 2
    assert "expected two names" in capsys.readouterr().err


def test_gopro_is_organized(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for role in ("blur", "sharp"):
        path = tmp_path / "GOPRO" / "train" / "GOPR1" / role / "000001.png"
        path.parent.mkdir(parents=True)
        write_image(path, Image(np.eye(16, dtype=np.uint8), "YX"))
    assert main(["data", "organize-gopro", str(tmp_path / "GOPRO"), "--out", str(tmp_path / "out")]) == 0
    assert "1 pairs in train" in capsys.readouterr().out
