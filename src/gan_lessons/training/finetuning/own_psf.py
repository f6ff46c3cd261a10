"""A pair tells what blurs its reference into its raw image; a model that takes a PSF is told that one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gan_lessons.training.finetuning.measured_psf import SIDE, measure_psf
from gan_lessons.training.finetuning.realizations import realizations
from gan_lessons.training.finetuning.scenes import Scene
from gan_lessons.training.finetuning.task import Task
from gan_lessons.training.finetuning.views import Told, guides_of
from gan_lessons.zoo import Model

MOST = 16  # images that the PSF is measured from


def with_own_psf(model: Model, scenes: list[Scene], made: Callable[[list[Scene]], Task]) -> Task:
    """Return the task in which the PSF is told that the training regions show, if it serves; else without.

    It serves if the parent, told of it, restores the validation region better: a reference that is as blurred as the
    raw image, or a pair too small, gives none that does. It then goes into the model file, since `restore` has no
    reference to measure it from.

    Parameters
    ----------
    made : callable
        Makes the task of scenes.
    """
    task, psf = made(scenes), _measured(model, scenes)
    if psf is None:
        return task
    known = [_told(scene, psf, model.generator.guides) for scene in scenes]
    told = made(known)
    before, after = (one.judge(model.generator, "validation")["loss"] for one in (task, told))
    found = task.found | {"psf": {"told": after < before, "loss without": before, "loss with": after}}
    chosen = known if after < before else scenes
    task = made([*chosen, *realizations(chosen, [psf] * len(chosen), model.generator.guides)])
    return replace(task, psf=psf if after < before else None, found=found)


def _measured(model: Model, scenes: Sequence[Scene]) -> np.ndarray | None:
    """Return the PSF of planes of one channel: several have one each, and a volume's has too many values."""
    if not model.card.psf or model.card.axes != "YX" or len({scene.where[2] for scene in scenes}) > 1:
        return None
    pairs = []
    for scene in scenes:
        region = scene.regions.get("training")
        if region and min(region.sides) >= SIDE and max(region.sides) >= 2 * SIDE:
            at = (len(scene.image) // 2, 0, region.rows, region.columns)
            pairs.append((scene.image[at].numpy(), scene.target[at].numpy()))
    return measure_psf(pairs[:MOST]) if pairs else None


def _told(scene: Scene, psf: np.ndarray, count: int) -> Scene:
    """Return a scene that is always told: the PSF stays in the model file."""
    told = (Told(psf, trusted=True),)
    return replace(scene, told=told, guides=guides_of(scene.image, told, count))
