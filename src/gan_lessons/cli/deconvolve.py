"""``gan-lessons deconvolve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gan_lessons.cli.options import (
    NA,
    Axes,
    Beads,
    Channel,
    Confocal,
    Depth,
    Device,
    Dtype,
    EstimatePSF,
    Immersion,
    Inputs,
    Out,
    Overwrite,
    PixelSize,
    PSFFile,
    SampleIndex,
    Wavelength,
)
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from gan_lessons.image import Image


def deconvolve(
    inputs: Inputs,
    out: Out,
    method: Annotated[
        Literal["rl", "rl-tv", "wiener"],
        typer.Option("--method", help="Richardson-Lucy, the same with total variation, or Wiener."),
    ],
    iterations: Annotated[int, typer.Option("--iterations", help="Of rl and rl-tv.")] = 30,
    background: Annotated[float, typer.Option("--background", help="Offset and even light, in the image's units.")] = 0,
    tv: Annotated[float, typer.Option("--tv", help="Strength of rl-tv's total variation.")] = 0.002,
    noise: Annotated[float, typer.Option("--noise", help="Of wiener: power of noise over that of signal.")] = 0.01,
    axes: Axes = None,
    channel: Channel = None,
    pixel_size: PixelSize = None,
    device: Device = "cpu",
    dtype: Dtype = "keep",
    psf: PSFFile = None,
    beads: Beads = None,
    estimate_psf: EstimatePSF = False,
    na: NA = None,
    wavelength: Wavelength = None,
    immersion: Immersion = "air",
    sample_index: SampleIndex = 1.33,
    depth: Depth = 0.0,
    confocal: Confocal = None,
    overwrite: Overwrite = False,
) -> None:
    """Deconvolve images with a known PSF, classically."""
    from gan_lessons.cli.batch import run_batch
    from gan_lessons.cli.optics import Optics

    optics = Optics(psf, na, wavelength, immersion, sample_index, depth, confocal, beads, estimate_psf)
    if not optics.known:
        raise InputError("deconvolve needs the PSF: --psf FILE, --beads FILE, --na and --wavelength, or --estimate-psf")

    def work(image: Image, psf: Any, progress: Any, cancel: Any, report: Any) -> Image:
        from gan_lessons.restoration import deconvolve

        return deconvolve(
            image,
            psf,
            method=method,
            iterations=iterations,
            background=background,
            tv=tv,
            noise_to_signal=noise,
            dtype=dtype,
            device=device,
            progress=progress,
            cancel=cancel,
            report=report,
        )

    run_batch(
        inputs,
        out,
        work,
        optics,
        axes=axes,
        channel=channel,
        pixel_size=pixel_size,
        overwrite=overwrite,
        as_float=dtype == "float32",
    )
