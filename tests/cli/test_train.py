from pathlib import Path

import pytest
import yaml

from gan_lessons import load_model
from gan_lessons.cli import main
from gan_lessons.training.recipe import FOLDER, read_recipe
from gan_lessons.training.smoke import shrink_recipe


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """Return a recipe of a minute's kind: few specimens, a tiny network, two steps."""
    made = yaml.safe_load((FOLDER / "fluo-2d.yaml").read_text(encoding="utf-8"))
    made["generator"]["arguments"]["widths"] = [4, 8]
    made["truths"] |= {"drawn": 2, "drawn_shape": [160, 160], "files_share": 0}
    made["blur"]["count"] = 2
    made["gauge"] = {"images": 4, "steps": 2, "batch": 2, "side": 128}
    made["phases"] = [{"steps": 2, "batch": 1, "patch": 16, "rate": [1e-3, 1e-3]}]
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(made), encoding="utf-8")
    return path


def test_a_recipe_becomes_a_model(recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    words = ["train", str(recipe), "--data", str(tmp_path), "--out", str(run)]
    assert main(words) == 0
    model = load_model(run / "model.safetensors")
    assert model.card.recipe["phases"][0]["steps"] == 2
    assert set(model.card.seen) == {"noise", "brightness"}
    assert (run / "log.csv").read_text(encoding="utf-8").startswith("step,loss")

    capsys.readouterr()
    assert main(words) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0


def test_missing_images_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "fluo-2d", "--data", str(tmp_path), "--out", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert "maize_clsm.tif: no such file" in error
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("phases.0.stepz=3", "unknown key 'phases.0.stepz'; did you mean 'steps'"),
        ("generatr.architecture=unet", "unknown key 'generatr'; did you mean 'generator'"),
        ("phases.7.steps=3", "'7' is no place in a list of 1"),
        ("phases", "expected key=value"),
    ],
)
def test_a_change_that_is_misspelled_is_named(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, told: str
) -> None:
    words = ["train", str(recipe), "--data", str(tmp_path), "--out", str(tmp_path / "run"), "--set", change]
    assert main(words) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_smoke_makes_every_phase_small() -> None:
    small = shrink_recipe(read_recipe("fluo-3d", ["phases.0.accumulate=1"]))
    assert all(phase.steps <= 40 and phase.patch <= 64 and phase.batch <= 2 for phase in small.phases)
    assert small.truths.drawn <= 4
    assert small.generator == read_recipe("fluo-3d").generator
