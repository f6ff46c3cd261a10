"""What a user knows of the PSF: nothing, the objective's numbers, or a layer that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from magicgui.widgets import ComboBox, FloatSpinBox

from gan_lessons.errors import InputError
from napari_deblur.form import Form, layer_choice
from napari_deblur.layers import pixels_of, step_um

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer

    from gan_lessons.degradations import Microscope

UNKNOWN, OPTICS, LAYER = "unknown", "from the optics", "from a layer"
WIDEFIELD, CONFOCAL = "widefield", "confocal"
OIL = 1.515
IMMERSIONS = [("air, 1.00", 1.0), ("water, 1.33", 1.33), ("silicone, 1.40", 1.4), ("glycerol, 1.47", 1.47)]
IMMERSIONS += [("oil, 1.515", OIL)]


class OpticsRows:
    """Rows of a form that say where the PSF comes from; only those that are needed show."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.source = ComboBox(
            label="PSF",
            choices=[UNKNOWN, OPTICS, LAYER],
            tooltip="A known PSF lets a model sharpen more than it can blindly; not every model takes one",
        )
        self.na = FloatSpinBox(label="NA", value=1.4, min=0.01, max=1.99, step=0.05)
        self.immersion = ComboBox(label="immersion", choices=IMMERSIONS, value=OIL)
        self.wavelength = FloatSpinBox(
            label="emission", value=520, min=200, max=2000, step=1, tooltip="Of the light that reaches the camera"
        )
        self.mode = ComboBox(label="microscope", choices=[WIDEFIELD, CONFOCAL])
        self.excitation = FloatSpinBox(label="excitation", value=488, min=200, max=2000, step=1, tooltip="Of the laser")
        self.pixel_um = FloatSpinBox(
            label="pixel size",
            max=1000,
            step=0.001,
            tooltip="In the specimen; taken from the layer's scale where that has a unit of length",
        )
        self.z_step_um = FloatSpinBox(
            label="z step", max=1000, step=0.001, tooltip="Between planes; only stacks have one"
        )
        self.layer = layer_choice(
            "PSF layer", "2D, or ZYX for a stack; the image's pixel size; its focus in the middle"
        )
        for length, unit, decimals in (
            (self.wavelength, " nm", 0),
            (self.excitation, " nm", 0),
            (self.pixel_um, " µm", 4),
            (self.z_step_um, " µm", 4),
        ):
            length.native.setSuffix(unit)
            length.native.setDecimals(decimals)
        self.pixel_um.native.setSpecialValueText("unknown")  # shown for 0
        self.z_step_um.native.setSpecialValueText("unknown")
        self._optics = (self.na, self.immersion, self.wavelength, self.mode, self.pixel_um, self.z_step_um)
        form.add(self.source, *self._optics[:4], self.excitation, *self._optics[4:], self.layer)
        self.source.changed.connect(self.show_needed)
        self.mode.changed.connect(self.show_needed)
        self.show_needed()

    def show_needed(self) -> None:
        """Hide the rows that the choice doesn't need."""
        optics = self.source.value == OPTICS
        for row in self._optics:
            self.form.show_row(row, optics)
        self.form.show_row(self.excitation, optics and self.mode.value == CONFOCAL)
        self.form.show_row(self.layer, self.source.value == LAYER)

    def read_steps(self, layer: ImageLayer, axes: str) -> None:
        """Take pixel size and z step from a layer that says them; what was typed stays where it doesn't."""
        for row, axis in ((self.pixel_um, "X"), (self.z_step_um, "Z")):
            step = step_um(layer, axes, axis)
            if step is not None:
                row.value = step

    def forget_steps(self) -> None:
        """Another layer has other steps."""
        self.pixel_um.value = self.z_step_um.value = 0

    def psf(self) -> np.ndarray | Microscope | None:
        """Return what `gan_lessons.restore` takes as ``psf``.

        Raises
        ------
        InputError
            If the optics can't be, the pixel size is missing, or no layer is chosen.
        """
        if self.source.value == OPTICS:
            return self._microscope()
        if self.source.value == LAYER:
            if self.layer.value is None:
                raise InputError("PSF: no layer is chosen; open the PSF as an image layer, or set PSF to unknown")
            return np.asarray(pixels_of(self.layer.value))
        return None

    def _microscope(self) -> Microscope:
        from gan_lessons.degradations import Microscope

        if not self.pixel_um.value:
            raise InputError("PSF: the layer's scale has no unit of length; type the pixel size in µm")
        confocal = self.mode.value == CONFOCAL
        return Microscope(
            na=self.na.value,
            wavelength_nm=self.wavelength.value,
            pixel_size_um=self.pixel_um.value,
            z_step_um=self.z_step_um.value or None,
            immersion_index=self.immersion.value,
            confocal=confocal,
            excitation_nm=self.excitation.value if confocal else None,
        )
