"""From files to files: where results go, what is kept, and what is told beside them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from gan_lessons.cli import main
from gan_lessons.image import Image
from gan_lessons.io import read_image, write_image


def test_result_and_its_provenance(stack: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = stack.with_name("restored.tif")
    assert main(["restore", str(stack), "--out", str(out), "--model", model]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    before, after = read_image(stack), read_image(out)
    np.testing.assert_array_equal(after.data, before.data)
    assert (after.axes, after.pixel_size, after.unit) == (before.axes, before.pixel_size, before.unit)
    told = json.loads(out.with_name("restored.tif.json").read_text(encoding="utf-8"))
    assert told["input"]["sha256"] == hashlib.sha256(stack.read_bytes()).hexdigest()
    assert told["model_sha256"] == hashlib.sha256(Path(model).read_bytes()).hexdigest()
    assert (told["method"], told["clipped"], told["axes"]) == ("identity", 0, "ZYX")
    assert len(told["normalization"]) == 1
    assert set(told["versions"]) >= {"python", "torch", "napari-deblur"}


def test_float_result(stack: Path, model: str) -> None:
    out = stack.with_name("restored.ome.tif")
    assert main(["restore", str(stack), "--out", str(out), "--model", model, "--dtype", "float32"]) == 0
    assert read_image(out).data.dtype == np.float32


def test_given_axes_and_pixel_size(stack: Path, model: str) -> None:
    out = stack.with_name("restored.zarr")
    options = ["--axes", "TYX", "--pixel-size", "0.065", "--model", model]
    assert main(["restore", str(stack), "--out", str(out), *options]) == 0
    result = read_image(out)
    assert (result.axes, result.pixel_size) == ("TYX", {"Y": 0.065, "X": 0.065})


def test_a_bad_input_does_not_lose_the_others(
    stack: Path, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.tif").write_text("not an image")
    write_image(tmp_path / "z.png", Image(np.full((20, 20), 9, np.uint8), "YX"))
    out = tmp_path / "out"
    assert main(["restore", str(tmp_path), "--out", str(out), "--model", model]) == 2
    errors = capsys.readouterr().err
    assert "a.tif" in errors
    assert "1 of 3 inputs failed" in errors
    assert sorted(path.name for path in out.iterdir()) == ["cells.tif", "cells.tif.json", "z.png", "z.png.json"]


def test_overwrite(stack: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = stack.with_name("restored.tif")
    words = ["restore", str(stack), "--out", str(out), "--model", model]
    assert main(words) == 0
    assert main(words) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0


def test_never_over_the_input(stack: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = stack.read_bytes()
    assert main(["restore", str(stack), "--out", str(stack.parent), "--model", model]) == 2
    assert main(["restore", str(stack), "--out", str(stack), "--model", model, "--overwrite"]) == 2
    assert "input" in capsys.readouterr().err
    assert stack.read_bytes() == before


def test_one_file_for_two_inputs(stack: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    other = stack.with_name("other.tif")
    other.write_bytes(stack.read_bytes())
    assert main(["restore", str(stack), str(other), "--out", str(stack.with_name("r.tif")), "--model", model]) == 2
    assert "expected a folder" in capsys.readouterr().err


def test_two_inputs_of_one_name(stack: Path, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "b").mkdir()
    other = tmp_path / "b" / stack.name
    other.write_bytes(stack.read_bytes())
    assert main(["restore", str(stack), str(other), "--out", str(tmp_path / "out"), "--model", model]) == 2
    assert "two inputs" in capsys.readouterr().err


def test_microscope(stack: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = stack.with_name("restored.tif")
    scope = ["--na", "1.4", "--wavelength", "520", "--immersion", "oil"]
    assert main(["restore", str(stack), "--out", str(out), "--model", model, *scope]) == 0
    warning = capsys.readouterr().err
    assert warning.startswith("warning: ")  # 0.1 µm pixels are coarser than Nyquist for NA 1.4
    assert warning.count("\n") == 1
    told = json.loads(out.with_name("restored.tif.json").read_text(encoding="utf-8"))
    assert told["optics"]["na"] == 1.4


def test_microscope_without_pixel_size(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_image(tmp_path / "a.tif", Image(np.ones((30, 30), np.uint8), "YX"))
    words = ["restore", str(tmp_path / "a.tif"), "--out", str(tmp_path / "b.tif"), "--model", model]
    assert main([*words, "--na", "0.5", "--wavelength", "520"]) == 2
    assert "--pixel-size" in capsys.readouterr().err
    assert main([*words, "--na", "0.5", "--wavelength", "520", "--pixel-size", "0.2"]) == 0
    assert main([*words, "--overwrite", "--na", "0.5", "--wavelength", "520", "--pixel-size", "-0.2"]) == 2
    assert "positive" in capsys.readouterr().err


@pytest.mark.parametrize("method", ["rl", "rl-tv", "wiener"])
def test_deconvolve(stack: Path, tmp_path: Path, method: str) -> None:
    """A PSF of one point changes nothing but what the method's own damping does."""
    psf = np.zeros((5, 5), np.float32)
    psf[2, 2] = 1
    write_image(tmp_path / "psf.tif", Image(psf, "YX"))
    out = tmp_path / "sharp.tif"
    options = ["--psf", str(tmp_path / "psf.tif"), "--method", method, "--iterations", "3"]
    assert main(["deconvolve", str(stack), "--out", str(out), *options]) == 0
    result, before = read_image(out), read_image(stack)
    assert result.pixel_size == before.pixel_size
    difference = np.abs(np.asarray(result.data, float) - before.data)
    assert difference.max() <= {"rl": 1, "rl-tv": 30, "wiener": 10}[method]
    told = json.loads(out.with_name("sharp.tif.json").read_text(encoding="utf-8"))
    assert told["method"] == method
    assert told["optics"]["sha256"] == hashlib.sha256((tmp_path / "psf.tif").read_bytes()).hexdigest()
    assert told["settings"]


