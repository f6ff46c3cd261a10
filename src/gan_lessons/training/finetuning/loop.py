"""The loop of fine-tuning: a budget of minutes, weights chosen on the validation region, stopped and resumed anywhere.

The step is `Game`'s, as in `gan_lessons.training.fit`. The loop around it is another: there a recipe counts steps,
phases and processes, and the last weights are the result; here the rate falls with the time that is left, and the best
weights count, the parent's among them. Of `fit`'s phases, processes, logs and pictures it would use none, and Lightning
takes seconds to load, of the minutes that there are.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lessons.errors import Cancelled, InputWarning
from gan_lessons.losses.grid import grid
from gan_lessons.training.descent import Diverged
from gan_lessons.training.finetuning.result import Progress
from gan_lessons.training.finetuning.state import Settings, State
from gan_lessons.training.finetuning.task import Task
from gan_lessons.training.finetuning.watcher import Watcher
from gan_lessons.training.schedule import cosine

EVERY = 100  # steps between two looks at the validation region
LAST = 0.02  # share of the rate at the end of the cosine
WARM = 50  # steps up to the full rate: the optimizer's momentum starts empty
CRITIC_RATE = 1e-4
GRID = 0.5  # weight, beside a critic, of a grid at the pixel shuffle's step: as in `fluo-2d-gan`


def tune(
    state: State,
    task: Task,
    settings: Settings,
    *,
    save: Callable[[], object],
    clock: Callable[[], float],
    progress: Callable[[Progress], object] | None,
    watcher: Watcher,
    stop: threading.Event | None,
) -> None:
    """Train until the budget is spent or ``stop`` is set; ``state.best`` are then the weights to keep.

    Parameters
    ----------
    save : callable
        Writes the checkpoint; called at each look at the validation region, and at the end.
    clock : callable
        Seconds.

    Raises
    ------
    Cancelled
        If ``stop`` is set before the first step.
    """
    game, began, before = state.game, clock(), state.spent
    tell = partial(_tell, state, task, progress, watcher)
    losses: list[float] = []
    if game.done == 0:
        _stop_if(stop)
        _look(state, task, settings, math.nan, tell)
    while (share := _share(state, settings)) < 1 and not (stop and stop.is_set()):
        rate = cosine((settings.rate, LAST * settings.rate), share) * min(1, (game.done + 1) / WARM)
        game.set_rates(rate, CRITIC_RATE)
        try:
            losses.append(_step(state, task, settings))
        except Diverged as error:
            warnings.warn(f"{error}; the best weights so far are kept", InputWarning, stacklevel=2)
            losses = []  # the weights of the last steps aren't worth a look
            break
        state.spent = before + clock() - began
        watcher.stepped(game.done, min(1.0, _share(state, settings)), losses[-1])
        if game.done % EVERY == 0:
            _look(state, task, settings, sum(losses) / len(losses), tell)
            losses = []
            save()
    if losses:
        _look(state, task, settings, sum(losses) / len(losses), tell)
        save()


def _step(state: State, task: Task, settings: Settings) -> float:
    """Take one step on a batch that follows from the seed and the step; return the loss beside the critic's."""
    game = state.game
    patch = min(settings.patch, task.batches.largest)
    batch = task.batches.batch(settings.batch, patch, np.random.default_rng([settings.seed, game.done]))
    batch = _on_device(batch, next(game.generator.parameters()).device)

    period = getattr(game.generator, "unshuffle", 1) if game.adversaries else 1

    def content(restored: Tensor, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        loss = task.criterion(restored, batch)
        told = {"misfit": loss.detach()}
        return (loss + GRID * grid(restored, batch.truth, period).mean() if period > 1 else loss), told

    train = "both" if game.adversaries else "generator"
    return game.step([batch], content, train=train, backward=Tensor.backward)["misfit"]


def _on_device(batch: Any, device: torch.device) -> Any:
    """Move the tensors of a batch; whatever else it holds stays."""
    return batch._replace(**{k: v.to(device) for k, v in batch._asdict().items() if isinstance(v, Tensor)})


def _share(state: State, settings: Settings) -> float:
    spent = state.spent / (60 * settings.minutes) if settings.minutes > 0 else 1.0
    return spent if settings.steps is None else max(spent, state.game.done / settings.steps)


def _look(state: State, task: Task, settings: Settings, loss: float, tell: Callable[[], None]) -> None:
    """Judge the averaged weights; keep them if they are the best."""
    figures = task.judge(state.game.kept, "validation")
    best = min((one.figures[task.choose_by] for one in state.history), default=math.inf)
    if figures[task.choose_by] < best:
        state.best.load_state_dict(state.game.kept.state_dict())
        state.best_step = state.game.done
    state.history.append(Progress(state.game.done, min(1.0, _share(state, settings)), loss, figures, state.best_step))
    tell()


def _tell(state: State, task: Task, progress: Callable[[Progress], object] | None, watcher: Watcher) -> None:
    if progress:
        progress(state.history[-1])
    watcher.looked(state.history[-1])
    if type(watcher).previewed is not Watcher.previewed:  # pixels cost a restoration
        watcher.previewed(task.preview(state.game.kept))


def _stop_if(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Cancelled("cancelled before the first step")
