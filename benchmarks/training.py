"""Steps a second of the training loop beside a plain PyTorch loop of the same networks, and what drawing data costs.

    python benchmarks/training.py [--recipes fluo-2d …] [--data FOLDER] [--steps 12] [--patch N] [--set KEY=VALUE …]

Each step of `fit`, of a run of 20,000, is followed by a plain one, on the same batch, in the same process; the ratio is
the median of the pairs'. Processor seconds of one thread, so that what else runs on the machine doesn't count. With
--data the share that drawing takes of a step is measured as well, and that of waiting where another process draws
(``--workers 1``: seconds of the wall clock, for which two processors must be idle). Perceptual terms and encoders have
random weights, which take as long as learned ones.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import torch
from losses import random_weights
from torch import nn

from gan_lessons.data import Pair
from gan_lessons.losses.penalties import gradient_penalty
from gan_lessons.training import Progress, Recipe, fit, read_recipe
from gan_lessons.training.batch import Batch
from gan_lessons.training.networks import build_content, build_critic_objective, build_networks
from gan_lessons.training.optimizers import build_optimizers, set_rate
from gan_lessons.training.order import Batches, Order
from gan_lessons.training.sources import open_sources


@dataclass(frozen=True)
class Ready:
    """A thousand times the same pair, which costs nothing to draw."""

    pair: Pair

    def __len__(self) -> int:
        return 1000

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        return self.pair


class Plain:
    """The loop as one writes it for one recipe: no phases, no log, no checkpoint, one critic."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.phase = recipe, recipe.phases[0]
        self.generator, critics = build_networks(recipe)
        self.critic = critics[0] if critics else None
        self.average = copy.deepcopy(self.generator)
        self.content = build_content(recipe, self.phase)
        self.steps_generator = build_optimizers(self.generator, recipe.optimizer)
        set_rate(self.steps_generator, 1e-5)
        if self.critic is not None:
            self.objective = build_critic_objective(recipe.critics[0])
            self.steps_critic = build_optimizers(self.critic, recipe.critics[0].optimizer)
            set_rate(self.steps_critic, 1e-5)

    def step(self, batch: Batch) -> None:
        half = torch.autocast("cpu", torch.bfloat16, enabled=self.phase.precision == "bfloat16")
        with half:
            fake = self.generator(*batch.given()).float()
        if self.critic is not None:
            for _ in range(self.recipe.critics[0].steps):
                self.critic_step(batch, fake, half)
        loss, _ = self.content(fake, batch.truth, source=batch.image, weight=batch.weight)
        if self.critic is not None:
            self.critic.requires_grad_(False)
            with half:
                real = self.look(batch, batch.truth) if self.objective.relativistic else None
                scores = self.look(batch, fake)
            said = self.objective.generator_loss(real, scores, self.critic.weights)
            loss = loss + self.recipe.critics[0].weight * said
            self.critic.requires_grad_(True)
        self.descend(loss, self.generator, self.steps_generator)
        if self.recipe.ema:
            with torch.no_grad():
                torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 0.001)

    def critic_step(self, batch: Batch, fake: torch.Tensor, half: torch.autocast) -> None:
        with half:
            real, false = self.look(batch, batch.truth), self.look(batch, fake.detach())
        loss = self.objective.critic_loss(real, false, self.critic.weights)
        if self.objective.penalty:
            score = partial(self.look, batch)
            slope = gradient_penalty(score, batch.truth, fake.detach(), weights=self.critic.weights)
            loss = loss + self.objective.penalty * slope
        self.descend(loss, self.critic, self.steps_critic)

    def look(self, batch: Batch, image: torch.Tensor) -> torch.Tensor:
        return self.critic(image, batch.image) if self.recipe.critics[0].conditional else self.critic(image)

    def descend(self, loss: torch.Tensor, network: nn.Module, optimizers: list[torch.optim.Optimizer]) -> None:
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        if self.recipe.clip:
            nn.utils.clip_grad_norm_(network.parameters(), self.recipe.clip)
        for optimizer in optimizers:
            optimizer.step()
        loss.item()


