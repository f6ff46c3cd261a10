"""From the rows of *Fine-tune* to a request: what is missing is said before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from napari_deblur.finetune_models import checkpoint_of
from napari_deblur.finetune_request import BLURRED, PAIR, SHARP, FinetuneRequest
from napari_deblur.finetune_rows import FinetuneRows
from napari_deblur.known_psf import ESTIMATE, UNKNOWN, KnownPSF
from napari_deblur.layers import axes_choices, axes_of, image_of, source_of
from napari_deblur.regions import drawn_region

if TYPE_CHECKING:
    from magicgui.widgets import ComboBox
    from napari.layers import Image as ImageLayer


def main_layer(rows: FinetuneRows) -> ImageLayer | None:
    """Return the layer that the axes, the PSF and the validation region refer to."""
    layer: ImageLayer | None = (rows.reference if rows.kind.value == SHARP else rows.raw).value
    return layer


def request_of(rows: FinetuneRows, *, resume: bool) -> FinetuneRequest:
    """Return what the form says.

    Raises
    ------
    InputError
        If something is missing, or can't be.
    """
    kind = rows.kind.value
    wanted = {
        "raw": rows.raw if kind != SHARP else None,
        "reference": rows.reference if kind != BLURRED else None,
        "noise_like": rows.noise_like if kind == SHARP and rows.noise_like.value is not None else None,
    }
    layers = {role: _layer(box) for role, box in wanted.items() if box is not None}
    main = main_layer(rows)
    assert main is not None, "it is among the layers"
    axes = _axes(rows, main)
    images: dict[str, Any] = {role: image_of(layer, axes) for role, layer in layers.items() if role != "noise_like"}
    if noise := layers.get("noise_like"):
        images["noise_like"] = image_of(noise, axes_of(noise) or axes)
    if kind == PAIR:
        _check_same(images["raw"], images["reference"])
    return FinetuneRequest(
        kind,
        rows.model.value,
        _name(rows.name.value.strip(), resume=resume),
        **images,
        psf=_psf(rows, main, image_of(main, axes)),
        photons=rows.photons.value,
        ssim_weight=rows.ssim_weight.value,
        minutes=rows.minutes.value,
        steps=rows.steps.value or None,
        validation=_validation(rows, main, axes),
        device=rows.device.value,
        resume=resume,
        sources={role: source_of(layer) for role, layer in layers.items()},
    )


def _layer(box: ComboBox) -> ImageLayer:
    if box.value is None:
        raise InputError(f"{box.label}: no image layer is chosen; open one")
    layer: ImageLayer = box.value
    return layer


def _axes(rows: FinetuneRows, layer: ImageLayer) -> str:
    axes: str = rows.axes.value.strip().upper() or axes_of(layer)
    if not axes:
        choices = " or ".join(axes_choices(layer)) or "letters of TCZYXS"
        raise InputError(f"{layer.name}: its axes are not known; type them: {choices}")
    return axes


def _validation(rows: FinetuneRows, layer: ImageLayer, axes: str) -> tuple[slice, slice] | None:
    shapes = rows.validation.value
    if shapes is None:
        return None
    drawn = dict(zip(axes, drawn_region(rows.viewer, layer, shapes), strict=False))  # colors aren't drawn on
    return drawn["Y"], drawn["X"]


def _check_same(raw: Image, reference: Image) -> None:
    """Raise `InputError` for what the library would say after its start: a pair has one shape."""
    if raw.name == reference.name:
        raise InputError(f"{raw.name}: is chosen as recorded layer and as reference; choose another reference")
    if raw.data.shape != reference.data.shape:
        raise InputError(
            f"{reference.name}: {' × '.join(map(str, reference.data.shape))} pixels, but {raw.name} has "
            f"{' × '.join(map(str, raw.data.shape))}; expected the same: crop or resample one of them"
        )


def _name(name: str, *, resume: bool) -> str:
    from gan_lessons.zoo import model_path

    if name.endswith(".safetensors") or not name:
        raise InputError(f"name {name!r}: expected a name such as my-cells; files are written by Export")
    path = model_path(name)
    if resume and not checkpoint_of(name).is_file():
        raise InputError(f"{name}: there is no training of this name to resume; click Start")
    if path.exists() and not resume:
        raise InputError(f"{name}: one of your own models has this name; type another, click Resume, or Undo it first")
    return name


def _psf(rows: FinetuneRows, layer: ImageLayer, image: Image) -> KnownPSF:
    known, kind = rows.optics.known(layer.name, image.sizes.get("C", 1)), rows.kind.value
    if kind != PAIR and known.kind == UNKNOWN:
        raise InputError(f"{layer.name}: {kind}: no PSF is known; choose one in the section PSF")
    if kind == SHARP and known.kind == ESTIMATE:
        raise InputError(f"{layer.name}: a sharp layer doesn't show the microscope's blur; choose another PSF")
    return known
