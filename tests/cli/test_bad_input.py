"""What a folder may hold and a hurried user type: one line that says what is wrong, or a correct result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from gan_lessons.cli import main
from gan_lessons.io import read_image

PLANE = np.random.default_rng(0).gamma(2, 200, (20, 24)).astype(np.uint16)
COLORS = np.random.default_rng(1).integers(0, 255, (20, 24, 4), dtype=np.uint8)


def tiff(data: np.ndarray, **options: object) -> Callable[[Path], None]:
    return lambda path: tifffile.imwrite(path, data, **options)


def picture(mode: str) -> Callable[[Path], None]:
    return lambda path: PillowImage.fromarray(COLORS[..., :3] if mode == "P" else COLORS).convert(mode).save(path)


def truncated(path: Path) -> None:
    tifffile.imwrite(path, PLANE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def with_nan() -> np.ndarray:
    values = PLANE.astype(np.float32)
    values[3, 4] = np.nan
    return values


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("empty.tif", lambda path: path.touch(), "empty"),
        ("cut.tif", truncated, "truncated"),
        ("text.tif", lambda path: path.write_text("dear diary"), "not an image"),
        ("complex.tif", tiff(PLANE.astype(np.complex64)), "complex64"),
        ("bool.tif", tiff(PLANE > 300), "bool"),
        ("nan.tif", tiff(np.full((9, 9), np.nan, np.float32)), "no pixel has a value"),
        ("unnamed.tif", tiff(np.zeros((5, 20, 24), np.uint8), photometric="minisblack"), "--axes ZYX"),
        ("absent.tif", lambda path: None, "no such file"),
    ],
)
def test_refused(
    name: str,
    write: Callable[[Path], None],
    expected: str,
    model: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path / name)
    out = tmp_path / "out"
    assert main(["restore", str(tmp_path / name), "--out", str(out), "--model", model]) == 2
    text = capsys.readouterr().err
    assert text.startswith("error: ")
    assert text.count("\n") == 1
    assert name in text
    assert expected in text
    assert not any(out.iterdir())


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("one_nan.tif", tiff(with_nan())),
        ("constant.tif", tiff(np.full((20, 24), 77, np.uint16))),
        ("dot.tif", tiff(np.array([[7]], np.uint8))),
        ("five.tif", tiff(np.stack([[[PLANE, PLANE]] * 3] * 2), imagej=True, metadata={"axes": "TZCYX"})),
        ("big_endian.tif", tiff(PLANE.astype(">u2"), byteorder=">")),
        ("signed.tif", tiff(PLANE.astype(np.int16) - 300)),
        ("float64.tif", tiff(PLANE.astype(np.float64))),
        ("rgba.png", picture("RGBA")),
        ("palette.png", picture("P")),
    ],
)
def test_restored(name: str, write: Callable[[Path], None], model: str, tmp_path: Path) -> None:
    """A model that returns its input: shape, kind of number and values come out as they went in."""
    source, out = tmp_path / name, tmp_path / "out"
    write(source)
    assert main(["restore", str(source), "--out", str(out), "--model", model]) == 0
    before, after = read_image(source), read_image(out / name)
    assert (after.axes, after.data.dtype) == (before.axes, before.data.dtype)
    np.testing.assert_allclose(np.asarray(after.data), np.asarray(before.data), rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--model", "fluo2d"], "did you mean 'fluo-2d'"),
        (["--model", "photo-motion"], "takes 3 channels"),
        (["--model", "missing.safetensors"], "no such model file"),
        (["--axes", "ZYX"], "for example axes='YX'"),
        (["--pixel-size", "-0.1"], "positive"),
        (["--tile", "0"], "tile is 0"),
        (["--psf", "psf.tif"], "all values are zero"),
    ],
)
def test_settings_that_cannot_be(
    words: list[str], expected: str, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tifffile.imwrite(tmp_path / "plane.tif", PLANE)
    tifffile.imwrite(tmp_path / "psf.tif", np.zeros((5, 5), np.float32))
    words = [str(tmp_path / word) if word == "psf.tif" else word for word in words]
    model_words = [] if "--model" in words else ["--model", model]
    out = tmp_path / "result.tif"
    assert main(["restore", str(tmp_path / "plane.tif"), "--out", str(out), *model_words, *words]) == 2
    text = capsys.readouterr().err
    assert expected in text
    assert text.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("out", "expected"),
    [("result.jp2", "unknown suffix"), ("absent/result.tif", "no folder"), ("plane.tif/new", "could not be made")],
)
def test_places_that_cannot_be(
    out: str, expected: str, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tifffile.imwrite(tmp_path / "plane.tif", PLANE)
    assert main(["restore", str(tmp_path / "plane.tif"), "--out", str(tmp_path / out), "--model", model]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "words", "expected"),
    [
        ("result.jpg", [], "JPEG can't hold axes YXS (20, 24, 4)"),
        ("result.png", ["--dtype", "float32"], "PNG can't hold float32"),
    ],
)
def test_a_format_that_cannot_hold_the_result_is_told_before_the_work(
    out: str, words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture("RGBA")(tmp_path / "photo.png")
    unread = ["--model", "missing.safetensors"]  # what loads it has begun to work
    assert main(["restore", str(tmp_path / "photo.png"), "--out", str(tmp_path / out), *unread, *words]) == 2
    assert expected in capsys.readouterr().err
