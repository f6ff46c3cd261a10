"""The two sources with a truth: raw images beside references, and sharp images that are degraded here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import InputError
from gan_lessons.generators import Generator
from gan_lessons.image import Image
from gan_lessons.losses.content import charbonnier
from gan_lessons.losses.structure import structural_dissimilarity
from gan_lessons.metrics.full_reference import photon_range
from gan_lessons.restoration.likeness import traits
from gan_lessons.restoration.psfs import PSFs
from gan_lessons.training.batch import Batch
from gan_lessons.training.finetuning.fitted import blurred, fitted
from gan_lessons.training.finetuning.judge import fidelity, judged_planes, preview_of, restored
from gan_lessons.training.finetuning.own_psf import with_own_psf
from gan_lessons.training.finetuning.realizations import realizations
from gan_lessons.training.finetuning.regions import ROLES, Region, regions_around, three_regions
from gan_lessons.training.finetuning.result import Figures
from gan_lessons.training.finetuning.scenes import Scene, ScenePairs
from gan_lessons.training.finetuning.task import Task
from gan_lessons.training.finetuning.views import View, canonical, kernels_of, views
from gan_lessons.zoo import Model

EPSILON = 0.03  # of Charbonnier, as a share of the raw image's range
WHOLE = 5  # images from which on each is one region
REALIZATIONS = 8  # of the noise on sharp images, a network learns the noise of fewer by heart


def pairs_task(
    model: Model,
    raws: Sequence[Image],
    references: Sequence[Image],
    psf: PSFs | None,
    ssim_weight: float,
    validation: Region | None = None,
    register: bool = True,
) -> Task:
    """Prepare raw images and references of the same fields."""
    if len(raws) != len(references):
        raise InputError(f"raw: {len(raws)} images, reference: {len(references)}; expected as many")
    scenes, found, digest = [], [], hashlib.sha256()
    for number, (raw, reference) in enumerate(zip(raws, references, strict=True)):
        check_same(raw, reference)
        data, truth = canonical(raw, model), canonical(reference, model)
        kernels = kernels_of(psf, raw, model, data.shape[1])
        digest.update(data.tobytes() + truth.tobytes())
        seen, planar = [], model.card.axes != "ZYX"
        for view in views(data, model, kernels, raw.name):
            name = f"{raw.name} and {reference.name}"
            target, told = fitted(view, truth[view.time, view.channel], name, register, planar)
            seen.append((view, target))
            found.append({"image": raw.name, "time": view.time, "channel": view.channel, **told})
        regions = regions_of([target for _, target in seen], model, raw.name, len(raws), number, validation)
        scenes += [_scene(view, target, regions, number) for view, target in seen]
    made = partial(_task, model, found={"pairs": found}, sha256=digest.hexdigest(), ssim_weight=ssim_weight)
    if psf is None:
        return with_own_psf(model, scenes, made)
    return made([*scenes, *realizations(scenes, [scene.told[0].psf for scene in scenes], model.generator.guides)])


def degraded_task(
    model: Model,
    sharps: Sequence[Image],
    psf: PSFs,
    noise: PoissonGaussian,
    ssim_weight: float,
    seed: int,
    validation: Region | None = None,
) -> Task:
    """Prepare sharp images, seen through a PSF and a camera's noise."""
    scenes, digest = [], hashlib.sha256()
    rng = np.random.default_rng(seed)
    for number, sharp in enumerate(sharps):
        truth = canonical(sharp, model)
        digest.update(truth.tobytes())
        kernels = kernels_of(psf, sharp, model, truth.shape[1])
        clean = np.stack([blurred(truth[:, c], kernel) for c, kernel in enumerate(kernels)], 1)
        volumes = [truth[t, c] for t, c in np.ndindex(*truth.shape[:2])]
        regions = regions_of(volumes, model, sharp.name, len(sharps), number, validation)
        for _ in range(REALIZATIONS):
            for view in views(noise.apply(clean, rng), model, kernels, sharp.name):
                target = torch.from_numpy(view.normalization.apply(truth[view.time, view.channel]))
                scenes.append(_scene(view, target, regions, number))
    return _task(model, scenes, {"noise": str(noise)}, digest.hexdigest(), ssim_weight)


