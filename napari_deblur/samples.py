"""Images to try the plugin on: each sharp, and as a microscope, a shaken camera or a satellite would have taken it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_lessons.image import Image
from napari_deblur.files import layers_of

if TYPE_CHECKING:
    from gan_lessons.data.demo import Scene
    from napari_deblur.files import LayerData


def specimen() -> list[LayerData]:
    """A drawn specimen in a widefield microscope, half a micrometer out of focus."""
    return _open("fluo-2d", "specimen-2d")


def retina() -> list[LayerData]:
    """Vessels of a real retina (scikit-image, public domain), as a dye would show them in a widefield microscope."""
    return _open("fluo-2d", "retina")


def stack() -> list[LayerData]:
    """A drawn z stack in a widefield microscope with a water objective."""
    return _open("fluo-3d", "specimen-3d")


def astronaut() -> list[LayerData]:
    """A photograph (NASA, public domain), shaken."""
    return _open("photo-motion", "astronaut")


def gravel() -> list[LayerData]:
    """Stones from above (scikit-image, CC0), as a satellite's sensor would blur them."""
    return _open("remote-sensing", "gravel")


def _open(model: str, name: str) -> list[LayerData]:
    from gan_lessons.data.demo import make_scenes

    scene = next(one for one in make_scenes(model) if one.name == name)
    blurred = layers_of(scene.degraded)[0]
    truth = _aside(layers_of(scene.degraded.with_data(_truth(scene), name=f"{name} truth"))[0])
    if model == "photo-motion":  # no fluorescence, so that the classical methods don't apply to its values
        return [truth, blurred]
    size, unit = scene.degraded.pixel_size, scene.degraded.unit
    psf = Image(scene.psf, "ZYX"[-scene.psf.ndim :], size, unit, name=f"{name} PSF")
    return [_aside(layers_of(psf)[0]), truth, blurred]


def _truth(scene: Scene) -> Any:
    return scene.truth.astype(scene.degraded.data.dtype) if "S" in scene.degraded.axes else scene.truth


def _aside(layer: LayerData) -> LayerData:
    """Hide a layer: the blurred one comes last, on top and selected."""
    data, settings, kind = layer
    return data, {**settings, "visible": False}, kind
