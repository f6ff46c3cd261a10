"""The training loop: one function a step, phases from the recipe, checkpoints that resume bit for bit."""

from __future__ import annotations

import copy
import csv
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gan_lessons import __version__
from gan_lessons.generators import build_generator
from gan_lessons.io import written_beside
from gan_lessons.losses.content import charbonnier
from gan_lessons.losses.structure import structural_dissimilarity
from gan_lessons.restoration.likeness import traits
from gan_lessons.training.average import follow
from gan_lessons.training.gauge import train_gauge
from gan_lessons.training.muon import Muon
from gan_lessons.training.pairs import Batch, PlanePairs
from gan_lessons.training.recipe import Phase, Recipe
from gan_lessons.training.schedule import cosine
from gan_lessons.zoo import Card, Model, load_model, save_model
from gan_lessons.zoo.gauge import BlurGauge

CHECKPOINT, GAUGE = "checkpoint.pt", "gauge.pt"
"""Their names in the run's folder."""


class Pairs(Protocol):
    """Whatever draws batches."""

    def batch(self, size: int, patch: int, rng: np.random.Generator) -> Batch:
        """Draw a batch."""


def train(
    recipe: Recipe,
    pairs: Pairs,
    run: Path,
    *,
    resume: bool = False,
    minutes: float = math.inf,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Train a model as its recipe says; write log, checkpoints and the model file into the folder ``run``.

    Parameters
    ----------
    resume : bool
        Go on from the run's last checkpoint: the bits are those of an uninterrupted run on the same processor.
    minutes : float
        Stop early, with a checkpoint and a model.

    Returns
    -------
    Path of the model file.
    """
    state = _State(recipe)
    if resume and (run / CHECKPOINT).is_file():
        state.load(run / CHECKPOINT)
    run.mkdir(parents=True, exist_ok=True)
    total = sum(phase.steps for phase in recipe.phases)
    began = time.monotonic()
    card = make_card(recipe, largest_traits(recipe, pairs))
    gauge = _find_gauge(recipe, pairs, run / GAUGE, resume=resume)
    log = _Log(run / "log.csv", append=state.step > 0)
    while state.step < total and time.monotonic() - began < 60 * minutes:
        phase, done = _phase_at(recipe, state.step)
        for group in state.optimizer.param_groups:
            group["lr"] = cosine(phase.rate, done / phase.steps)
        batch = pairs.batch(phase.batch, phase.patch, state.rng)
        loss = train_step(state.generator, state.optimizer, batch, phase, recipe.epsilon)
        follow(state.average, state.generator, recipe.ema, state.step)
        state.step += 1
        log.add(loss)
        if state.step % 100 == 0 or state.step == total:
            log.write(state.step, phase)
            if progress:
                progress(state.step, total)
        if state.step % 1000 == 0:
            _keep(state, card, gauge, run)
    return _keep(state, card, gauge, run)


def _find_gauge(recipe: Recipe, pairs: Pairs, path: Path, *, resume: bool) -> BlurGauge | None:
    """Train the recipe's gauge, or read it from the run that goes on."""
    if recipe.gauge is None:
        return None
    if resume and path.is_file():
        gauge = BlurGauge()
        gauge.load_state_dict(torch.load(path, weights_only=True))
        return gauge.eval()
    assert isinstance(pairs, PlanePairs)
    gauge = train_gauge(recipe.gauge, pairs, recipe.seed)
    with written_beside(path, overwrite=True) as part:
        torch.save(gauge.state_dict(), part)
    return gauge


def _keep(state: _State, card: Card, gauge: BlurGauge | None, run: Path) -> Path:
    """Write the checkpoint, and the averaged weights as a model file."""
    state.save(run / CHECKPOINT)
    save_model(Model(state.average, card, gauge=gauge), run / "model.safetensors")
    return run / "model.safetensors"


def train_step(
    generator: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, phase: Phase, epsilon: float
) -> float:
    """Take one step of Charbonnier plus weighted SSIM; each sample counts with its weight."""
    precise = phase.precision == "float32"
    with torch.autocast(batch.image.device.type, torch.bfloat16, enabled=not precise):
        restored = generator(batch.image, batch.guides)
    restored = restored.float()
    losses = charbonnier(restored, batch.truth, epsilon)  # (N,)
    if phase.ssim:
        losses = losses + phase.ssim * structural_dissimilarity(restored, batch.truth)
    loss = (losses * batch.weight).mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(generator.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def largest_traits(recipe: Recipe, pairs: Pairs) -> dict[str, float]:
    """Return the 99th percentile of each trait over images like those of training."""
    rng = np.random.default_rng(recipe.seed + 2)
    batches = [pairs.batch(2, 96, rng).image.numpy() for _ in range(64)]
    found = [traits(image[len(image) // 2]) for batch in batches for image in batch]
    return {trait: round(float(np.percentile([one[trait] for one in found], 99)), 3) for trait in found[0]}


def make_card(recipe: Recipe, seen: dict[str, float]) -> Card:
    """Describe a model by the recipe that it was trained with, and by what it saw."""
    data = f"{recipe.truths.drawn} drawn specimens" if recipe.truths.drawn else ""
    files = f"images listed as {recipe.truths.kind}/training in gan_lessons/training/images.csv"
    return Card(
        name=recipe.name,
        purpose=recipe.purpose,
        architecture=recipe.generator.architecture,
        arguments=recipe.generator.arguments,
        axes=recipe.axes,
        psf=recipe.guidance is not None,
        gauge=recipe.gauge is not None,
        training_data=" and ".join(text for text in (data, files if recipe.truths.files_share else "") if text),
        licence="BSD-3-Clause",
        seen=seen,
        recipe=recipe.model_dump(mode="json"),
        version=__version__,
    )


class _State:
    """All that changes while training, so that it can be saved and loaded."""

    def __init__(self, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        self.generator = build_generator(recipe.generator.architecture, **recipe.generator.arguments)
        if recipe.start:
            start_from(self.generator, load_model(recipe.start).generator)
        self.generator.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.optimizer = Muon(self.generator.parameters())
        self.rng = np.random.default_rng(recipe.seed)
        self.step = 0

    def save(self, path: Path) -> None:
        state = {
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rng": self.rng.bit_generator.state,
            "step": self.step,
        }
        with written_beside(path, overwrite=True) as part:
            torch.save(state, part)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.generator.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rng.bit_generator.state = state["rng"]
        self.step = state["step"]


def start_from(generator: nn.Module, other: nn.Module) -> None:
    """Copy the weights whose shapes agree; a first layer that sees more channels starts blind to the new ones.

    The new channels of `UnshuffleUNet` stand around the old: neighboring planes before the guides.
    """
    own, theirs = generator.state_dict(), other.state_dict()
    with torch.no_grad():
        for name, tensor in own.items():
            if name in theirs and theirs[name].shape == tensor.shape:
                tensor.copy_(theirs[name])
            elif name in theirs and tensor.ndim == 4 and tensor.shape[0] == theirs[name].shape[0]:
                _widen_first(tensor, theirs[name], generator, other)


def _widen_first(own: Tensor, theirs: Tensor, generator: Any, other: Any) -> None:
    folds = int(generator.unshuffle) ** 2
    begin = (int(generator.in_channels) - int(other.in_channels)) // 2 * folds
    image = int(other.in_channels) * folds
    own.zero_()
    own[:, begin : begin + image] = theirs[:, :image]
    guides = theirs.shape[1] - image
    if guides:
        own[:, -guides:] = theirs[:, image:]


def _phase_at(recipe: Recipe, step: int) -> tuple[Phase, int]:
    for phase in recipe.phases:
        if step < phase.steps:
            return phase, step
        step -= phase.steps
    raise AssertionError("past the last phase")


class _Log:
    """Mean loss of every hundred steps, as CSV."""

    def __init__(self, path: Path, *, append: bool) -> None:
        self.path, self.began = path, time.monotonic()
        self.losses: list[float] = []
        if not append:
            path.write_text("step,loss,patch,seconds\n")

    def add(self, loss: float) -> None:
        self.losses.append(loss)

    def write(self, step: int, phase: Phase) -> None:
        with self.path.open("a", newline="") as file:
            row = [step, f"{np.mean(self.losses):.6f}", phase.patch, f"{time.monotonic() - self.began:.0f}"]
            csv.writer(file, lineterminator="\n").writerow(row)
        self.losses = []
