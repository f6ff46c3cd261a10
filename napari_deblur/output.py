"""Where a result goes, as what type, and what computes it."""

from __future__ import annotations

from pathlib import Path

from magicgui.types import FileDialogMode
from magicgui.widgets import ComboBox, FileEdit, SpinBox

from gan_lessons.devices import list_devices
from gan_lessons.errors import InputError
from napari_deblur.form import Section

MEMORY, VIEWED, ZARR = "in memory", "as it is viewed", "in a Zarr store"
LARGEST_TILE = 8192


class OutputRows:
    """The section of the result."""

    def __init__(self) -> None:
        self.section = Section("Result and device")
        self.form = self.section.form
        self.dtype = ComboBox(
            name="dtype",
            label="pixels",
            choices=[("the image's type", "keep"), ("float32", "float32")],
            tooltip="The image's own type, rounded and clipped to its limits (clipped pixels are counted), or float32",
        )
        self.place = ComboBox(
            name="place",
            label="kept",
            choices=[MEMORY, VIEWED, ZARR],
            tooltip="In memory (a large dask layer's in a temporary file); computed anew as napari shows it, which "
            "makes each new plane wait; or in a Zarr store on disk",
        )
        self.file = FileEdit(
            name="zarr",
            label="store",
            mode=FileDialogMode.OPTIONAL_FILE,
            filter="OME-Zarr (*.zarr)",
            tooltip="The folder to write: name.zarr",
        )
        self.device = ComboBox(
            name="device",
            label="device",
            choices=[(str(device), device.name) for device in list_devices()],
            tooltip="What computes, with its free memory in GB",
        )
        self.tile = SpinBox(
            name="tile",
            label="tile, px",
            value=0,
            min=0,
            max=LARGEST_TILE,
            step=64,
            tooltip="Pixels a side of what is computed at once, 0 for automatic: fewer need less memory",
        )
        self.ensemble = ComboBox(
            name="self_ensemble",
            label="self-ensemble",
            choices=[("automatic", 0), *((str(size), size) for size in (1, 2, 4, 8))],
            tooltip="Positions (mirrored, turned) whose results a network averages: four gain 0.2 dB in four times "
            "the network's time; automatic takes four where a PSF is known, else one",
        )
        self.form.add(self.dtype, self.place, self.file, self.device, self.tile, self.ensemble)
        self.settings = (self.dtype, self.place, self.device, self.tile, self.ensemble)
        self.place.changed.connect(self.show_needed)
        self.show_needed()

    def show_needed(self) -> None:
        """Hide the store's row where none is written."""
        self.form.show_row(self.file, self.place.value == ZARR)

    def store(self) -> Path | None:
        """Return the Zarr store to write, or None.

        Raises
        ------
        InputError
            If one is to be written and no name is given, or it can't be one, or is there already.
        """
        from gan_lessons.io import check_target

        if self.place.value != ZARR:
            return None
        path = Path(str(self.file.value))
        if path.suffix.lower() != ".zarr":
            raise InputError(f"Zarr store {str(path)!r}: expected a name that ends in .zarr; type one")
        check_target(path)
        return path
