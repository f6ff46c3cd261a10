"""``gan-lessons data``: look into a folder of images, make pairs, sort GoPro's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gan_lessons.cli import console
from gan_lessons.cli.options import Axes, Overwrite
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gan_lessons.data.degrading import Range
    from gan_lessons.data.inspection import Facts

data = typer.Typer(help="Look into folders of training images, and make pairs.", no_args_is_help=True)

Roles = Annotated[
    str | None,
    typer.Option("--roles", metavar="DEGRADED,SHARP", help="Names of the two folders: blur_gamma,sharp or B,A …"),
]


@data.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Pairs of images in any layout, sharp images, or film.")],
    layout: Annotated[
        Literal["paired", "unpaired", "halves", "sharp", "frames"] | None,
        typer.Option("--layout", help="Where names don't tell."),
    ] = None,
    roles: Roles = None,
    axes: Axes = None,
) -> None:
    """Say what a folder holds, and every fault of it. Ends with 2 if there is one."""
    from gan_lessons.data.survey import survey

    with console.progress_bar() as bar:
        task = bar.add_task("reading images", total=None)
        found = survey(
            folder,
            layout=layout,
            roles=_parse_roles(roles),
            axes=axes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    found.check_scaling(found.usual_scaling)
    _say(found.description)
    for role, facts in (("degraded", found.degraded), ("sharp", found.sharp)):
        if facts:
            _say(f"{role}: {_describe(facts)}")
    for fault in found.faults:
        console.show_error(fault)
    if found.faults:
        raise typer.Exit(2)
    _say(f"no faults; scaled by {found.usual_scaling} unless told otherwise")


@data.command()
def synthesize(
    sharp: Annotated[Path, typer.Argument(help="Folder of sharp images; for 'frames', of frames or films.")],
    out: Annotated[Path, typer.Option("--out", help="New folder: blur/, sharp/, manifest.json.", show_default=False)],
    degradation: Annotated[
        str,
        typer.Option(
            "--degradation",
            help="camera-shake, motion, defocus, gaussian, microscope, satellite, turbulence; or frames of video.",
        ),
    ] = "camera-shake",
    count: Annotated[int | None, typer.Option("--count", min=1, help="Pairs; by default one an image.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that is random.")] = 0,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter, or its range: length_px=20, photons=100..1000."),
    ] = None,
    axes: Axes = None,
    overwrite: Overwrite = False,
) -> None:
    """Degrade sharp images into a paired set, with a manifest of every parameter of every pair."""
    from gan_lessons.data.degrading import RandomDegradation
    from gan_lessons.data.synthesis import synthesize
    from gan_lessons.data.video import Exposure
    from gan_lessons.registry import construct

    ranges = dict(_parse_range(text) for text in change or ())
    if degradation == "frames":
        numbers = {name: _single(name, limits) for name, limits in ranges.items()}
        chosen: RandomDegradation | Exposure = construct("frames", Exposure, numbers)
    else:
        chosen = RandomDegradation(degradation, ranges)
    with console.progress_bar() as bar:
        task = bar.add_task(degradation, total=None)
        path = synthesize(
            sharp,
            out,
            chosen,
            count=count,
            seed=seed,
            axes=axes,
            overwrite=overwrite,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    _say(str(path))


@data.command("organize-gopro")
def organize_gopro(
    source: Annotated[Path, typer.Argument(help="GoPro's folder, with train and test.")],
    out: Annotated[Path, typer.Option("--out", help="New folder: train/blur, train/sharp, test/…", show_default=False)],
    gamma: Annotated[bool, typer.Option("--gamma", help="Take blur_gamma, averaged in light.")] = False,
    link: Annotated[bool, typer.Option("--link", help="Link to the files instead of copying them.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Sort GoPro's recordings into paired folders."""
    from gan_lessons.data.gopro import organize_gopro

    counts = organize_gopro(source, out, gamma=gamma, link=link, overwrite=overwrite)
    _say(f"{out}: " + ", ".join(f"{count} pairs{f' in {split}' if split else ''}" for split, count in counts.items()))


def _say(text: str) -> None:
    console.out.print(text, markup=False, highlight=False, soft_wrap=True)


def _describe(facts: Mapping[str, Facts]) -> str:
    """Count files, and give sizes, types and values from the least to the largest."""
    pictures = [one.picture for one in facts.values()]
    channels, planes, height, width = (_from_to([picture.shape[axis] for picture in pictures]) for axis in range(4))
    low, high = min(one.low for one in facts.values()), max(one.high for one in facts.values())
    types = " and ".join(sorted({str(picture.dtype) for picture in pictures}))
    return (
        f"{len(facts)} files, {types}, {channels} channels, {planes} planes of {height} × {width} pixels, "
        f"values from {low:g} to {high:g}"
    )


def _from_to(numbers: list[int]) -> str:
    return f"{min(numbers)}" if min(numbers) == max(numbers) else f"{min(numbers)}–{max(numbers)}"


def _parse_roles(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise InputError(f"--roles {text}: expected two names, the degraded one first, for example blur,sharp")
    return names[0], names[1]


def _parse_range(text: str) -> tuple[str, Range]:
    """Read ``name=3`` or ``name=3..5``."""
    name, equals, value = text.partition("=")
    try:
        low, dots, high = value.partition("..")
        limits = float(low), float(high if dots else low)
    except ValueError:
        equals = ""
    if not equals:
        raise InputError(f"--set {text}: expected a number or a range, for example length_px=20 or length_px=5..40")
    return name, limits


def _single(name: str, limits: Range) -> float:
    if limits[0] != limits[1]:
        raise InputError(f"--set {name}: frames have no range; expected one number")
    return limits[0] if name == "gamma" else int(limits[0])
