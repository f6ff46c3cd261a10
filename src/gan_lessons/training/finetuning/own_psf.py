"""A pair tells what blurs its reference into its raw image; a model that takes a PSF is told that one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gan_lessons.training.finetuning.measured_psf import SIDE, measure_psf
from gan_lessons.training.finetuning.realizations import realizations
from gan_lessons.training.finetuning.regions import Region
from gan_lessons.training.finetuning.scenes import Scene
from gan_lessons.training.finetuning.task import Task
from gan_lessons.training.finetuning.views import Told, guides_of
from gan_lessons.zoo import Model

MOST = 16  # images that the PSF is measured from
MOST_VOXELS = 2**21  # of each, if it is a volume: a tenth of a minute and half a gigabyte
MOST_TOLD = 2**23  # of volumes, all together: they are deconvolved with it, which takes half a minute and a gigabyte


def with_own_psf(model: Model, scenes: list[Scene], made: Callable[[list[Scene]], Task]) -> Task:
    """Return the task in which the PSF is told that the training regions show, if it serves; else without.

    It serves if the parent, told of it, restores the validation region no worse: a reference that is as blurred as the
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
    # By PSNR: what noise a PSF lets through costs SSIM much, and is the first that training takes away.
    before, after = (one.judge(model.generator, "validation")["psnr"] for one in (task, made(known)))
    serves = after >= before
    found = task.found | {"psf": {"told": serves, "PSNR without": before, "PSNR with": after}}
    chosen = known if serves else scenes
    task = made([*chosen, *realizations(chosen, [psf] * len(chosen), model.generator.guides)])
    return replace(task, psf=psf if serves else None, found=found)


def _measured(model: Model, scenes: Sequence[Scene]) -> np.ndarray | None:
    """Return the PSF of planes, or of volumes that aren't too large, of one channel: several have one each."""
    volumes = model.card.axes == "ZYX"
    if not model.card.psf or len({scene.where[2] for scene in scenes}) > 1:
        return None
    if volumes and sum(scene.image.numel() for scene in scenes) > MOST_TOLD:
        return None
    large = [scene for scene in scenes if "training" in scene.regions and _large_enough(scene.regions["training"])]
    depth = min((len(scene.image) for scene in large), default=0)
    pairs = [_pixels(scene, depth if volumes else None) for scene in large[:MOST]]
    return measure_psf(pairs) if pairs else None


def _large_enough(region: Region) -> bool:
    return min(region.sides) >= SIDE and max(region.sides) >= 2 * SIDE


def _pixels(scene: Scene, depth: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Cut the training region's raw image and reference: the middle plane, or a volume of so many planes."""
    rows, columns = scene.regions["training"]
    planes: int | slice = len(scene.image) // 2
    if depth is not None:
        planes = slice(depth)
        most = max(2 * SIDE, MOST_VOXELS // (depth * (columns.stop - columns.start)))
        rows = slice(rows.start, min(rows.stop, rows.start + most))
    at = (planes, 0, rows, columns)
    return scene.image[at].numpy(), scene.target[at].numpy()


def _told(scene: Scene, psf: np.ndarray, count: int) -> Scene:
    """Return a scene that is always told: the PSF stays in the model file."""
    told = (Told(psf, trusted=True),)
    return replace(scene, told=told, guides=guides_of(scene.image, told, count))