def check_same(raw: Image, reference: Image) -> None:
    """Raise `InputError` unless two images have the same axes and sizes."""
    if (raw.axes, raw.data.shape) != (reference.axes, reference.data.shape):
        raise InputError(
            f"{reference.name}: axes {reference.axes} {reference.data.shape}, but {raw.name} has {raw.axes} "
            f"{raw.data.shape}; expected the same: crop or resample one of them"
        )


def _scene(view: View, target: Tensor, regions: dict[str, Region], number: int) -> Scene:
    where = (number, view.time, view.channel)
    return Scene(view.image, view.told, view.guides, target, regions, view.normalization, where)


def whole_role(number: int, count: int) -> str | None:
    """Return the one role of an image where there are many: of five one validates, one tests."""
    return None if count < WHOLE else {3: "validation", 4: "test"}.get(number % WHOLE, "training")


def regions_of(
    volumes: Sequence[np.ndarray | Tensor],
    model: Model,
    name: str,
    count: int,
    number: int,
    validation: Region | None = None,
) -> dict[str, Region]:
    """Return the regions of an image, one of ``count``: the same in its channels and times, each (Z, S, Y, X).

    Raises
    ------
    InputError
        If the image is too small, or a region to validate on was chosen where whole images validate.
    """
    role = whole_role(number, count)
    height, width = volumes[0].shape[-2:]
    halo, stride = model.generator.halo, model.generator.stride
    if role and validation:
        raise InputError(f"validation region {validation}: of {count} images whole ones validate; leave it out")
    if role:
        return {role: Region(slice(0, height), slice(0, width))}
    means = [ndimage.gaussian_filter(np.asarray(volume, np.float64).mean((0, 1)), 2.0) for volume in volumes]
    activity = np.mean([np.hypot(*np.gradient(mean)) for mean in means], axis=0)
    if validation:
        return regions_around(validation, activity, halo, stride, name)
    return three_regions(activity, halo, stride, name)


def _task(model: Model, scenes: list[Scene], found: dict[str, Any], sha256: str, ssim_weight: float) -> Task:
    generator = model.generator
    context = generator.in_channels if model.card.axes == "ZYX" else 1
    wide = float(np.mean([photon_range(scene.target.numpy()) for scene in scenes]))

    def losses(result: Tensor, truth: Tensor) -> Tensor:
        loss = (1 - ssim_weight) * charbonnier(result, truth, EPSILON)
        return loss + ssim_weight * structural_dissimilarity(result, truth, wide)

    def criterion(result: Tensor, batch: Batch) -> Tensor:
        return (losses(result, batch.truth) * batch.weight).mean()

    def judge(generator: Generator | None, role: str) -> Figures:
        total = []
        for scene, region, planes in judged_planes(scenes, role):
            truth = scene.target[planes][:, :, region.rows, region.columns]
            total.append(float(losses(restored(generator, scene, region, planes, context), truth).mean()))
        return {"loss": round(float(np.mean(total)), 6), **fidelity(generator, scenes, role, context)}

    regions = {role: sorted({str(scene.regions[role]) for scene in scenes if role in scene.regions}) for role in ROLES}
    return Task(
        ScenePairs(scenes, context, generator.guides),
        criterion,
        judge,
        partial(preview_of, scenes=scenes, context=context),
        "loss",
        regions,
        found,
        sha256,
        largest_traits(scenes),
    )


def largest_traits(scenes: Sequence[Scene]) -> dict[str, float]:
    """Return the largest traits of scenes' raw images."""
    found = [traits(scene.image[len(scene.image) // 2, 0].numpy()) for scene in scenes]
    return {trait: round(max(one[trait] for one in found), 3) for trait in found[0]}
