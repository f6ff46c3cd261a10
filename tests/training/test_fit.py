"""The loop: exact resume, phases, what a run leaves, what stops it."""

from __future__ import annotations

import csv
import resource
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
import torch

from gan_lessons.data import Pair
from gan_lessons.errors import InputError
from gan_lessons.training import Progress, fit, read_recipe
from gan_lessons.training.networks import build_networks
from gan_lessons.training.order import Order
from gan_lessons.zoo import load_model

from .conftest import CRITIC, Dots, make_gan, make_recipe

GAN_PHASES = [
    {"steps": 2, "batch": 2, "patch": 24, "rate": 1e-3, "train": "generator"},
    {"steps": 2, "batch": 2, "patch": 24, "rate": 1e-3, "train": "contrast"},
    {"steps": 3, "batch": 2, "patch": 32, "rate": {"first": 1e-3, "last": 0, "along": "linear"}},
]


def stop_after(steps: int) -> tuple[Event, object]:
    """Return an event, and a callback that sets it after so many steps."""
    event = Event()
    return event, lambda progress: event.set() if progress.step >= steps else None


def weights(path: Path) -> dict[str, torch.Tensor]:
    return load_model(path).generator.state_dict()


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_a_resumed_run_gives_the_bits_of_an_uninterrupted_one(tmp_path: Path, dots: Dots, stop: int) -> None:
    noise = {"deviation": 0.1}
    recipe = make_recipe(critics=[{**CRITIC, "noise": noise, "objective": "wgan-gp", "steps": 2}], phases=GAN_PHASES)
    whole = fit(recipe, dots, tmp_path / "whole", validation=dots)
    cancel, callback = stop_after(stop)
    part = tmp_path / "part"
    fit(recipe, dots, part, validation=dots, cancel=cancel, callback=callback)
    resumed = fit(recipe, dots, part, validation=dots, resume=True)
    ours, theirs = (torch.load(run.parent / "checkpoint.pt", weights_only=True) for run in (whole, resumed))
    assert ours["done"] == theirs["done"] == 7
    for name in ("generator", "average", "critics"):
        assert all(torch.equal(ours[name][key], theirs[name][key]) for key in ours[name])
    logs = [list(csv.DictReader((run.parent / "log.csv").open())) for run in (whole, resumed)]
    assert [row["critic"] for row in logs[0]] == [row["critic"] for row in logs[1]]


def test_the_same_seed_gives_the_same_bits_and_another_others(tmp_path: Path, dots: Dots) -> None:
    runs = [fit(make_recipe(seed=seed), dots, tmp_path / f"{i}") for i, seed in enumerate((1, 1, 2))]
    one, same, other = (torch.cat([w.flatten() for w in weights(run).values()]) for run in runs)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_batches_drawn_ahead_in_another_process_are_the_same(tmp_path: Path, dots: Dots) -> None:
    runs = [fit(make_recipe(), dots, tmp_path / f"{workers}", workers=workers) for workers in (0, 1)]
    assert same(*map(weights, runs))


@dataclass(frozen=True)
class Broken:
    dots: Dots

    def __len__(self) -> int:
        return len(self.dots)

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        if index == 5:
            raise InputError("dot 5: not a readable image")
        return self.dots.draw(index, patch, rng)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_image_that_turns_out_unreadable_stops_the_run_by_name(tmp_path: Path, dots: Dots, workers: int) -> None:
    with pytest.raises(InputError, match=r"^dot 5: not a readable image$"):
        fit(make_recipe(), Broken(dots), tmp_path, workers=workers)


def test_the_callers_random_numbers_stay_as_they_were(tmp_path: Path, dots: Dots) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit(make_recipe(), dots, tmp_path)
    assert torch.equal(torch.rand(3), expected)


def test_a_batch_worked_through_in_parts_gives_the_same(tmp_path: Path, dots: Dots) -> None:
    phase = {"steps": 3, "batch": 4, "patch": 16, "rate": 1e-3, "precision": "float32"}
    runs = [
        fit(make_gan().model_copy(update={"phases": make_recipe(phases=[phase | {"accumulate": n}]).phases}), dots, at)
        for n, at in ((1, tmp_path / "1"), (4, tmp_path / "4"))
    ]
    one, four = (weights(run) for run in runs)
    for name in one:
        torch.testing.assert_close(one[name], four[name], rtol=1e-3, atol=1e-6)


def test_it_works_in_a_thread_and_tells_of_every_step(tmp_path: Path, dots: Dots) -> None:
    told: list[Progress] = []
    work = Thread(
        target=fit, args=(make_recipe(), dots, tmp_path), kwargs={"validation": dots, "callback": told.append}
    )
    work.start()
    work.join()
    assert [progress.step for progress in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1].total == 6
    assert told[-1].losses["l1"] > 0
    assert told[-1].figures["input psnr"] == told[0].figures["input psnr"]
    assert (tmp_path / "model.safetensors").is_file()


def test_what_a_run_leaves(tmp_path: Path, dots: Dots) -> None:
    path = fit(make_gan(), dots, tmp_path / "run", validation=dots, about="random dots")
    names = {file.relative_to(path.parent).parts[0] for file in path.parent.rglob("*") if file.is_file()}
    assert names == {"recipe.yaml", "log.csv", "tensorboard", "samples", "checkpoint.pt", "model.safetensors"}
    assert read_recipe(path.parent / "recipe.yaml") == make_gan()
    card = load_model(path).card
    assert card.training_data == "random dots"
    assert set(card.metrics) == {"validation psnr", "validation ssim", "input psnr", "input ssim"}
    rows = list(csv.DictReader((path.parent / "log.csv").open()))
    assert len(rows) == 6
    assert float(rows[-1]["validation psnr"]) == pytest.approx(card.metrics["validation psnr"], abs=1e-3)
    assert float(rows[0]["score of real"]) != 0


