"""Fine-tune a model on a user's own images, in minutes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import Cancelled, InputError
from gan_lessons.io import check_target
from gan_lessons.restoration.network import find_device
from gan_lessons.restoration.psfs import PSFs
from gan_lessons.training.finetuning.loop import tune
from gan_lessons.training.finetuning.outcome import card_of, figures_of
from gan_lessons.training.finetuning.regions import Region
from gan_lessons.training.finetuning.result import Finetuned, Progress
from gan_lessons.training.finetuning.sources import make_task
from gan_lessons.training.finetuning.state import Settings, State
from gan_lessons.training.finetuning.watcher import Watcher
from gan_lessons.zoo import Model, load_model, model_path, save_model

RATE = 1e-3  # a third of it gained 0.1 to 0.3 dB less in half a minute (docs/results/finetuning.md)
BATCH, PATCH = 4, 128


def finetune(
    model: Model | str | Path,
    *,
    raw: Any = None,
    reference: Any = None,
    psf: PSFs | None = None,
    noise: PoissonGaussian | Any = None,
    axes: str | None = None,
    out: str | Path = "my-model",
    ssim_weight: float = 0.5,
    adversarial: float = 0.0,
    minutes: float = 5.0,
    steps: int | None = None,
    rate: float = RATE,
    seed: int = 0,
    device: str | torch.device | None = None,
    overwrite: bool = False,
    resume: bool = False,
    register: bool = True,
    validation: tuple[slice, slice] | None = None,
    progress: Callable[[Progress], object] | None = None,
    watcher: Watcher | None = None,
    stop: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Finetuned:
    """Fine-tune a model on own images, and write a model file that `restore` takes.

    What is given decides where the model learns from:

    - ``raw`` and ``reference``: acquisitions of the same field, say short and long exposed;
    - ``reference``, ``psf`` and ``noise``: sharp images, which are blurred and made noisy here;
    - ``raw`` and ``psf``: blurred images alone. What the model restores, blurred again, has to agree with photons of
      the raw image that it didn't see.

    The loss of the first two is ``(1 - ssim_weight) · Charbonnier + ssim_weight · (1 - SSIM)``. One region of the
    images is trained on; on a second the best weights are chosen, the parent's included; a third, which nothing else
    has seen, gives the figures.

    Parameters
    ----------
    model : Model, str or path
        The parent: a name that `load_model` knows, or a file.
    raw, reference : array, Image, path, or a list of those
        A raw image and its reference have the same axes and sizes. The reference is moved onto the raw image, and
        brought to its gain and offset. Five images or more are divided whole; of fewer, each is cut into three regions.
    psf : array, Microscope, or mapping of channel to either, optional
        As `restore` takes it. With a pair, it is told to the model where the model takes one. Where it isn't given,
        that between a pair of one channel is measured, of stacks up to 8 million voxels; it goes into the model file if
        it serves.
    noise : PoissonGaussian, array, Image or path, optional
        Of the camera. An image is one to estimate it from. For raw images alone it is estimated from them.
    axes : str, optional
        Of arrays, and of files that don't say.
    out : str or path
        A name, for a model among the user's own (`gan_lessons.zoo.user_folder`), or a path that ends in .safetensors.
    ssim_weight : float
        From 0 to 1. Raw images alone have the likelihood in place of both terms.
    adversarial : float
        Weight of a RaGAN-LS critic beside the content; 0 for none. Up to 0.005 keeps to the data.
    minutes : float
        Of training; some seconds more for preparation and the last figures, for stacks up to a minute.
    steps : int, optional
        Stop after so many even if time is left. A run that steps end gives the same bits again.
    rate : float
        Learning rate of Muon at the beginning; it falls along a cosine.
    seed : int
    device : str, optional
        ``"cpu"`` by default.
    overwrite : bool
        Replace a model of the same name.
    resume : bool
        Go on from the checkpoint beside ``out`` with the same data; ``minutes`` and ``steps`` count from its beginning.
    register : bool
        Move the reference onto the raw image; False leaves it where it lies, and warns if that is elsewhere.
    validation : tuple of slices, optional
        Rows and columns to validate on; training and test are then put beside it. By default all three are chosen.
    progress : callable, optional
        Called with a `Progress` every hundred steps.
    watcher : Watcher, optional
        Is told more: what was found before the first step, each step's loss, how a part of the image looks.
    stop : threading.Event, optional
        Set it to stop after the current step; the best weights so far are kept.
    clock : callable
        Seconds that the minutes are counted in; ``time.process_time`` counts a busy machine's fairly.

    Returns
    -------
    Finetuned

    Raises
    ------
    InputError
        If images, PSF and model don't fit each other; one line says why and what to do.
    Cancelled
        If ``stop`` is set before the first step: nothing is written.
    """
    settings = _checked(Settings(minutes, steps, rate, BATCH, PATCH, adversarial, seed), ssim_weight)
    if adversarial and reference is None:
        raise InputError("adversarial: a critic needs sharp images to compare with; give a reference, or leave it out")
    path = model_path(out)
    check_target(path, overwrite=overwrite or resume)
    checkpoint = path.with_suffix(".checkpoint")
    if resume and not checkpoint.is_file():
        raise InputError(f"{checkpoint}: there is no such checkpoint to resume from; leave resume out to begin")
    parent = model if isinstance(model, Model) else load_model(model)
    found_device = find_device(device)
    chosen = None if validation is None else Region(*validation)
    task = make_task(
        parent,
        raw,
        reference,
        psf,
        noise,
        axes,
        ssim_weight=ssim_weight,
        seed=seed,
        validation=chosen,
        register=register,
    )
    watcher = watcher or Watcher()
    watcher.prepared(task.found, task.regions)
    if stop is not None and stop.is_set():
        raise Cancelled("cancelled before the first step")
    state = State(parent.generator, settings, found_device)
    made_of = {"data": task.sha256, "parent model": parent.sha256, "weight of the critic": str(adversarial)}
    made_of |= {"weight of SSIM": str(ssim_weight), "regions": str(task.regions), "registration": str(register)}
    if resume:
        state.load(checkpoint, made_of)
    tune(
        state,
        task,
        settings,
        save=lambda: state.save(checkpoint, made_of),
        clock=clock,
        progress=progress,
        watcher=watcher,
        stop=stop,
    )
    figures = figures_of(state, task, parent.generator)
    best = state.best.cpu()
    made = {**asdict(settings), "ssim_weight": ssim_weight, "data": task.sha256, "found": task.found}
    card = card_of(parent, path.stem, task, figures, made)
    own = parent.psf if task.psf is None else torch.from_numpy(task.psf)
    save_model(Model(best, card, gauge=parent.gauge, psf=own), path)
    kept = f"step {state.best_step}" if state.best_step else "start"
    steps, seconds = state.game.done, round(state.spent, 1)
    return Finetuned(path, kept, figures, task.regions, task.found, state.history, steps, seconds)


def _checked(settings: Settings, ssim_weight: float) -> Settings:
    checks = {
        f"ssim_weight {ssim_weight:g}: expected 0 to 1": 0 <= ssim_weight <= 1,
        f"adversarial {settings.adversarial:g}: expected 0 or more": settings.adversarial >= 0,
        f"minutes {settings.minutes:g}: expected a positive number": settings.minutes > 0,
        f"steps {settings.steps}: expected 1 or more": settings.steps is None or settings.steps >= 1,
        f"rate {settings.rate:g}: expected a positive number": settings.rate > 0,
    }
    for message, good in checks.items():
        if not good:
            raise InputError(message)
    return settings
