"""``gan-lessons evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gan_lessons.cli.options import (
    NA,
    Axes,
    Channel,
    Confocal,
    Depth,
    Immersion,
    Overwrite,
    PixelSize,
    PSFFile,
    SampleIndex,
    Wavelength,
    parse_numbers,
)
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from gan_lessons.evaluation.judges import Judge
    from gan_lessons.image import Image
    from gan_lessons.metrics.lpips import LPIPS

BASELINES: tuple[Literal["wiener", "rl"], ...] = ("wiener", "rl")
JUDGED = "Objects as the judge"


def evaluate(
    raw: Annotated[Path, typer.Option("--raw", help="The recorded image.", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", help="Folder of table.csv, table.json and report.html.", show_default=False)
    ],
    candidate: Annotated[
        list[str] | None,
        typer.Option("--candidate", metavar="NAME=FILE", help="A restored image; once for each.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Restore with this model, too, and test it on empty fields and turned images."),
    ] = None,
    reference: Annotated[Path | None, typer.Option("--reference", help="The truth, as far as it is known.")] = None,
    data_range: Annotated[
        str | None,
        typer.Option(
            "--range", help="Span of intensities for PSNR and SSIM: a number, or 'reference'. Integers may go without."
        ),
    ] = None,
    mask: Annotated[Path | None, typer.Option("--mask", help="Image that isn't 0 where pixels count.")] = None,
    background: Annotated[float, typer.Option("--background", help="Value of a pixel without light.")] = 0.0,
    baselines: Annotated[bool, typer.Option(help="Wiener and Richardson-Lucy beside, where the PSF is known.")] = True,
    tile: Annotated[
        int | None, typer.Option("--tile", help="Side of the tiles, to look for seams; else as a result's JSON says.")
    ] = None,
    judge: Annotated[
        str | None, typer.Option("--judge", help="nuclei, faces or a detector's .onnx file.", rich_help_panel=JUDGED)
    ] = None,
    diameter: Annotated[
        float | None,
        typer.Option("--diameter", help="Of a nucleus; µm, or pixels of unknown size.", rich_help_panel=JUDGED),
    ] = None,
    objects: Annotated[
        Path | None, typer.Option("--objects", help="True labels, instead of the reference's.", rich_help_panel=JUDGED)
    ] = None,
    lpips: Annotated[
        Path | None, typer.Option("--lpips", metavar="FILE", help="AlexNet's ImageNet weights: adds LPIPS.")
    ] = None,
    axes: Axes = None,
    channel: Channel = None,
    pixel_size: PixelSize = None,
    psf: PSFFile = None,
    na: NA = None,
    wavelength: Wavelength = None,
    immersion: Immersion = "air",
    sample_index: SampleIndex = 1.33,
    depth: Depth = 0.0,
    confocal: Confocal = None,
    overwrite: Overwrite = False,
) -> None:
    """Measure restored images beside the recording, the classical methods and the truth, and show where they err."""
    from gan_lessons.cli.evaluation_files import Files, check_folder, read_plain, write_evaluation
    from gan_lessons.cli.optics import Optics
    from gan_lessons.evaluation import examine

    targets = check_folder(out, overwrite=overwrite)
    files = Files.read(raw, candidate or [], reference, axes=axes, pixel_size=pixel_size, channel=channel)
    recording, images, restorations = files.images["raw"], dict(files.images), {}
    optics = Optics(psf, na, wavelength, immersion, sample_index, depth, confocal)
    kernel = optics.psf_of(recording)
    if model is not None:
        if "restored" in images:
            raise InputError("--model: its result is called 'restored', and a candidate is, too; rename the candidate")
        images["restored"], restorations["restored"] = files.restored(model, kernel)
    found = examine(
        images,
        reference=files.reference,
        psf=kernel,
        data_range=_range(data_range),
        mask=None if mask is None else read_plain(mask, recording) != 0,
        background=background,
        baselines=BASELINES if baselines else (),
        restorations=restorations,
        tile=(tile, tile) if tile else files.tile(),
        judge=_judge(judge, diameter, recording),
        objects=None if objects is None else read_plain(objects, recording),
        lpips=None if lpips is None else _lpips(lpips),
    )
    given = {"background": background, "range": data_range, "model": model, "judge": judge, **optics.settings()}
    write_evaluation(found, files, targets, settings=given, overwrite=overwrite)


def _range(text: str | None) -> float | Literal["reference"] | None:
    if text is None or text == "reference":
        return text  # type: ignore[return-value]
    return parse_numbers(text, "--range")[0]


def _judge(name: str | None, diameter: float | None, image: Image) -> Judge | None:
    """Return the judge that is named; a diameter in µm becomes one in pixels."""
    if name is None:
        return None
    from gan_lessons.evaluation.judges import Detections, Nuclei
    from gan_lessons.metrics.detection import OnnxDetector, detect_faces
    from gan_lessons.restoration.psfs import micrometers

    if name == "faces":
        return Detections(detect_faces)
    if name.lower().endswith(".onnx"):
        return Detections(OnnxDetector(name))
    if name != "nuclei":
        raise InputError(f"--judge {name}: expected nuclei, faces, or a detector's file that ends in .onnx")
    if diameter is None:
        raise InputError("--judge nuclei needs --diameter: that of a typical nucleus, in µm")
    return Nuclei(diameter / (micrometers(image, "X") or 1.0))


def _lpips(weights: Path) -> LPIPS:
    from gan_lessons.metrics.lpips import LPIPS

    return LPIPS("alex", weights)
