"""Which source of data a user's arguments mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_lessons.degradations import PoissonGaussian
from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.metrics.trust.noise_model import estimate_noise
from gan_lessons.restoration.psfs import PSFs
from gan_lessons.training.finetuning.reblurred import reblur_task
from gan_lessons.training.finetuning.regions import Region
from gan_lessons.training.finetuning.supervised import degraded_task, pairs_task
from gan_lessons.training.finetuning.task import Task
from gan_lessons.training.finetuning.views import check_psf, read_images
from gan_lessons.zoo import Model


def make_task(
    model: Model,
    raw: Any,
    reference: Any,
    psf: PSFs | None,
    noise: PoissonGaussian | Any,
    axes: str | None,
    *,
    ssim_weight: float,
    seed: int,
    validation: Region | None = None,
    register: bool = True,
) -> Task:
    """Read the images, and prepare the source that they mean; see `finetune`.

    Raises
    ------
    InputError
        If something is missing for any source, or doesn't fit.
    """
    if raw is not None and reference is not None:
        check_psf(psf, model)
        pair = read_images(raw, axes, "raw"), read_images(reference, axes, "reference")
        return pairs_task(model, *pair, psf, ssim_weight, validation, register)
    if raw is None and reference is None:
        raise InputError("no images to fine-tune on; give raw and reference, reference and psf, or raw and psf")
    if psf is None:
        alone, other = ("raw", "reference") if reference is None else ("reference", "raw")
        raise InputError(f"{alone} images alone, and no PSF; give psf, or {other} images of the same fields")
    if reference is not None:
        if noise is None:
            raise InputError("reference and psf, but no noise; give noise=PoissonGaussian(photons=…), or a raw image")
        sharp = read_images(reference, axes, "reference")
        camera = (
            noise if isinstance(noise, PoissonGaussian) else noise_like(read_images(noise, axes, "noise")[0], sharp)
        )
        return degraded_task(model, sharp, psf, camera, ssim_weight, seed, validation)
    if noise is not None and not isinstance(noise, PoissonGaussian):
        raise InputError(f"noise is a {type(noise).__name__}; of raw images expected PoissonGaussian(…), or nothing")
    return reblur_task(model, read_images(raw, axes, "raw"), psf, noise, seed, validation)


def noise_like(raw: Image, sharp: list[Image]) -> PoissonGaussian:
    """Return the noise of a raw image, for sharp images of other units: as many photons above as much background."""
    values = np.asarray(raw.data, np.float64)
    camera = estimate_noise(np.moveaxis(values, -1, 0) if raw.axes.endswith("S") else values)
    assert camera.electrons_per_unit is not None
    dark, bright = np.percentile(values, [1, 99.9])
    read = float(np.sqrt(camera.variance(np.array([dark]))[0])) * camera.electrons_per_unit
    level = float(np.median([np.percentile(image.data, 1) for image in sharp]))
    return PoissonGaussian(photons=camera.electrons_per_unit * (bright - dark), offset=level, read_noise=read)