@dataclass
class Race:
    """Times a step of `fit`, then takes a plain one, and so on."""

    plain: Plain
    batch: Batch
    steps: int
    over: Event = field(default_factory=Event)
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    last: float | None = None

    def __call__(self, progress: Progress) -> None:
        now = time.process_time()
        if progress.step > self.steps:
            self.over.set()  # the next step writes the checkpoint
        elif self.last is not None:
            self.ours.append(now - self.last)
            began = time.process_time()
            self.plain.step(self.batch)
            self.theirs.append(time.process_time() - began)
        self.last = time.process_time()


def measure(recipe: Recipe, data: Path | None, steps: int) -> list[str]:
    phase = recipe.phases[0]
    generator = build_networks(recipe)[0]
    side = phase.patch
    guides = torch.rand(generator.out_channels * generator.guides, side, side) if generator.guides else None
    sharp = torch.rand(generator.out_channels, side * generator.scale, side * generator.scale)
    pair = Pair(torch.rand(generator.in_channels, side, side), sharp, guides)
    batch = Batches(Ready(pair), Order([phase], 1, 0))[0].shifted(*recipe.value_range)
    race = Race(Plain(recipe), batch, steps)
    with tempfile.TemporaryDirectory() as folder:
        fit(recipe, Ready(pair), folder, callback=race, cancel=race.over)
    ours, theirs = np.array(race.ours[1:]), np.array(race.theirs[1:])
    ratio = float(np.median(ours / theirs))
    row = [f"{1 / np.median(ours):.2f}", f"{1 / np.median(theirs):.2f}", f"{100 * (ratio - 1):+.1f} %"]
    return [*row, *(shares_of_data(recipe, data, float(np.median(ours))) if data else "––")]


def shares_of_data(recipe: Recipe, data: Path, step: float) -> tuple[str, str]:
    """Return what drawing takes of a step that draws, and what waiting takes where another process draws ahead.

    Recipes that degrade on the fly draw few specimens here, which cost as much as many.
    """
    if recipe.truths:
        truths = recipe.truths.model_copy(update={"drawn": 4})
        recipe = recipe.model_copy(update={"truths": truths, "blur": recipe.blur.model_copy(update={"count": 6})})
    pairs = open_sources(recipe, data).pairs
    batches = Batches(pairs, Order(recipe.phases, len(pairs), 0))
    drawing = []
    for number in range(8):
        began = time.process_time()
        batches[number]
        drawing.append(time.process_time() - began)
    drawn = float(np.median(drawing[2:]))
    return f"{100 * drawn / (drawn + step):.0f} %", f"{100 * waiting(recipe, batches):.0f} %"


def waiting(recipe: Recipe, batches: Batches) -> float:
    """Return the share of a step's time, by the wall clock, that waits for a process that draws ahead."""
    plain, shares = Plain(recipe), []
    ahead = iter(torch.utils.data.DataLoader(batches, batch_size=None, num_workers=1))
    for _ in range(16):
        began = time.perf_counter()
        batch = next(ahead).shifted(*recipe.value_range)
        got = time.perf_counter()
        plain.step(batch)
        shares.append((got - began) / (time.perf_counter() - began))
    return float(np.mean(shares[4:]))


def first_phase(name: str, changes: list[str], patch: int | None, weights: str) -> Recipe:
    """Return a recipe's first phase in which all its networks train, as if it went on for long."""
    recipe = read_recipe(name, changes)
    content = {
        term: told | {"weights": weights} if term.startswith("perceptual") else told
        for term, told in recipe.content.items()
    }
    phase = next(one for one in recipe.phases if one.train in (None, "both") and not one.freeze)
    phase = phase.model_copy(update={"steps": 20_000, "epochs": None, "train": None, "patch": patch or phase.patch})
    start = recipe.start or ("fluo-2d" if recipe.gauge else None)  # whose gauge stands in for one to be trained
    changed = {"phases": (phase,), "start": start, "gauge": None, "interval": 20_000, "content": content}
    return recipe.model_copy(update=changed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", nargs="+", default=["fluo-2d", "photo-motion"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--patch", type=int, help="pixels a side; by default as the recipe has it")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| recipe | steps/s, `fit` | steps/s, plain loop | overhead | drawing data | waiting, drawn ahead |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as weights:
        random_weights(Path(weights))
        for name in options.recipes:
            recipe = first_phase(name, options.set, options.patch, weights)
            print("|", " | ".join([Path(name).stem, *measure(recipe, options.data, options.steps)]), "|", flush=True)


if __name__ == "__main__":
    main()
