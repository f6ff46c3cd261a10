"""``gan-lessons finetune``."""

from __future__ import annotations

import re
from pathlib import Path
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
    EstimatePSF,
    Immersion,
    Overwrite,
    PixelSize,
    PSFFile,
    SampleIndex,
    Wavelength,
)
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from gan_lessons.image import Image
    from gan_lessons.training.finetuning import Finetuned

NOISE = "Noise of the camera"
Files = Annotated[list[str] | None, typer.Option(help="File, folder or pattern; may be given several times.")]


def finetune(
    model: Annotated[str, typer.Argument(help="The parent: a model's name (see gan-lessons models) or file.")],
    out: Annotated[str, typer.Option("--out", help="A name for your own model, or a .safetensors file.")],
    raw: Files = None,
    reference: Files = None,
    axes: Axes = None,
    channel: Channel = None,
    pixel_size: PixelSize = None,
    minutes: Annotated[float, typer.Option("--minutes", help="Of training.")] = 5.0,
    steps: Annotated[int | None, typer.Option("--steps", help="Stop after so many, even if time is left.")] = None,
    ssim_weight: Annotated[float, typer.Option("--ssim-weight", help="0 to 1; the rest is Charbonnier's.")] = 0.5,
    adversarial: Annotated[float, typer.Option("--adversarial", help="Weight of a critic, up to 0.005.")] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Of all that is random.")] = 0,
    photons: Annotated[
        float | None, typer.Option("--photons", help="At the brightest of sharp images.", rich_help_panel=NOISE)
    ] = None,
    read_noise: Annotated[
        float, typer.Option("--read-noise", help="Electrons, beside --photons.", rich_help_panel=NOISE)
    ] = 0.0,
    noise_from: Annotated[
        Path | None, typer.Option("--noise-from", help="A raw image to estimate it from.", rich_help_panel=NOISE)
    ] = None,
    psf: PSFFile = None,
    beads: Beads = None,
    estimate_psf: EstimatePSF = False,
    na: NA = None,
    wavelength: Wavelength = None,
    immersion: Immersion = "air",
    sample_index: SampleIndex = 1.33,
    depth: Depth = 0.0,
    confocal: Confocal = None,
    register: Annotated[
        bool, typer.Option("--register/--no-register", help="Move the references onto the raw images.")
    ] = True,
    validation: Annotated[
        str | None, typer.Option("--validation", help="Rows and columns to validate on, as 0:128,64:192.")
    ] = None,
    device: Device = "cpu",
    overwrite: Overwrite = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint beside the model.")] = False,
) -> None:
    """Fine-tune a model on your own images: pairs, sharp ones and a PSF, or raw ones and a PSF."""
    from gan_lessons.cli import console
    from gan_lessons.cli.inputs import find_inputs
    from gan_lessons.cli.interrupt import stopped_by_ctrl_c
    from gan_lessons.cli.optics import Optics
    from gan_lessons.cli.options import parse_pixel_size
    from gan_lessons.degradations import PoissonGaussian
    from gan_lessons.io import read_image
    from gan_lessons.training import finetuning

    optics = Optics(psf, na, wavelength, immersion, sample_index, depth, confocal, beads, estimate_psf)
    _check_estimate(estimate_psf, raw, reference)
    if photons is not None and noise_from is not None:
        raise InputError("--photons and --noise-from: give one of them")
    size = parse_pixel_size(pixel_size)
    images = {
        role: [_channel_of(read_image(path, axes=axes, pixel_size=size), channel) for path in find_inputs(words)]
        for role, words in (("raw", raw), ("reference", reference))
        if words
    }
    first = next((some[0] for some in images.values()), None)
    region = None if validation is None else _region(validation)
    noise: Any = noise_from
    if photons is not None:
        noise = PoissonGaussian(photons=photons, read_noise=read_noise)
    with console.progress_bar() as bar, stopped_by_ctrl_c("stopping with the best so far") as stop:
        task = bar.add_task("looking at the images", total=100)
        result = finetuning.finetune(
            model,
            raw=images.get("raw"),
            reference=images.get("reference"),
            psf=None if first is None else optics.psf_of(first),
            noise=noise,
            axes=axes,
            out=out,
            ssim_weight=ssim_weight,
            adversarial=adversarial,
            minutes=minutes,
            steps=steps,
            seed=seed,
            device=device,
            overwrite=overwrite,
            resume=resume,
            register=register,
            validation=region,
            stop=stop,
            progress=lambda now: bar.update(
                task, completed=100 * now.share, description=f"step {now.step}: {_told(now.figures)}"
            ),
        )
    _show(result)


def _check_estimate(estimate_psf: bool, raw: list[str] | None, reference: list[str] | None) -> None:
    """Raise `InputError` where the estimate would be of sharp images, or stand in for the PSF that a pair shows."""
    if estimate_psf and reference:
        why = "the pair itself shows its PSF, which is measured" if raw else "sharp images don't show what blurs others"
        raise InputError(f"--estimate-psf: {why}; leave it out, or give --psf, --beads or --na and --wavelength")


def _channel_of(image: Image, channel: int | None) -> Image:
    return image if channel is None else image.channel(channel)


def _region(text: str) -> tuple[slice, slice]:
    found = re.fullmatch(r"(\d+):(\d+),(\d+):(\d+)", text.replace(" ", ""))
    if not found:
        raise InputError(f"--validation {text}: expected rows and columns, for example 0:128,64:192")
    top, bottom, left, right = map(int, found.groups())
    return slice(top, bottom), slice(left, right)


def _told(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in figures.items())


def _show(result: Finetuned) -> None:
    """Print what was found, the figures of both regions, and the model's path."""
    from rich.table import Table

    from gan_lessons.cli import console

    for pair in result.found.get("pairs", ()):
        shift = ", ".join(f"{step:g}" for step in pair["shift"])
        done = "moved by" if pair["moved"] else "left where it lies, off by"
        text = f"{pair['image']}: reference {done} {shift} pixels, correlation {pair['correlation']:g}"
        console.out.print(text, markup=False, soft_wrap=True)
    if psf := result.found.get("psf"):
        done = "measured from the pairs, and told" if psf["told"] else "measured from the pairs, but of no use"
        text = f"PSF: {done}: the parent's validation PSNR {psf['PSNR without']:g} → {psf['PSNR with']:g} dB"
        console.out.print(text, markup=False, soft_wrap=True)
    for camera in result.found.get("noise", ()) if result.found.get("noise estimated") else ():
        console.out.print(f"noise estimated: {camera}", markup=False, soft_wrap=True)
    names = list(result.figures["test"]["best"])
    table = Table("region", "of", *names, box=None)
    for region, rows in result.figures.items():
        for what, figures in rows.items():
            if figures:
                table.add_row(region, what, *(f"{figures[name]:g}" for name in names))
    console.out.print(table)
    console.out.print(f"kept {result.kept} of {result.steps} steps in {result.seconds:g} s", markup=False)
    console.out.print(str(result.path), markup=False, soft_wrap=True)
