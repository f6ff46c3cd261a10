"""What a user knows of the PSF: nothing, the microscope's numbers, a layer that holds it, beads, or an estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from magicgui.widgets import ComboBox, FloatSpinBox, Label, LineEdit, PushButton

from gan_lessons.errors import InputError
from napari_deblur.file_optics import optics_of, say_optics
from napari_deblur.form import Section, layer_choice
from napari_deblur.known_psf import BEADS, ESTIMATE, LAYER, OPTICS, UNKNOWN, KnownPSF, parse_wavelengths
from napari_deblur.layers import axes_of, pixels_of, source_of, step_um

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer

    from gan_lessons.degradations import Microscope

WIDEFIELD, CONFOCAL = "widefield", "confocal"
OIL = 1.515
IMMERSIONS = [("air, 1.00", 1.0), ("water, 1.33", 1.33), ("silicone, 1.40", 1.4), ("glycerol, 1.47", 1.47)]
IMMERSIONS += [("oil, 1.515", OIL)]
NO_LAYER = "choose…"  # also where the chosen one is removed: another must not take its place unseen
LONGEST_UM = 1000.0  # a map's pixels are larger; no microscope's are
ALIKE = 0.04  # indices nearer than that are of the same immersion


class OpticsRows:
    """The section that says where the PSF comes from; only the rows that are needed show."""

    def __init__(self) -> None:
        self.section = Section("PSF: unknown")
        self.form = self.section.form
        self.source = ComboBox(
            name="psf",
            label="PSF",
            choices=[UNKNOWN, OPTICS, LAYER, BEADS, ESTIMATE],
            tooltip="A known PSF lets a model sharpen more than it can blindly; the classical methods need one",
        )
        self.told = Label(name="told", tooltip="What the file says of the microscope")
        self.na = FloatSpinBox(
            name="na", label="NA", value=1.4, min=0.01, max=1.99, step=0.05, tooltip="Numerical aperture (no unit)"
        )
        self.immersion = ComboBox(
            name="immersion",
            label="immersion",
            choices=IMMERSIONS,
            value=OIL,
            tooltip="Medium under the objective, refractive index (no unit)",
        )
        self.wavelength = LineEdit(
            name="emission",
            label="emission, nm",
            value="520",
            tooltip="Wavelength that reaches the camera in nm: one, or one a channel with commas between",
        )
        self.mode = ComboBox(
            name="microscope",
            label="microscope",
            choices=[WIDEFIELD, CONFOCAL],
            tooltip="Widefield: all is lit, a camera sees it. Confocal: a laser scans, a pinhole of 1 Airy unit",
        )
        self.excitation = _length("excitation", "excitation", " nm", 488, 200, 2000, "Laser line in nm")
        said = "; taken from the layer's scale where that has a unit of length"
        self.pixel_um = _length("pixel_um", "pixel size", " µm", 0, 0, LONGEST_UM, f"In the specimen, in µm{said}")
        self.z_step_um = _length("z_step_um", "z step", " µm", 0, 0, LONGEST_UM, f"Between planes, in µm{said}")
        self.medium = FloatSpinBox(
            name="sample_index",
            label="mounting",
            value=1.33,
            min=1,
            max=2,
            step=0.01,
            tooltip="Refractive index of the mounting medium (no unit)",
        )
        self.depth = _length("depth_um", "depth", " µm", 0, 0, 1000, "Of the specimen under the coverslip, in µm")
        self.layer = layer_choice(
            "psf_layer",
            "PSF layer",
            "2D, or ZYX for a stack; in the image's pixels; its focus in the middle",
            none=NO_LAYER,
        )
        self.beads = layer_choice(
            "beads_layer",
            "beads",
            "Layer of beads below the resolution, 2D or ZYX; in the image's pixels",
            none=NO_LAYER,
        )
        self.estimate = PushButton(
            name="estimate",
            text="Show the estimate",
            tooltip="Estimate the blur's width in pixels and µm, and say it",
        )
        for length in (self.pixel_um, self.z_step_um):
            length.native.setSpecialValueText("unknown")  # shown for 0
        lengths = (self.pixel_um, self.z_step_um, self.medium, self.depth)
        self._optics = (self.told, self.na, self.immersion, self.wavelength, self.mode, *lengths)
        rows = (self.source, *self._optics[:5], self.excitation, *self._optics[5:], self.layer, self.beads)
        self.settings = (self.source, *self._optics[1:5], self.excitation, self.medium, self.depth)
        self.form.add(*rows, self.estimate)
        self.source.changed.connect(self.show_needed)
        self.mode.changed.connect(self.show_needed)
        self.show_needed()

    def show_needed(self) -> None:
        """Hide the rows that the choice doesn't need."""
        kind = self.source.value
        for row in self._optics:
            self.form.show_row(row, kind == OPTICS)
        self.form.show_row(self.told, kind == OPTICS and bool(self.told.value))
        self.form.show_row(self.excitation, kind == OPTICS and self.mode.value == CONFOCAL)
        self.form.show_row(self.layer, kind == LAYER)
        self.form.show_row(self.beads, kind == BEADS)
        self.form.show_row(self.estimate, kind == ESTIMATE)
        self.section.call(f"PSF: {kind}")

    def read_steps(self, layer: ImageLayer, axes: str) -> None:
        """Take pixel size and z step from a layer that says them; what was typed stays where it doesn't."""
        for row, axis in ((self.pixel_um, "X"), (self.z_step_um, "Z")):
            step = step_um(layer, axes, axis)
            if step is not None and step <= LONGEST_UM:
                row.value = step

    def read_file(self, layer: ImageLayer) -> None:
        """Fill in what the layer's file says of the microscope; the rest stays as it was."""
        found = optics_of(layer)
        self.told.value = ""
        if not found:
            return
        first = found[0]
        index = min(IMMERSIONS, key=lambda one: abs(one[1] - (first.immersion_index or 0)))[1]
        if first.na:
            self.na.value = first.na
        if first.immersion_index and abs(index - first.immersion_index) < ALIKE:
            self.immersion.value = index
        if all(one.emission_nm for one in found):
            self.wavelength.value = ", ".join(f"{one.emission_nm:g}" for one in found)
        if first.confocal is not None:
            self.mode.value = CONFOCAL if first.confocal else WIDEFIELD
        if first.excitation_nm:
            self.excitation.value = first.excitation_nm
        self.told.value = f"The file says: {say_optics(first, self.wavelength.value)}. Fill in what it doesn't."
        self.show_needed()

    def forget_steps(self) -> None:
        """Another layer has other steps."""
        self.pixel_um.value = self.z_step_um.value = 0

    def known(self, name: str, channels: int | None) -> KnownPSF:
        """Return what the rows say, for an image of this name with so many channels (None: any).

        Raises
        ------
        InputError
            If the optics can't be, the pixel size is missing, or no layer is chosen.
        """
        kind = self.source.value
        if kind == OPTICS:
            return KnownPSF(kind, self._microscopes(name, channels))
        if kind not in (LAYER, BEADS):
            return KnownPSF(kind)
        chosen = self.layer.value if kind == LAYER else self.beads.value
        if chosen is None:
            raise InputError(f"PSF {kind}: no layer is chosen; open it as an image layer, or set PSF to unknown")
        axes = axes_of(chosen) or "ZYX"[-chosen.ndim :]
        return KnownPSF(kind, None, pixels_of(chosen), chosen.name, source_of(chosen).path, axes)

    def _microscopes(self, name: str, channels: int | None) -> Microscope | dict[int, Microscope]:
        if not self.pixel_um.value:
            raise InputError(f"{name}: PSF: its scale has no unit of length; type the pixel size in µm")
        waves = parse_wavelengths(self.wavelength.value, channels)
        scopes = [self._microscope(wave) for wave in waves]
        return scopes[0] if len(scopes) == 1 else dict(enumerate(scopes))

    def _microscope(self, wavelength_nm: float) -> Microscope:
        from gan_lessons.degradations import Microscope

        confocal = self.mode.value == CONFOCAL
        return Microscope(
            na=self.na.value,
            wavelength_nm=wavelength_nm,
            pixel_size_um=self.pixel_um.value,
            z_step_um=self.z_step_um.value or None,
            immersion_index=self.immersion.value,
            sample_index=self.medium.value,
            depth_um=self.depth.value,
            confocal=confocal,
            excitation_nm=self.excitation.value if confocal else None,
        )


def _length(name: str, label: str, unit: str, value: float, low: float, high: float, tooltip: str) -> FloatSpinBox:
    step, decimals = (1, 0) if unit == " nm" else (0.001, 4)
    box = FloatSpinBox(name=name, label=label, value=value, min=low, max=high, step=step, tooltip=tooltip)
    box.native.setSuffix(unit)
    box.native.setDecimals(decimals)
    return box
