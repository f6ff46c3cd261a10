"""What holds for every command: quick help, one-line errors, exit statuses, no half-written file."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gan_lessons.cli import main
from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.io import write_image

RUN = [sys.executable, "-c", "import sys; from gan_lessons.cli import main; sys.exit(main())"]


def error_line(capsys: pytest.CaptureFixture[str]) -> str:
    text = capsys.readouterr().err
    assert text.startswith("error: ")
    assert text.count("\n") == 1
    return text


@pytest.mark.parametrize(
    "words", ["--help", "restore --help", "deconvolve --help", "models --help", "architectures --help", "demo --help"]
)
def test_help_loads_nothing_heavy(words: str) -> None:
    heavy = "{'torch', 'napari', 'scipy', 'skimage', 'dask', 'zarr', 'tifffile', 'lightning', 'rasterio', 'matplotlib'}"
    code = f"import sys; from gan_lessons.cli import main; main({words.split()}); print({heavy} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in ran.stdout
    assert ran.stdout.rstrip().endswith("set()")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("gan-lessons 0.")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["restore", "a.tif"], "--out"),
        (["restore", "a.tif", "--out", "b.tif", "--tiles", "3"], "--tiles"),
        (["restore", "absent.tif", "--out", "b.tif"], "no such file"),
        (["restore", "absent*.tif", "--out", "b.tif"], "no image there"),
        (["restore", "a.tif", "--out", "b.tif", "--na", "1.4"], "--wavelength is missing"),
        (["restore", "a.tif", "--out", "b.tif", "--na", "1.4", "--psf", "p.tif", "--wavelength", "500"], "give one of"),
        (["restore", "a.tif", "--out", "b.tif", "--pixel-size", "0,1 µm"], "not a number"),
        (["deconvolve", "a.tif", "--out", "b.tif", "--method", "rl"], "needs the PSF"),
        (["sharpen"], "sharpen"),
    ],
)
def test_errors_are_one_line(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert expected in error_line(capsys)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_debug_shows_the_traceback(place: int) -> None:
    words = ["restore", "absent.tif", "--out", "b.tif"]
    words.insert(place, "--debug")
    with pytest.raises(InputError, match="no such file"):
        main(words)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize(("name", "number"), [("cells.tif", signal.SIGINT), ("cells.zarr", signal.SIGTERM)])
def test_interrupted_work_leaves_nothing(tmp_path: Path, name: str, number: int) -> None:
    """Both ways of computing, at once and block by block as it is written, end when asked to."""
    source, psf, out = tmp_path / name, tmp_path / "psf.tif", tmp_path / "out"
    write_image(source, Image(np.ones((60, 60), np.float32), "YX"))
    write_image(psf, Image(np.full((5, 5), 0.04, np.float32), "YX"))
    words = ["deconvolve", str(source), "--out", str(out), "--psf", str(psf), "--method=rl", "--iterations=10000000"]
    process = subprocess.Popen(RUN + words, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (out.is_dir() and (name == "cells.tif" or any(out.iterdir()))):
            time.sleep(0.05)
        time.sleep(1)  # into the computation
        process.send_signal(number)
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors.count("\n") == 1
    assert list(out.iterdir()) == []
