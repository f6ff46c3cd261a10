"""From the form's rows to requests: what is missing is said before anything runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from magicgui.widgets import ComboBox, LineEdit

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from napari_deblur.batch import BatchRows, SavedFile, restore_file
from napari_deblur.file_optics import optics_of
from napari_deblur.known_psf import KnownPSF
from napari_deblur.layers import axes_choices, axes_of, image_of, source_of, step_um
from napari_deblur.method import MethodRows
from napari_deblur.optics import OpticsRows
from napari_deblur.output import VIEWED, OutputRows
from napari_deblur.request import CLASSICAL, Request
from napari_deblur.runner import Step
from napari_deblur.tasks import restore_whole

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer


@dataclasses.dataclass(frozen=True)
class Requests:
    """The rows that say what is to be done."""

    layer: ComboBox
    axes: LineEdit
    method: MethodRows
    optics: OpticsRows
    output: OutputRows
    batch: BatchRows

    def chosen(self) -> ImageLayer:
        """Return the form's layer.

        Raises
        ------
        InputError
            If there is none.
        """
        if self.layer.value is None:
            raise InputError("no image layer is chosen; open an image")
        layer: ImageLayer = self.layer.value
        return layer

    def image(self, layer: ImageLayer) -> Image:
        """Return a layer's pixels with the axes that it or the form says.

        Raises
        ------
        InputError
            If neither says them, or they don't fit.
        """
        return image_of(layer, self._axes(layer))

    def of(self, layer: ImageLayer) -> Request:
        """Return what the form says, for a layer.

        Raises
        ------
        InputError
            If something is missing or can't be.
        """
        image = self.image(layer)
        psf = self._psf(layer, image)
        return self._request(image, psf, source=source_of(layer), store=self.output.store())

    def step(self, layer: ImageLayer, index: int, count: int, done: Callable[[ImageLayer, Any], None]) -> Step:
        """Return the work on one of several layers; each has a store of its own."""
        request = self.of(layer)
        if request.store and count > 1:
            own = request.store.with_name(f"{request.store.stem}-{index}{request.store.suffix}")
            request = dataclasses.replace(request, store=own)
        return Step(partial(restore_whole, request), f"Deblur {layer.name}", partial(done, layer))

    def for_files(self, done: Callable[[SavedFile], None]) -> list[Step]:
        """Return the work on the files of the batch's folder."""
        axes = self.axes.value.strip().upper() or "YX"
        anything = Image(np.zeros([1] * len(axes)), axes, name="folder")
        psf = self.optics.known("folder", None)
        request = self._request(anything, psf)
        return [
            Step(partial(restore_file, source, target, request), f"Deblur {Path(source).name}", done)
            for source, target in self.batch.files()
        ]

    def _request(self, image: Image, psf: KnownPSF, **more: Any) -> Request:
        numbers = {"dtype": self.output.dtype.value, "device": self.output.device.value}
        method, positions = self.method.name(), self.output.ensemble.value
        if positions and method not in CLASSICAL:
            numbers["self_ensemble"] = positions
        return Request(
            image,
            method,
            psf,
            {**self.method.options(), **numbers},
            self.output.tile.value or None,
            lazy=self.output.place.value == VIEWED,
            **more,
        )

    def _axes(self, layer: ImageLayer) -> str:
        typed: str = self.axes.value.strip().upper()
        axes = typed if layer is self.layer.value else axes_of(layer) or typed
        if not axes:
            choices = " or ".join(axes_choices(layer)) or "letters of TCZYXS"
            raise InputError(f"{layer.name}: its axes are not known; type them: {choices}")
        return axes

    def _psf(self, layer: ImageLayer, image: Image) -> KnownPSF:
        known = self.optics.known(layer.name, image.sizes.get("C", 1))
        if layer is self.layer.value:
            return known
        own = optics_of(layer)
        emission = own[0].emission_nm if len(own) == 1 else None
        return known.at(step_um(layer, image.axes, "X"), step_um(layer, image.axes, "Z"), emission)
