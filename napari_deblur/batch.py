"""Several images: the selected layers, or all files of a folder, one after the other."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from magicgui.types import FileDialogMode
from magicgui.widgets import ComboBox, FileEdit

from gan_lessons.errors import InputError, UnknownAxes
from napari_deblur.chunks import ReportProgress
from napari_deblur.form import Section
from napari_deblur.request import Request
from napari_deblur.tasks import restore_image

if TYPE_CHECKING:
    from gan_lessons.image import Image

LAYER, SELECTED, FOLDER = "this layer", "the selected layers", "a folder's files"


class BatchRows:
    """The section that says what Run works on."""

    def __init__(self) -> None:
        self.section = Section("Several images")
        self.form = self.section.form
        self.what = ComboBox(
            name="batch",
            label="Run on",
            choices=[LAYER, SELECTED, FOLDER],
            tooltip="The layer above, all image layers selected in the list, or every image in a folder",
        )
        self.input = FileEdit(
            name="input",
            label="from",
            mode=FileDialogMode.EXISTING_DIRECTORY,
            tooltip="Folder of images (TIFF, OME-Zarr, PNG …)",
        )
        self.output = FileEdit(
            name="output",
            label="to",
            mode=FileDialogMode.EXISTING_DIRECTORY,
            tooltip="Folder of results; nothing is replaced",
        )
        self.form.add(self.what, self.input, self.output)
        self.what.changed.connect(self.show_needed)
        self.show_needed()

    def show_needed(self) -> None:
        """Hide the folders where none is meant."""
        for row in (self.input, self.output):
            self.form.show_row(row, self.what.value == FOLDER)
        self.section.call(f"Run on: {self.what.value}")

    def files(self) -> Iterator[tuple[Path, Path]]:
        """Yield each image of the folder and where its result goes.

        Raises
        ------
        InputError
            If a folder isn't chosen, holds no image, or is that of the results too.
        """
        from gan_lessons.cli.inputs import find_inputs, place_results

        folders = [Path(str(row.value)) for row in (self.input, self.output)]
        if not all(folder.name for folder in folders):
            raise InputError("a folder is missing: choose one to read from, and another one for the results")
        if folders[0].resolve() == folders[1].resolve():
            raise InputError(f"{folders[1]}: results would replace their images; choose another folder")
        found = find_inputs([str(folders[0])])
        return zip(found, place_results(found, folders[1]), strict=True)


@dataclass(frozen=True)
class SavedFile:
    """A result on disk, and the request that made it."""

    path: Path
    request: Request


def restore_file(
    source: Path, target: Path, request: Request, *, progress: ReportProgress, cancel: threading.Event
) -> SavedFile:
    """Read a file, restore it as ``request`` says, write the result and its provenance beside it.

    Where the file doesn't name its axes, or has no pixel size, the request's hold.
    """
    from gan_lessons.cli.provenance import provenance_path, write_provenance
    from gan_lessons.io import check_format, check_target, write_image
    from gan_lessons.restoration import Report
    from gan_lessons.restoration.psfs import micrometers

    for path in (target, provenance_path(target)):
        check_target(path)
    image, report = _read(source, request.image.axes), Report()
    check_format(target, image, as_float=request.options.get("dtype") == "float32")
    psf = request.psf.at(micrometers(image, "X"), micrometers(image, "Z"))
    request = dataclasses.replace(request, image=image, psf=psf)
    write_image(target, restore_image(request, report, tile=request.tile, progress=progress, cancel=cancel))
    write_provenance(source, target, image, report, {"psf": psf.kind}, overwrite=False)
    return SavedFile(target, request)


def _read(path: Path, axes: str) -> Image:
    from gan_lessons.io import read_image

    try:
        return read_image(path)
    except UnknownAxes:
        return read_image(path, axes=axes)
