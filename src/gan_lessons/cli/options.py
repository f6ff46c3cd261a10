"""The options that several commands share, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from gan_lessons.errors import InputError

MICROSCOPE = "Microscope (instead of --psf)"

Inputs: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="IN...", help="Images: files, folders or patterns like 'day1/*.tif'.")
]
Out: TypeAlias = Annotated[
    Path, typer.Option("--out", help="File of the result; a folder for several inputs.", show_default=False)
]
Axes: TypeAlias = Annotated[
    str | None,
    typer.Option("--axes", help="One letter a dimension (TCZYXS), for files that don't say: ZYX, TYX, CYX …"),
]
PixelSize: TypeAlias = Annotated[
    str | None,
    typer.Option("--pixel-size", help="In µm, instead of the file's: 0.1 (Y and X) or 0.3,0.1,0.1 (Z, Y, X)."),
]
Overwrite: TypeAlias = Annotated[bool, typer.Option("--overwrite", help="Replace results that exist.")]
Dtype: TypeAlias = Annotated[
    Literal["keep", "float32"], typer.Option("--dtype", help="The input's, clipped to its limits, or float32.")
]
Device: TypeAlias = Annotated[str, typer.Option("--device", help="cpu, cuda …")]
PSFFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--psf", help="Image of the point spread function, (Y, X) or (Z, Y, X), in the input's pixels."),
]
Beads: TypeAlias = Annotated[
    Path | None,
    typer.Option("--beads", help="Image of beads below the resolution; the PSF is measured from them."),
]
EstimatePSF: TypeAlias = Annotated[
    bool, typer.Option("--estimate-psf", help="Take a typical PSF, as wide as the image seems blurred.")
]
Channel: TypeAlias = Annotated[
    int | None, typer.Option("--channel", help="Only this one, from 0; the others are left out of the result.")
]
NA: TypeAlias = Annotated[float | None, typer.Option("--na", help="Numerical aperture.", rich_help_panel=MICROSCOPE)]
Wavelength: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--wavelength", help="Emission in nm; one for all or one a channel: 460,520.", rich_help_panel=MICROSCOPE
    ),
]
Immersion: TypeAlias = Annotated[
    str,
    typer.Option(
        "--immersion", help="air, water, silicone, glycerol, oil or a refractive index.", rich_help_panel=MICROSCOPE
    ),
]
SampleIndex: TypeAlias = Annotated[
    float, typer.Option("--sample-index", help="Refractive index of the mounting medium.", rich_help_panel=MICROSCOPE)
]
Depth: TypeAlias = Annotated[
    float, typer.Option("--depth", help="Of the specimen under the coverslip, in µm.", rich_help_panel=MICROSCOPE)
]
Confocal: TypeAlias = Annotated[
    float | None,
    typer.Option("--confocal", metavar="NM", help="Confocal, with this laser line in nm.", rich_help_panel=MICROSCOPE),
]


def parse_pixel_size(text: str | None) -> dict[str, float] | float | None:
    """Read ``0.1`` or ``0.3,0.1,0.1``.

    >>> parse_pixel_size("0.3,0.1,0.1")
    {'Z': 0.3, 'Y': 0.1, 'X': 0.1}
    """
    if text is None:
        return None
    numbers = parse_numbers(text, "--pixel-size")
    if len(numbers) > 3:
        raise InputError(f"--pixel-size {text}: {len(numbers)} numbers; expected 1 (Y and X), 2 (Y, X) or 3 (Z, Y, X)")
    return numbers[0] if len(numbers) == 1 else dict(zip("ZYX"[-len(numbers) :], numbers, strict=True))


def parse_numbers(text: str, option: str) -> list[float]:
    """Read numbers with commas between them."""
    try:
        return [float(word) for word in text.split(",")]
    except ValueError as error:
        raise InputError(f"{option} {text}: not a number; expected for example 0.1 or 0.3,0.1") from error
