"""A run as Python and as a command: the same pixels, bit for bit, without napari."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

import gan_lessons
from gan_lessons.errors import InputError
from napari_deblur.known_psf import BEADS, ESTIMATE, LAYER, OPTICS
from napari_deblur.request import Request

if TYPE_CHECKING:
    from gan_lessons.degradations import Microscope

OPTIONS = {"iterations": "--iterations", "background": "--background", "tv": "--tv", "noise_to_signal": "--noise"}
OPTIONS |= {"dtype": "--dtype", "device": "--device", "self_ensemble": "--self-ensemble"}


def as_python(request: Request) -> str:
    """Return a script that reads the image's file, restores it as ``request`` did, and writes the result."""
    function = "deconvolve" if request.classical else "restore"
    psf = psf_expression(request)
    imports = [f"from gan_lessons import {function}", "from gan_lessons.io import read_image, write_image"]
    imports = sorted([*imports, *psf_imports(request)])
    arguments = [repr(request.method)] if not request.classical else [psf, f"method={request.method!r}"]
    arguments += [] if request.classical or not psf else [f"psf={psf}"]
    arguments += [f"{name}={value!r}" for name, value in request.options.items()]
    arguments += [f"tile={request.tile}"] if request.tile else []
    lines = [*notes_of(request), *imports, "", f"image = {read_expression(request)}"]
    lines += [f"result = {function}(image, {', '.join(arguments)})", f"write_image({_target(request)!r}, result)"]
    return "\n".join(lines) + "\n"


def as_command(request: Request) -> str:
    """Return a line for a shell that does the same.

    Raises
    ------
    InputError
        If the command line has no words for it.
    """
    source = request.source
    if source.channel is not None and source.axes != request.image.axes:
        raise InputError(f"{request.image.name}: a command can't rename the axes of one channel; copy it as Python")
    words = ["gan-lessons", "deconvolve" if request.classical else "restore", path_of(request)]
    words += ["--out", _target(request), "--method" if request.classical else "--model", request.method]
    words += ["--axes", request.image.axes] if names_axes(request) else []
    words += ["--channel", str(source.channel)] if source.channel is not None else []
    sizes = micrometers(request)
    if sizes:
        along = [axis for axis in "ZYX" if axis in sizes]
        words += ["--pixel-size", ",".join(repr(sizes[axis]) for axis in along)]
    for name, value in request.options.items():
        words += [OPTIONS[name], str(value)]
    words += ["--tile", str(request.tile)] if request.tile else []
    return "\n".join([*notes_of(request), shlex.join([*words, *psf_words(request)])]) + "\n"


def psf_imports(request: Request) -> list[str]:
    """Return what `psf_expression` needs to be imported."""
    needed = {
        OPTICS: "from gan_lessons.degradations import Microscope",
        BEADS: "from gan_lessons.degradations import measure_psf",
        ESTIMATE: "from gan_lessons.restoration import estimate_psf",
    }
    return [needed[request.psf.kind]] if request.psf.kind in needed else []


def read_expression(request: Request) -> str:
    """Return the expression that reads the image as the run saw it."""
    told = [repr(path_of(request))]
    one_of_several = request.source.channel is not None
    if names_axes(request) and not one_of_several:
        told.append(f"axes={request.image.axes!r}")
    if sizes := micrometers(request):
        told.append(f"pixel_size={sizes!r}")
    return f"read_image({', '.join(told)})" + (f".channel({request.source.channel})" if one_of_several else "")


def names_axes(request: Request) -> bool:
    """Whether the file doesn't say its axes, or says others than the user."""
    return request.source.axes != request.image.axes


def micrometers(request: Request) -> dict[str, float]:
    """Return the steps in space, where all of them are in micrometers: what may differ from the file's."""
    image = request.image
    sizes = {axis: float(image.pixel_size[axis]) for axis in "ZYX" if axis in image.pixel_size}
    return sizes if all(image.unit.get(axis) == "µm" for axis in sizes) and {"Y", "X"} <= set(sizes) else {}


def psf_expression(request: Request, image: str = "image") -> str:
    """Return the expression of the PSF, where the image is a variable of this name; empty where none is known."""
    psf = request.psf
    if psf.kind == OPTICS:
        scopes = psf.scopes
        if isinstance(scopes, Mapping):
            return "{" + ", ".join(f"{channel}: {_scope(scope)}" for channel, scope in scopes.items()) + "}"
        return _scope(scopes) if scopes else ""
    if psf.kind == LAYER:
        return f"read_image({_psf_path(request)!r}, axes={psf.axes!r}).data"
    if psf.kind == BEADS:
        return f"measure_psf(read_image({_psf_path(request)!r}, axes={psf.axes!r}).data).psf"
    if psf.kind == ESTIMATE:
        return f"{{channel: found.psf for channel, found in enumerate(estimate_psf({image}))}}"
    return ""


def _scope(scope: Microscope) -> str:
    """Return a microscope as Python writes it, without the numbers that are as usual."""
    told = {field.name: getattr(scope, field.name) for field in fields(scope) if not _is_usual(scope, field)}
    return f"Microscope({', '.join(f'{name}={value!r}' for name, value in told.items())})"


def _is_usual(scope: Microscope, field: Field[Any]) -> bool:
    return bool(getattr(scope, field.name) == field.default)


def psf_words(request: Request) -> list[str]:
    """Return the command line's words for the PSF."""
    psf = request.psf
    if psf.kind in (LAYER, BEADS):
        return ["--psf" if psf.kind == LAYER else "--beads", _psf_path(request)]
    if psf.kind == ESTIMATE:
        return ["--estimate-psf"]
    if psf.scopes is None:
        return []
    scopes = list(psf.scopes.values()) if isinstance(psf.scopes, Mapping) else [psf.scopes]
    first = scopes[0]
    words = ["--na", repr(first.na), "--wavelength", ",".join(repr(scope.wavelength_nm) for scope in scopes)]
    words += ["--immersion", repr(first.immersion_index), "--sample-index", repr(first.sample_index)]
    words += ["--depth", repr(first.depth_um)] if first.depth_um else []
    return words + (["--confocal", repr(first.excitation_nm)] if first.confocal else [])


def notes_of(request: Request) -> list[str]:
    """Return comments: who wrote this, and which layers must be saved first, as they are from no file."""
    notes = [f"# napari-deblur {gan_lessons.__version__}"]
    if not request.source.path:
        notes.append(f"# Save the layer {request.image.name!r} as {path_of(request)} first: it is from no file.")
    if request.psf.kind in (LAYER, BEADS) and not request.psf.path:
        notes.append(f"# Save the layer {request.psf.name!r} as {_psf_path(request)} first: it is from no file.")
    return notes


def path_of(request: Request) -> str:
    """Return the image's file, or the name that its layer is to be saved under."""
    return request.source.path or f"{_file_name(request.image.name)}.tif"


def _psf_path(request: Request) -> str:
    return request.psf.path or f"{_file_name(request.psf.name)}.tif"


def _target(request: Request) -> str:
    """Return the result's name; a store's own, where one was written."""
    if request.store:
        return str(request.store.with_name(f"{request.store.stem} again.zarr"))
    suffix = ".png" if request.image.axes == "YXS" and request.image.data.dtype == "uint8" else ".tif"
    return f"{_file_name(request.image.name)} deblurred ({request.label}){suffix}"


def _file_name(name: str) -> str:
    return re.sub(r'[<>:"/\\|?*]', "_", name)
