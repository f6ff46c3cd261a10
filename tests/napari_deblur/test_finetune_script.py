"""A fine-tuning copied as Python and as a command: pasted into fresh processes, it gives the same weights."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from scipy import ndimage

from gan_lessons.image import Image
from gan_lessons.io import write_image
from napari_deblur.finetune_request import PAIR, SHARP, FinetuneRequest
from napari_deblur.finetune_script import as_command, as_python
from napari_deblur.layers import Source

pytestmark = pytest.mark.gui  # the forms' files need Qt's libraries


@pytest.fixture
def pair(tmp_path: Path) -> dict[str, Image]:
    """Two images that are in files, too."""
    truth = (ndimage.gaussian_filter(np.random.default_rng(0).random((80, 208)) ** 6, 1.5) * 3000 + 100).astype("f4")
    raw = np.random.default_rng(1).poisson(ndimage.gaussian_filter(truth, 1.2)).astype(np.uint16)
    size, unit = {"Y": 0.1, "X": 0.1}, {"Y": "µm", "X": "µm"}
    images = {name: Image(pixels, "YX", size, unit, name=name) for name, pixels in (("raw", raw), ("reference", truth))}
    for name, image in images.items():
        write_image(tmp_path / f"{name}.tif", image)
    return images


def request(pair: dict[str, Image], folder: Path, model: str, **more: object) -> FinetuneRequest:
    sources = {role: Source(path=str(folder / f"{role}.tif"), axes="YX") for role in pair}
    given = {"steps": 3, "minutes": 60.0, "sources": sources, **pair, **more}
    return FinetuneRequest(given.pop("kind", PAIR), model, "mine", **given)  # type: ignore[arg-type]


@pytest.mark.slow
def test_pasted_it_gives_the_same_weights(
    pair: dict[str, Image], tmp_path: Path, model_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from napari_deblur.finetune_process import train

    monkeypatch.setenv("GAN_LESSONS_MODELS", str(tmp_path))
    wanted = request(pair, tmp_path, str(model_file()), validation=(slice(0, 80), slice(0, 56)), register=False)
    cancel = threading.Event()
    done = train(wanted, lambda event: None, threading.Event(), progress=lambda *_: None, cancel=cancel)
    expected = load_file(done.path)  # type: ignore[union-attr]
    (tmp_path / "script.py").write_text(as_python(wanted))
    words = shlex.split(as_command(wanted), comments=True)
    call = [sys.executable, "-c", "import sys; from gan_lessons.cli import main; sys.exit(main())", *words[1:]]
    for pasted in ([sys.executable, "script.py"], call):
        subprocess.run(pasted, cwd=tmp_path, check=True, capture_output=True)
        found = load_file(tmp_path / "mine-again.safetensors")
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[name], expected[name]) for name in expected)
        (tmp_path / "mine-again.safetensors").unlink()


def test_a_sharp_layer_is_written_with_its_noise_and_no_recorded_layer(pair: dict[str, Image], tmp_path: Path) -> None:
    sharp = {"reference": pair["reference"]}
    python = as_python(request(sharp, tmp_path, "fluo-2d", kind=SHARP, photons=250.0))
    command = as_command(request(sharp, tmp_path, "fluo-2d", kind=SHARP, photons=250.0))
    compile(python, "script", "exec")
    assert "from gan_lessons.degradations import PoissonGaussian" in python
    assert "noise=PoissonGaussian(photons=250.0)" in python
    assert "raw" not in python
    assert "--photons 250.0" in command
    assert "register" not in python + command
    estimated = request(sharp | {"noise_like": pair["raw"]}, tmp_path, "fluo-2d", kind=SHARP)
    estimated.sources["noise_like"] = Source(path="raw.tif", axes="YX")  # type: ignore[index]
    assert "noise=noise_like" in as_python(estimated)
    assert "--noise-from raw.tif" in as_command(estimated)
