"""What only real processes show: a run that is killed, and one that is shared by two."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from .conftest import CONTENT, CRITIC

pytestmark = pytest.mark.slow

SCRIPT = "import sys; from gan_lessons.cli import main; sys.exit(main(sys.argv[1:]))"  # as pip writes it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with twelve pairs of pictures of unequal sizes and a recipe."""
    rng = np.random.default_rng(0)
    for name in ("blur", "sharp"):
        (tmp_path / "data" / name).mkdir(parents=True)
    for number in range(12):
        sharp = rng.integers(0, 256, (40 + 3 * number, 50), dtype=np.uint8)
        Image.fromarray(sharp).save(tmp_path / "data" / "sharp" / f"{number}.png")
        blurred = (sharp.astype(float) + np.roll(sharp, 1, 1)) / 2
        Image.fromarray(blurred.round().astype(np.uint8)).save(tmp_path / "data" / "blur" / f"{number}.png")
    (tmp_path / "gan-lessons.py").write_text(SCRIPT, encoding="utf-8")
    critic = {**CRITIC, "objective": "ragan-ls", "weight": 0.1}
    phase = {"steps": 40, "batch": 4, "patch": 24, "rate": [1e-3, 1e-4], "precision": "float32"}
    recipe = CONTENT | {"critics": [critic], "phases": [phase], "optimizer": {"name": "adam"}}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return tmp_path


def command(folder: Path, run: str, *more: str) -> list[str]:
    recipe, data, out = (str(folder / name) for name in ("recipe.yaml", "data", run))
    return [sys.executable, str(folder / "gan-lessons.py"), "train", recipe, "--data", data, "--out", out, *more]


def state(folder: Path, run: str) -> dict:
    return torch.load(folder / run / "checkpoint.pt", weights_only=True)


def environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1"}


def test_a_killed_run_goes_on_as_if_it_had_not_been(folder: Path) -> None:
    changes = ["--set", "interval=1", "--set", "generator.arguments.widths=[32,64]"]  # most of the time it writes
    subprocess.run(command(folder, "whole", *changes), check=True, env=environment())
    for attempt in range(2):
        more = ["--resume"] if attempt else []
        process = subprocess.Popen(command(folder, "killed", *changes, *more), env=environment())
        begun = state(folder, "killed")["done"] if attempt else 0
        kill_while_it_writes(process, folder / "killed", begun)
        assert begun < state(folder, "killed")["done"] < 40
    subprocess.run(command(folder, "killed", *changes, "--resume"), check=True, env=environment())
    whole, killed = state(folder, "whole"), state(folder, "killed")
    for name in ("generator", "average", "critics"):
        assert all(torch.equal(whole[name][key], killed[name][key]) for key in whole[name])
    assert not list((folder / "killed").glob(".*.part.*"))


def kill_while_it_writes(process: subprocess.Popen, run: Path, begun: int) -> None:
    """Send SIGKILL while a checkpoint is being written, two checkpoints or more after the beginning."""
    late = time.monotonic() + 120
    while time.monotonic() < late:
        logged = (run / "log.csv").read_text(encoding="utf-8") if (run / "log.csv").exists() else ""
        if logged.count("\n") > begun + 3 and list(run.glob(".*.part.checkpoint.pt")):
            break
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_two_processes_give_what_one_gives(folder: Path) -> None:
    for run, devices in (("one", "1"), ("two", "2")):
        more = ["--devices", devices, "--set", "phases.0.steps=12"]
        subprocess.run(command(folder, run, *more), check=True, env=environment())
    rows = [list(csv.DictReader((folder / run / "log.csv").open())) for run in ("one", "two")]
    assert len(rows[0]) == len(rows[1]) == 12
    for one, two in zip(*rows, strict=True):
        for name in ("loss", "l1", "critic", "adversarial", "gradient", "critic gradient"):
            assert float(one[name]) == pytest.approx(float(two[name]), abs=1e-5)
    # The critic's weights don't agree as well: a relativistic loss has no say in its last bias, whose gradient is
    # rounding alone, which Adam brings to full steps.
    ours, theirs = state(folder, "one")["generator"], state(folder, "two")["generator"]
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], atol=1e-5, rtol=0)
