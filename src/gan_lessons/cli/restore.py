"""``gan-lessons restore``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from gan_lessons.image import Image


def restore(
    inputs: Inputs,
    out: Out,
    model: Annotated[
        str | None,
        typer.Option("--model", help="A model's name (see gan-lessons models) or file; where the axes leave a choice."),
    ] = None,
    axes: Axes = None,
    channel: Channel = None,
    pixel_size: PixelSize = None,
    tile: Annotated[int | None, typer.Option("--tile", help="Pixels a tile's side; less needs less memory.")] = None,
    self_ensemble: Annotated[
        int | None,
        typer.Option("--self-ensemble", help="Positions (1, 2, 4, 8) to average; 4 with a PSF, else 1."),
    ] = None,
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
    """Restore images with a trained model; a JSON beside each result tells how it was made."""
    from gan_lessons.cli.batch import run_batch
    from gan_lessons.cli.optics import Optics

    optics = Optics(psf, na, wavelength, immersion, sample_index, depth, confocal, beads, estimate_psf)

    def work(image: Image, psf: Any, progress: Any, cancel: Any, report: Any) -> Image:
        from gan_lessons.restoration import restore

        return restore(
            image,
            model,
            psf=psf,
            tile=tile,
            self_ensemble=self_ensemble,
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
