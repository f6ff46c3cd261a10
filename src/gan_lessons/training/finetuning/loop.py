"""The loop of fine-tuning: a budget of minutes, weights chosen on the validation region, stopped and resumed anywhere.

`gan_lessons.training.fit` counts steps and keeps the last weights; here time runs out, and the best ones are kept.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from gan_lessons.errors import Cancelled, InputWarning
from gan_lessons.losses.adversarial import build_objective
from gan_lessons.training.average import follow
from gan_lessons.training.finetuning.result import Progress
from gan_lessons.training.finetuning.state import Settings, State
from gan_lessons.training.finetuning.task import Task
from gan_lessons.training.finetuning.watcher import Watcher
from gan_lessons.training.schedule import cosine

EVERY = 100  # steps between two looks at the validation region
EMA = 0.995  # the average follows within 200 steps: minutes have a few thousand
LAST = 0.02  # share of the rate at the end of the cosine
WARM = 50  # steps up to the full rate: the optimizer's momentum starts empty
OBJECTIVE = build_objective("ragan-ls")


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
    began, before = clock(), state.spent
    tell = partial(_tell, state, task, progress, watcher)
    losses: list[float] = []
    if state.step == 0:
        _stop_if(stop)
        _look(state, task, settings, math.nan, tell)
    while (share := _share(state, settings)) < 1 and not (stop and stop.is_set()):
        for group in (group for one in state.optimizer.optimizers for group in one.param_groups):
            group["lr"] = cosine((settings.rate, LAST * settings.rate), share) * min(1, (state.step + 1) / WARM)
        patch = min(settings.patch, task.batches.largest)
        loss = step(state, task, task.batches.batch(settings.batch, patch, state.rng), settings)
        if not math.isfinite(loss):
            text = f"the loss became {loss} at step {state.step + 1}; training stopped"
            warnings.warn(f"{text}, and the best weights so far are kept", InputWarning, stacklevel=2)
            break
        losses.append(loss)
        follow(state.average, state.generator, EMA, state.step)
        state.step, state.spent = state.step + 1, before + clock() - began
        watcher.stepped(state.step, min(1.0, _share(state, settings)), loss)
        if state.step % EVERY == 0:
            _look(state, task, settings, sum(losses) / len(losses), tell)
            losses = []
            save()
    if losses:
        _look(state, task, settings, sum(losses) / len(losses), tell)
        save()


def step(state: State, task: Task, batch: Any, settings: Settings) -> float:
    """Take one step of the generator, and one of the critic where there is one; return the content loss."""
    device = next(state.generator.parameters()).device
    batch = _on_device(batch, device)
    image, guides = (None if x is None else x.to(memory_format=torch.channels_last) for x in batch[:2])
    with torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device)):
        restored = state.generator(image) if guides is None else state.generator(image, guides)
    restored = restored.float()
    content = task.criterion(restored, batch)
    loss = content
    if state.critic is not None:
        loss = loss + settings.adversarial * OBJECTIVE.generator_loss(state.critic(batch.truth), state.critic(restored))
    state.optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(state.generator.parameters(), 1.0)
    state.optimizer.step()
    if state.critic is not None:
        _judge_step(state, batch.truth, restored.detach())
    return float(content.detach())


def _judge_step(state: State, real: Tensor, fake: Tensor) -> None:
    assert state.critic is not None
    assert state.critic_optimizer is not None
    state.critic_optimizer.zero_grad()
    OBJECTIVE.critic_loss(state.critic(real), state.critic(fake)).backward()
    state.critic_optimizer.step()


def _on_device(batch: Any, device: torch.device) -> Any:
    """Move the tensors of a batch; whatever else it holds stays."""
    return batch._replace(**{k: v.to(device) for k, v in batch._asdict().items() if isinstance(v, Tensor)})


def has_bfloat16(device: torch.device) -> bool:
    """Return whether half precision is quicker there; a processor without it takes ten times as long."""
    return device.type != "cpu" or bool(torch.cpu._is_avx512_bf16_supported())


def _share(state: State, settings: Settings) -> float:
    spent = state.spent / (60 * settings.minutes) if settings.minutes > 0 else 1.0
    return spent if settings.steps is None else max(spent, state.step / settings.steps)


def _look(state: State, task: Task, settings: Settings, loss: float, tell: Callable[[], None]) -> None:
    """Judge the averaged weights; keep them if they are the best."""
    figures = task.judge(state.average, "validation")
    best = min((one.figures[task.choose_by] for one in state.history), default=math.inf)
    if figures[task.choose_by] < best:
        state.best.load_state_dict(state.average.state_dict())
        state.best_step = state.step
    state.history.append(Progress(state.step, min(1.0, _share(state, settings)), loss, figures, state.best_step))
    tell()


def _tell(state: State, task: Task, progress: Callable[[Progress], object] | None, watcher: Watcher) -> None:
    if progress:
        progress(state.history[-1])
    watcher.looked(state.history[-1])
    if type(watcher).previewed is not Watcher.previewed:  # pixels cost a restoration
        watcher.previewed(task.preview(state.average))


def _stop_if(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Cancelled("cancelled before the first step")
