"""The run's folder: what is written into it, and when."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import yaml
from lightning.pytorch import Callback, Trainer

from gan_lessons.data.pair import Pairs
from gan_lessons.io import written_beside
from gan_lessons.training.checkpoint import state_of, write_state
from gan_lessons.training.folder import CHECKPOINT, MODEL, RECIPE, SAMPLES
from gan_lessons.training.health import Health
from gan_lessons.training.log import Log
from gan_lessons.training.module import TrainingModule
from gan_lessons.training.progress import Progress
from gan_lessons.training.ranks import any_rank
from gan_lessons.training.validation import choose, draw_picture, look, measure
from gan_lessons.zoo import Card, Model, save_model
from gan_lessons.zoo.gauge import BlurGauge


class Run(Callback):
    """Keep a run: log, checkpoints, pictures, model; tell of every step; stop when asked to.

    Parameters
    ----------
    folder : Path
    pairs, validation : Pairs
        Pictures are of validation pairs, figures too; without any, pictures are of training pairs.
    card : Card
        Of the model.
    gauge : BlurGauge, optional
        Goes into the model file.
    minutes : float
        To train for, at most.
    callback, cancel :
        As `fit` takes them.
    """

    def __init__(
        self,
        folder: Path,
        module: TrainingModule,
        pairs: Pairs,
        validation: Pairs | None,
        *,
        card: Card,
        gauge: BlurGauge | None,
        minutes: float,
        callback: Callable[[Progress], None] | None,
        cancel: Event | None,
    ) -> None:
        recipe, self.folder, self.card, self.gauge = module.recipe, folder, card, gauge
        self.callback, self.cancel, self.minutes = callback, cancel, minutes
        total = module.order.total
        self.every = max(1, min(100, total // 100))  # a hundred rows of log, or more
        self.interval = recipe.interval or max(1, min(1000, total // 10))
        patch = max(phase.patch for phase in recipe.phases)
        self.validated = validation is not None
        self.views = choose(validation or pairs, patch, recipe.seed + 4, module.game.generator.dimensions)
        self.health = Health({f"critic{a.suffix}": a.undecided for a in module.game.adversaries})
        self.figures: dict[str, float] = {}
        self.kept = -1

    def on_fit_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Begin the log; only the first of several processes writes anything."""
        self.began = time.monotonic()
        if trainer.is_global_zero:
            with written_beside(self.folder / RECIPE, overwrite=True) as part:
                text = yaml.safe_dump(pl_module.recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
                part.write_text(text, encoding="utf-8")
            self.log = Log(self.folder, pl_module.columns(), pl_module.game.done)

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
        """Log, keep, tell and stop."""
        done, total = pl_module.game.done, pl_module.order.total
        late = time.monotonic() - self.began > 60 * self.minutes
        trainer.should_stop = any_rank(late or (self.cancel is not None and self.cancel.is_set()), pl_module.device)
        if not trainer.is_global_zero:
            return
        phase = pl_module.order.at(done - 1)
        self.log.add(pl_module.losses)
        advice = self.health.add(pl_module.losses, phase.number)
        last = trainer.should_stop or done == total
        if measured := last or done % self.interval == 0:
            advice += self.keep(pl_module)
        if measured or done % self.every == 0:
            self.log.write(done, phase.number, self.figures if measured else {})
        self.log.warn(done, advice)
        if self.callback:
            measured = measured and self.validated
            told = Progress(done, total, dict(pl_module.losses), dict(self.figures), measured, tuple(advice))
            self.callback(told)

    def keep(self, module: TrainingModule) -> list[str]:
        """Write the checkpoint, a picture, and the model with its figures; return what looks wrong in the pictures."""
        views = look(module.game.kept, self.views, module.recipe.value_range)
        self.figures = measure(views) if self.validated else {}
        write_state(state_of(module.game), self.folder / CHECKPOINT)
        draw_picture(views, self.folder / SAMPLES / f"step-{module.game.done:06d}.png")
        card = replace(self.card, metrics={name: round(value, 4) for name, value in self.figures.items()})
        save_model(Model(module.game.kept, card, gauge=self.gauge), self.folder / MODEL)
        self.kept = module.game.done
        return self.health.compare([view.restored for view in views], [view.sharp for view in views])

    def on_fit_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Close the log; a run of no step at all has its files as well."""
        if trainer.is_global_zero:
            if self.kept != pl_module.game.done:
                self.keep(pl_module)
            self.log.close()
