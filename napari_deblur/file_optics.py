"""What a layer's file says of the microscope, whichever reader opened it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari_deblur.layers import source_of

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer

    from gan_lessons.io import ChannelOptics


def optics_of(layer: ImageLayer) -> Sequence[ChannelOptics]:
    """Return what a layer's file says of the microscope: of its channel, or of all of them; often nothing."""
    from gan_lessons.io import read_optics

    source = source_of(layer)
    if source.optics:
        return [source.optics]
    return read_optics(source.path) if source.path.lower().endswith((".tif", ".tiff")) else ()


def say_optics(optics: ChannelOptics, waves: str) -> str:
    """Return the optics of a channel in words, with its emission as the form has it."""
    known = [
        f"NA {optics.na:g}" if optics.na else "",
        f"immersion {optics.immersion_index:g}" if optics.immersion_index else "",
        f"emission {waves} nm" if optics.emission_nm else "",
        f"excitation {optics.excitation_nm:g} nm" if optics.excitation_nm else "",
        "" if optics.confocal is None else "confocal" if optics.confocal else "widefield",
    ]
    return ", ".join(filter(None, known))