def test_models_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    for row in json.loads(capsys.readouterr().out):
        assert row["parameters"] > 0
        assert row["licence"]
    assert main(["models"]) == 0


def test_one_channel_of_several(stack: Path, model: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 900, (2, 30, 32), dtype=np.uint16)
    two, out = stack.with_name("two.ome.tif"), stack.with_name("one.ome.tif")
    write_image(two, Image(pixels, "CYX", channel_names=("DAPI", "GFP")))
    assert main(["restore", str(two), "--out", str(out), "--channel", "1", "--model", model]) == 0
    result = read_image(out)
    assert result.axes == "YX"
    np.testing.assert_array_equal(result.data, pixels[1])
    assert main(["restore", str(two), "--out", str(stack.with_name("x.tif")), "--channel", "2", "--model", model]) == 2


def test_a_psf_from_beads_and_one_from_the_image(stack: Path) -> None:
    from gan_lessons import deconvolve
    from gan_lessons.degradations import measure_psf
    from gan_lessons.restoration import estimate_psf

    beads = np.random.default_rng(0).poisson(3, (64, 64)).astype(np.uint16)
    y, x = np.indices(beads.shape)
    beads += (2000 * np.exp(-((y - 31) ** 2 + (x - 30) ** 2) / 8)).astype(np.uint16)
    write_image(stack.with_name("beads.tif"), Image(beads, "YX"))
    plane = stack.with_name("plane.tif")
    write_image(plane, Image(np.random.default_rng(0).poisson(90, (60, 64)).astype(np.uint16), "YX"))
    image = read_image(plane)
    expected = {
        "--beads": deconvolve(image, measure_psf(beads).psf, iterations=3).data,
        "--estimate-psf": deconvolve(image, estimate_psf(image)[0].psf, iterations=3).data,
    }
    for option, pixels in expected.items():
        out = stack.with_name(f"by{option}.tif")
        told = [option, str(stack.with_name("beads.tif"))][: 2 if option == "--beads" else 1]
        words = ["deconvolve", str(plane), "--out", str(out), "--method", "rl", "--iterations", "3", *told]
        assert main(words) == 0
        np.testing.assert_array_equal(read_image(out).data, pixels)


def test_two_ways_of_saying_the_psf(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["deconvolve", str(stack), "--out", "x.tif", "--method", "rl", "--estimate-psf", "--na", "1.2"]
    assert main(words) == 2
    assert "--estimate-psf and --na, --wavelength or --confocal: each says" in capsys.readouterr().err