def test_content_alone_leaves_the_critic_alone_and_the_critic_alone_the_generator(tmp_path: Path, dots: Dots) -> None:
    states = []
    for number, train in enumerate(("generator", "critic", "contrast", "both")):
        phase = {"steps": 1, "batch": 2, "patch": 24, "rate": 1e-2, "train": train, "precision": "float32"}
        run = fit(make_recipe(critics=[CRITIC], phases=[phase]), dots, tmp_path / f"{number}")
        states.append(torch.load(run.parent / "checkpoint.pt", weights_only=True))
    content, critic, contrast, both = states
    assert same(content["critics"], content["critics"])
    assert not same(content["generator"], critic["generator"])
    assert same(critic["generator"], contrast["generator"])
    assert not same(critic["critics"], contrast["critics"])
    assert not same(both["critics"], content["critics"])


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_frozen_parts_rest(tmp_path: Path, dots: Dots) -> None:
    phase = {"steps": 2, "batch": 2, "patch": 16, "rate": 1e-2, "freeze": ["encoder"]}
    recipe = make_recipe(phases=[phase])
    first = build_networks(recipe)[0].state_dict()
    run = fit(recipe, dots, tmp_path / "run")
    trained = torch.load(run.parent / "checkpoint.pt", weights_only=True)["generator"]
    moved = {name.split(".")[0] for name in first if not torch.equal(first[name], trained[name])}
    assert moved == {"decoder", "last"}
    with pytest.raises(InputError, match="no part 'encodr'; did you mean 'encoder'"):
        fit(make_recipe(phases=[phase | {"freeze": ["encodr"]}]), dots, tmp_path / "other")


def test_a_batch_norm_that_rests_learns_no_statistics_even_after_a_look_at_the_network(
    tmp_path: Path, dots: Dots
) -> None:
    unet = {"architecture": "unet", "arguments": {"in_channels": 1, "out_channels": 1, "width": 4, "depth": 3}}
    phase = {"steps": 3, "batch": 2, "patch": 16, "rate": 1e-2, "freeze": ["encoder"]}
    recipe = make_recipe(generator=unet, phases=[phase], ema=0, interval=1)
    run = fit(recipe, dots, tmp_path / "run", validation=dots)
    first, trained = build_networks(recipe)[0].state_dict(), weights(run)
    statistics = [name for name in first if name.endswith("running_mean")]
    kept = {name for name in statistics if torch.equal(first[name], trained[name])}
    assert kept == {name for name in statistics if name.startswith("encoder")}
    assert 0 < len(kept) < len(statistics)


def test_a_loss_that_is_not_finite_stops_the_run_and_is_named(tmp_path: Path, dots: Dots) -> None:
    recipe = make_recipe(interval=1)
    bad = Order(recipe.phases, len(dots), recipe.seed).index(5)  # in the third step, of two pairs each
    with pytest.raises(InputError, match=r"step 3, UnshuffleUNet: l1 is nan; stopped before the weights changed"):
        fit(recipe, Dots(bad=bad), tmp_path)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["done"] == 2
    assert all(torch.isfinite(weight).all() for weight in weights(tmp_path / "model.safetensors").values())
    fit(recipe, dots, tmp_path, resume=True)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["done"] == 6


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path, dots: Dots) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(progress: Progress) -> None:
        if progress.step == 3:  # from here on the system takes no file of more than 2 kB
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, most))

    try:
        with pytest.raises(InputError, match=r"checkpoint\.pt: could not be written: File too large"):
            fit(make_recipe(interval=1), dots, tmp_path, callback=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["done"] == 3
    assert not list(tmp_path.glob(".*.part.*"))


def test_channels_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"have 3 channels, .* --set generator\.arguments\.in_channels=3"):
        fit(make_recipe(), Dots(channels=3), tmp_path)


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path, dots: Dots) -> None:
    fit(make_recipe(), dots, tmp_path)
    with pytest.raises(InputError, match="holds a run already; add --resume"):
        fit(make_recipe(), dots, tmp_path)
    with pytest.raises(InputError, match="not a checkpoint of this recipe"):
        fit(make_gan(), dots, tmp_path, resume=True)


def test_a_model_that_was_trained_in_lab_is_read_as_it_was(tmp_path: Path) -> None:
    generator = {"architecture": "unshuffle-unet", "arguments": {"in_channels": 3, "out_channels": 3, "widths": [4, 8]}}
    recipe = make_recipe(color="lab", axes="YXC", generator=generator, value_range=[-1, 1], ema=0, interval=6)
    model = load_model(fit(recipe, Dots(channels=3), tmp_path))
    assert model.card.color == "lab"
    trained = build_networks(recipe)[0].eval()
    trained.load_state_dict(torch.load(tmp_path / "checkpoint.pt", weights_only=True)["generator"])
    image = torch.rand(1, 3, 20, 20) * 2 - 1
    assert torch.equal(model.generator(image), trained(image))
    assert not torch.allclose(model.generator(image), image, atol=1e-3)
