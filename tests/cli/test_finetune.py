import json
import os
import signal

import numpy as np
import pytest

from gan_lessons.cli import main
from gan_lessons.cli.interrupt import stopped_by_ctrl_c
from gan_lessons.data.specimens import make_specimen
from gan_lessons.image import Image
from gan_lessons.io import write_image
from gan_lessons.zoo import read_card

SIZE, UNIT = {"Y": 0.1, "X": 0.1}, {"Y": "µm", "X": "µm"}


@pytest.fixture
def folders(tmp_path):
    truth = make_specimen((64, 208), np.random.default_rng(0)) * 500 + 100
    raw = np.random.default_rng(1).poisson(truth).astype(np.float32)
    for name, pixels in (("raw", raw), ("reference", truth)):
        (tmp_path / name).mkdir()
        write_image(tmp_path / name / "cell.tif", Image(pixels, "YX", SIZE, UNIT))
    return tmp_path


def test_a_named_model_is_made_from_two_folders_listed_and_used(folders, model, capfd, monkeypatch):
    monkeypatch.setenv("GAN_LESSONS_MODELS", str(folders / "own"))
    given = ["--raw", str(folders / "raw"), "--reference", str(folders / "reference"), "--steps", "2"]
    assert main(["finetune", model, *given, "--out", "my-cells"]) == 0
    told = capfd.readouterr().out
    assert "reference left where it lies, off by" in told  # less than a quarter of a pixel
    assert "test" in told
    assert main(["models", "--json"]) == 0
    listed = {row["name"]: row for row in json.loads(capfd.readouterr().out)}
    assert listed["my-cells"]["parent"] == "identity"
    out = folders / "restored.tif"
    assert main(["restore", str(folders / "raw" / "cell.tif"), "--model", "my-cells", "--out", str(out)]) == 0
    assert out.is_file()
    assert main(["models", "--save", "my-cells", str(folders / "copy.safetensors")]) == 0
    assert (folders / "copy.safetensors").is_file()


def test_a_microscope_stands_for_the_psf_of_sharp_images(folders, model):
    scope = ["--na", "0.8", "--wavelength", "520", "--photons", "200"]
    out = folders / "m.safetensors"
    given = ["--reference", str(folders / "reference"), *scope, "--steps", "1", "--out", str(out)]
    assert main(["finetune", model, *given]) == 0
    assert out.is_file()


def test_what_is_missing_is_told_in_a_line(folders, model, capfd):
    given = ["finetune", model, "--raw", str(folders / "raw"), "--out", str(folders / "m.safetensors")]
    assert main(given) == 2
    assert "no PSF; give psf" in capfd.readouterr().err
    assert main([*given, "--photons", "9", "--noise-from", "x.tif"]) == 2
    assert "give one of them" in capfd.readouterr().err
    assert main([*given, "--validation", "3-4"]) == 2
    assert "expected rows and columns, for example 0:128,64:192" in capfd.readouterr().err


def test_a_chosen_region_validates_and_a_reference_may_stay(folders, model, capfd):
    given = ["finetune", model, "--raw", str(folders / "raw"), "--reference", str(folders / "reference")]
    region = ["--no-register", "--validation", "0:64, 0:48", "--steps", "1"]
    assert main([*given, *region, "--out", str(folders / "m.safetensors")]) == 0
    assert "left where it lies" in capfd.readouterr().out
    assert read_card(folders / "m.safetensors").recipe["regions"]["validation"] == ["rows 0:64, columns 0:48"]


def test_ctrl_c_sets_an_event_and_stops_at_once_the_second_time(capfd):
    before = signal.getsignal(signal.SIGINT)
    with stopped_by_ctrl_c("stopping well") as asked:
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.wait(5)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    assert "stopping well" in capfd.readouterr().err


def test_one_channel_is_learned_from(folders, model):
    truth = make_specimen((64, 208), np.random.default_rng(2)) * 500 + 100
    pixels = np.stack([truth[::-1], np.random.default_rng(3).poisson(truth)]).astype(np.float32)
    write_image(folders / "two.tif", Image(pixels, "CYX", SIZE, UNIT))
    alone, both = folders / "alone.tif", folders / "two.tif"
    write_image(alone, Image(pixels[1], "YX", SIZE, UNIT))
    hashes = []
    for source, more in ((alone, []), (both, ["--channel", "1"])):
        out = folders / f"{source.stem}.safetensors"
        given = ["--raw", str(source), "--reference", str(source), *more, "--steps", "1", "--out", str(out)]
        assert main(["finetune", model, *given]) == 0
        hashes.append(read_card(out).recipe["finetuned"]["data"])
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("option", ["--beads", "--estimate-psf"])
def test_raw_images_alone_and_a_psf_from_beads_or_from_the_image(folders, model, option):
    y, x = np.indices((64, 64))
    spot = 2000 * np.exp(-((y - 31) ** 2 + (x - 30) ** 2) / 8)
    write_image(folders / "beads.tif", Image(spot.astype(np.float32), "YX"))
    psf = [option, str(folders / "beads.tif")][: 2 if option == "--beads" else 1]
    out = folders / "m.safetensors"
    assert main(["finetune", model, "--raw", str(folders / "raw"), *psf, "--steps", "1", "--out", str(out)]) == 0
    assert "deviance" in str(read_card(out).metrics)


def test_a_psf_is_not_estimated_where_a_pair_shows_it(folders, model, capfd):
    given = ["finetune", model, "--reference", str(folders / "reference"), "--estimate-psf", "--out", "x.safetensors"]
    assert main(given) == 2
    assert "sharp images don't show" in capfd.readouterr().err
    assert main([*given, "--raw", str(folders / "raw")]) == 2
    assert "the pair itself shows its PSF" in capfd.readouterr().err
