"""From files to a table and a page."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from gan_lessons.cli import main
from gan_lessons.cli.evaluation_files import Files
from gan_lessons.generators import build_generator
from gan_lessons.image import Image
from gan_lessons.io import write_image
from gan_lessons.zoo import Card, Model, save_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    truth = 20 + 80 * rng.random((8, 8)).repeat(5, 0).repeat(5, 1)
    size, unit = {"Y": 0.1, "X": 0.1}, {"Y": "µm", "X": "µm"}
    images = {"raw": rng.poisson(truth), "restored": np.rint(truth), "truth": np.rint(truth), "mask": truth > 50}
    for name, pixels in images.items():
        write_image(tmp_path / f"{name}.tif", Image(pixels.astype(np.uint16), "YX", size, unit))
    write_image(
        tmp_path / "labels.tif", Image(np.arange(64, dtype=np.uint16).reshape(8, 8).repeat(5, 0).repeat(5, 1), "YX")
    )
    return tmp_path


def run(folder: Path, *more: str, out: str = "report") -> int:
    words = ["--raw", str(folder / "raw.tif"), "--candidate", f"ours={folder / 'restored.tif'}"]
    return main(["evaluate", *words, "--out", str(folder / out), *more])


def test_table_and_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "restored.tif.json").write_text(json.dumps({"method": "fluo-2d", "settings": {"tile": [1, 8, 8]}}))
    options = ["--reference", str(folder / "truth.tif"), "--range", "255", "--na", "0.8", "--wavelength", "520"]
    assert run(folder, *options) == 0
    out = folder / "report"
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "table.csv", "table.json"]
    printed = capsys.readouterr().out
    assert "PSNR" in printed
    assert str(out / "report.html") in printed.splitlines()
    with (out / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["candidate"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["raw", "wiener", "rl", "ours"]
    told = json.loads((out / "table.json").read_text(encoding="utf-8"))
    figures = told["figures"]["raw"]
    raw, truth = (np.asarray(_pixels(folder / f"{name}.tif")) for name in ("raw", "truth"))
    assert figures["psnr"] == pytest.approx(peak_signal_noise_ratio(truth, raw, data_range=255))
    assert float(rows["raw"]["psnr"]) == pytest.approx(figures["psnr"])
    assert float(rows["ours"]["psnr"]) == math.inf
    assert told["figures"]["ours"]["psnr"] is None  # JSON knows no infinity
    assert told["files"][0]["sha256"] == hashlib.sha256((folder / "raw.tif").read_bytes()).hexdigest()
    assert told["settings"]["na"] == 0.8
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "&#34;method&#34;: &#34;fluo-2d&#34;" in page  # the result's own provenance
    assert told["files"][1]["sha256"] in page


def _pixels(path: Path) -> np.ndarray:
    from tifffile import imread

    return imread(path)


def test_a_model_is_tested_too(folder: Path, model: str) -> None:
    assert run(folder, "--model", model) == 0
    figures = json.loads((folder / "report" / "table.json").read_text(encoding="utf-8"))["figures"]
    assert figures["restored"]["noise gain"] == pytest.approx(1, abs=0.05)  # this model returns its input
    assert figures["restored"]["disagreement"] == pytest.approx(0, abs=1e-5)


def test_mask_and_true_objects(folder: Path) -> None:
    options = ["--reference", str(folder / "truth.tif"), "--range", "reference", "--mask", str(folder / "mask.tif")]
    judged = ["--judge", "nuclei", "--diameter", "0.5", "--objects", str(folder / "labels.tif")]
    assert run(folder, *options, *judged) == 0
    figures = json.loads((folder / "report" / "table.json").read_text(encoding="utf-8"))["figures"]["raw"]
    assert figures["compared"] == (_pixels(folder / "mask.tif") > 0).mean()
    assert figures["nuclei"] + figures["nuclei missed"] - figures["nuclei invented"] == 63


def test_results_arent_replaced_unasked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 0
    assert run(folder) == 2
    assert "exists already" in capsys.readouterr().err
    assert run(folder, "--overwrite") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--candidate", "restored.tif"], "expected NAME=FILE"),
        (["--candidate", "ours=x.tif"], "the name 'ours' is taken"),
        (["--candidate", "reference=x.tif"], "the name 'reference' is taken"),
        (["--candidate", "b=no/such.tif"], "no such file"),
        (["--judge", "nuclei"], "--judge nuclei needs --diameter"),
        (["--judge", "cells"], "expected nuclei, faces, or a detector's file"),
        (["--judge", "gone.onnx"], "gone.onnx: no such file"),
        (["--range", "much"], "not a number"),
        (["--channel", "0"], "no channel 0"),
        (["--na", "0.8"], "--wavelength is missing"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(
    folder: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *options) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert len(error.splitlines()) == 1
    assert list((folder / "report").iterdir()) == []


def test_the_folder_may_not_be_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, out="raw.tif") == 2
    assert "expected a folder" in capsys.readouterr().err


def test_colors_are_restored_again_in_the_order_of_figures(tmp_path: Path) -> None:
    arguments = {"in_channels": 3, "out_channels": 3, "widths": [8, 8]}
    card = Card("colors", "tests", "unshuffle-unet", arguments, "YXC")
    generator = build_generator(card.architecture, **arguments)
    with torch.no_grad():
        generator.last.weight[:] = torch.linspace(-1, 1, generator.last.weight.numel()).view_as(generator.last.weight)
    save_model(Model(generator, card), tmp_path / "colors.safetensors")
    photo = np.random.default_rng(0).integers(0, 255, (24, 20, 3), dtype=np.uint8)
    write_image(tmp_path / "photo.tif", Image(photo, "YXS"))
    files = Files.read(tmp_path / "photo.tif", [], None, axes=None, pixel_size=None, channel=None)
    restored, again = files.restored(str(tmp_path / "colors.safetensors"), None)
    assert np.abs(np.asarray(restored.data) - photo).max() > 1
    np.testing.assert_allclose(again(np.moveaxis(photo, -1, 0)), np.moveaxis(restored.data, -1, 0), rtol=1e-6)
