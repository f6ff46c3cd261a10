"""`fit`: a recipe and pairs in, a run's folder with a model out."""

from __future__ import annotations

import logging
import math
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import torch

from gan_lessons.data.pair import Pairs
from gan_lessons.errors import InputError
from gan_lessons.training.card import begin_card
from gan_lessons.training.checkpoint import read_state, take_up
from gan_lessons.training.folder import CHECKPOINT, MODEL, check_folder, make_folder
from gan_lessons.training.gauge import find_gauge
from gan_lessons.training.networks import build_networks, check_channels
from gan_lessons.training.order import Batches, Order
from gan_lessons.training.progress import Progress
from gan_lessons.training.recipe import Recipe
from gan_lessons.zoo import Model, load_model


def fit(
    recipe: Recipe,
    pairs: Pairs,
    run: str | Path,
    *,
    validation: Pairs | None = None,
    start: Model | None = None,
    resume: bool = False,
    minutes: float = math.inf,
    callback: Callable[[Progress], None] | None = None,
    cancel: Event | None = None,
    devices: int = 1,
    workers: int = 0,
    about: str = "",
) -> Path:
    """Train a model as its recipe says; write log, pictures, checkpoints and the model file into the folder ``run``.

    Works in any thread.

    Parameters
    ----------
    recipe : Recipe
        As `read_recipe` reads it.
    pairs, validation : Pairs
        What is trained on, and what figures and pictures are of; without ``validation`` there are no figures, and the
        pictures are of training pairs.
    start : Model, optional
        Weights to begin with, instead of the recipe's own ``start``; they are copied.
    resume : bool
        Go on from the run's last checkpoint: the bits are those of an uninterrupted run on the same processor.
    minutes : float
        Stop early, with a checkpoint and a model.
    callback : callable, optional
        Called after every step with a `Progress`.
    cancel : Event, optional
        Once set, training stops after the step that is under way, with a checkpoint and a model.
    devices : int
        Processes that share every batch: as many GPUs where there are any, or of the CPU. The script is started anew
        in each; under torchrun or Slurm theirs are used.
    workers : int
        Further processes that draw batches ahead; the batches are the same.
    about : str
        The training data in words, for the model's card.

    Returns
    -------
    Path
        Of the model file.

    Raises
    ------
    InputError
        If the folder holds a run and ``resume`` is False, the pairs don't fit the networks, a loss isn't finite (the
        last checkpoint stays), or a file can't be written.
    """
    from lightning.pytorch import Trainer

    from gan_lessons.training.module import TrainingModule
    from gan_lessons.training.run import Run

    folder = Path(run)
    first_process = os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0")) == "0"
    if first_process:
        check_folder(folder, resume=resume)
    order = Order(recipe.phases, len(pairs), recipe.seed)
    for phase in recipe.phases:
        if phase.batch % (devices * phase.accumulate):
            raise InputError(f"a batch of {phase.batch} can't be shared by {devices} devices: --set the phases' batch")
    with _own_random_numbers():
        if start is None and recipe.start:
            start = load_model(recipe.start)
        generator, critics = build_networks(recipe, start)
        check_channels(recipe, generator, Batches(pairs, order).first_pair())
        module = TrainingModule(recipe, order, pairs, generator, critics, workers=workers)
        if resume and (folder / CHECKPOINT).is_file():
            with read_state(folder / CHECKPOINT) as state:
                take_up(module.game, state)
        gauge = None
        if first_process:
            make_folder(folder)
            gauge = find_gauge(recipe, pairs, folder, start, resume=resume)
        keeper = Run(
            folder,
            module,
            pairs,
            validation,
            card=begin_card(recipe, pairs, about),
            gauge=gauge,
            minutes=minutes,
            callback=callback,
            cancel=cancel,
        )
        with _quiet():
            trainer = Trainer(
                max_epochs=1,
                devices=devices,
                strategy="ddp_find_unused_parameters_true" if devices > 1 else "auto",
                callbacks=[keeper],
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
                use_distributed_sampler=False,
                sync_batchnorm=devices > 1 and torch.cuda.is_available(),  # torch has it for GPUs only
            )
            trainer.fit(module)
    return folder / MODEL


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Leave the caller's stream of random numbers as it was."""
    state = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(state)


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Lightning say what goes wrong, and not which devices there are and what else might be bought."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            warnings.filterwarnings("ignore", module="torch.utils.data")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
