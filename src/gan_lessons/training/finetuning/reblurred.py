"""The source without a truth: blurred images and their PSF.

What the network restores from four fifths of an image's photons, blurred again, is compared with the fifth that it
didn't see. Compared with those that it saw, noise that it copied would count as agreement.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.degradations.kernels import crop_center
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.generators import Generator
from gan_lessons.image import Image
from gan_lessons.losses.gradients import total_variation
from gan_lessons.metrics.trust.noise_model import estimate_noise
from gan_lessons.restoration.psfs import PSFs
from gan_lessons.training.blurs import Blur
from gan_lessons.training.finetuning.judge import preview_of, restored
from gan_lessons.training.finetuning.photons import SHARE, Photons, Thinned, ThinnedBatches
from gan_lessons.training.finetuning.regions import ROLES, Region
from gan_lessons.training.finetuning.result import Figures
from gan_lessons.training.finetuning.supervised import largest_traits, regions_of
from gan_lessons.training.finetuning.task import Task
from gan_lessons.training.finetuning.thinning import deviance, thin
from gan_lessons.training.finetuning.views import canonical, kernels_of, views
from gan_lessons.zoo import Model

THINNINGS = 4  # ways to divide the photons that are trained on; one more is judged by
SMOOTHNESS = 0.02  # weight of total variation, of an image whose range is about 1
LARGEST, KEPT = 65, 0.99  # side in pixels that a PSF is cut to for the loss, and what of it has to stay


def reblur_task(
    model: Model,
    raws: Sequence[Image],
    psf: PSFs,
    noise: PoissonGaussian | None,
    seed: int,
    validation: Region | None = None,
) -> Task:
    """Prepare blurred images whose PSF is known."""
    rng, digest = np.random.default_rng(seed), hashlib.sha256()
    training: list[Thinned] = []
    judging: list[Thinned] = []
    cameras: list[str] = []
    for number, raw in enumerate(raws):
        data = canonical(raw, model)
        digest.update(data.tobytes())
        kernels = kernels_of(psf, raw, model, data.shape[1])
        if any(kernel is None for kernel in kernels):
            raise InputError(f"{raw.name}: channel {kernels.index(None)} has no PSF; give one for each channel")
        chosen = [_camera(data[:, channel], noise) for channel in range(data.shape[1])]
        cameras += [f"{raw.name}, channel {channel}: {camera}" for channel, camera in enumerate(chosen)]
        volumes = [data[t, c] for t, c in np.ndindex(*data.shape[:2])]
        regions = regions_of(volumes, model, raw.name, len(raws), number, validation)
        for turn in range(THINNINGS + 1):
            parts = [thin(data[:, channel], camera, SHARE, rng) for channel, camera in enumerate(chosen)]
            seen, held = (np.stack(part, 1) for part in zip(*parts, strict=True))
            for view in views(seen, model, kernels, raw.name):
                assert view.psf is not None
                target = torch.from_numpy(held[view.time, view.channel])
                kernel = _small(view.psf, regions.get("training"), raw.name)
                where = (number, view.time, view.channel)
                camera = chosen[view.channel]
                seen_as = view.image, view.told, view.guides
                thinned = Thinned(*seen_as, target, regions, view.normalization, where, kernel, camera)
                (training if turn < THINNINGS else judging).append(thinned)
    context = model.generator.in_channels if model.card.axes == "ZYX" else 1

    def judge(generator: Generator | None, role: str) -> Figures:
        return {} if generator is None else {"deviance": held_out_deviance(generator, judging, role, context)}

    regions_told = {role: sorted({str(s.regions[role]) for s in judging if role in s.regions}) for role in ROLES}
    found: dict[str, Any] = {"noise": cameras, "noise estimated": noise is None}
    seen_traits = largest_traits(judging)
    batches = ThinnedBatches(training, context)
    preview = partial(preview_of, scenes=judging, context=context)
    return Task(batches, misfit, judge, preview, "deviance", regions_told, found, digest.hexdigest(), seen_traits)


def misfit(result: Tensor, batch: Photons) -> Tensor:
    """Return how far what was restored, blurred again, is from held-out photons, in units of their variance.

    About 1 where nothing but noise is left; total variation on top, for what the PSF doesn't transmit.
    """
    blurred = reblurred(result, batch.blur)
    rows, columns = blurred.shape[-2:]
    top, left = (batch.truth.shape[-2] - rows) // 2, (batch.truth.shape[-1] - columns) // 2
    inner = (..., slice(top, top + rows), slice(left, left + columns))
    error = batch.scene.expected(blurred) - batch.truth[inner]
    return (error.square() * batch.weight[inner]).mean() + SMOOTHNESS * total_variation(result).mean()


def reblurred(result: Tensor, blur: Blur) -> Tensor:
    """Blur (N, S, Y, X) where the PSF lies inside; for a 3D PSF, N are a volume's planes, continued at its ends."""
    if blur.psf.ndim == 2:
        blurred = blur.apply(result.flatten(0, 1))
        return blurred.unflatten(0, result.shape[:2])
    half = blur.psf.shape[0] // 2
    planes = torch.arange(-half, len(result) + half).clamp(0, len(result) - 1)
    return blur.apply(result[planes].transpose(0, 1)).transpose(0, 1)


def held_out_deviance(generator: Generator, scenes: Sequence[Thinned], role: str, context: int) -> float:
    """Return the deviance of the photons held out in the regions of a role, averaged over scenes."""
    total = []
    for scene in scenes:
        if role not in scene.regions:
            continue
        region, half = scene.regions[role], max(scene.psf.shape[-2:]) // 2
        wide = region.grown(half, scene.image.shape[-2:])  # type: ignore[arg-type]
        result = restored(generator, scene, wide, range(len(scene.image)), context)
        blurred = reblurred(result, Blur(torch.from_numpy(scene.psf)))
        # At the image's border there is no margin: what lies nearer to it than the PSF's half isn't judged.
        sides = zip(wide, scene.psf.shape[-2:], strict=True)
        rows, columns = (slice(side.start + n // 2, side.stop - n // 2) for side, n in sides)
        found = scene.target[:, :, rows, columns]
        total.append(deviance(scene.expected(blurred).numpy().astype(np.float64), found.numpy().astype(np.float64)))
    return round(float(np.mean(total)), 6)


def _camera(channel: np.ndarray, noise: PoissonGaussian | None) -> PoissonGaussian:
    """Return the camera's noise in electrons a unit: as given, or estimated from (T, Z, S, Y, X)."""
    if noise is None:
        return estimate_noise(channel)
    return replace(noise, photons=None, electrons_per_unit=noise.electrons(channel))


def _small(psf: np.ndarray, region: Region | None, name: str) -> np.ndarray:
    """Cut a PSF for the loss, so that patches of the training region hold it and as much again."""
    side = min([LARGEST, *([] if region is None else [min(region.sides) // 2])])
    side -= 1 - side % 2
    cut = crop_center(psf, (*psf.shape[:-2], *(min(side, have) for have in psf.shape[-2:])))
    if float(cut.sum()) < KEPT:
        text = f"{cut.sum():.1%} of the PSF lie within {side} pixels, which is all that the loss sees of it"
        warnings.warn(f"{name}: {text}", InputWarning, stacklevel=3)
    return (cut / cut.sum()).astype(np.float32)
