"""A fine-tuning as Python and as a command; one that a count of steps ended gives the same bits, without napari."""

from __future__ import annotations

import shlex

from gan_lessons.errors import InputError
from napari_deblur.finetune_request import PAIR, SHARP, FinetuneRequest
from napari_deblur.known_psf import BEADS, ESTIMATE, KnownPSF
from napari_deblur.request import Request
from napari_deblur.script import (
    micrometers,
    names_axes,
    notes_of,
    path_of,
    psf_expression,
    psf_imports,
    psf_words,
    read_expression,
)

ROLES = ("raw", "reference", "noise_like")
BY_THE_CLOCK = "# The clock ended it: done again, it takes other steps. A count of steps gives the same bits again."


def as_python(request: FinetuneRequest) -> str:
    """Return a script that reads the layers' files and fine-tunes as ``request`` did, under another name."""
    layers, main = _layers(request), _main_role(request)
    imports = ["from gan_lessons import finetune", "from gan_lessons.io import read_image"]
    imports += psf_imports(layers[main])
    given = {"model": repr(request.model)} | {role: role for role in layers if role != "noise_like"}
    if psf := psf_expression(layers[main], main):
        given["psf"] = psf
    if request.kind == SHARP:
        given["noise"] = "noise_like" if request.noise_like else f"PoissonGaussian(photons={request.photons!r})"
        imports += [] if request.noise_like else ["from gan_lessons.degradations import PoissonGaussian"]
    given |= {"out": repr(_again(request)), "ssim_weight": repr(request.ssim_weight)}
    given |= {"minutes": repr(request.minutes), "device": repr(request.device)}
    if request.steps:
        given["steps"] = repr(request.steps)
    if request.validation:
        given["validation"] = "(" + ", ".join(f"slice({s.start}, {s.stop})" for s in request.validation) + ")"
    if request.kind == PAIR and request.register is False:
        given["register"] = "False"
    lines = [*_notes(request), *sorted(imports), ""]
    lines += [f"{role} = {read_expression(layer)}" for role, layer in layers.items()]
    told = [given.pop("model"), *(f"{name}={value}" for name, value in given.items())]
    lines += [f"result = finetune({', '.join(told)})", "print(result.kept, result.figures['test'])"]
    return "\n".join(lines) + "\n"


def as_command(request: FinetuneRequest) -> str:
    """Return a line for a shell that does the same.

    Raises
    ------
    InputError
        If the command line has no words for it.
    """
    layers = _layers(request)
    main = layers[_main_role(request)]
    if any(layer.source.channel is not None for layer in layers.values()):
        raise InputError(f"{main.image.name}: a command can't read one channel of a file; copy it as Python")
    if main.psf.kind in (BEADS, ESTIMATE):
        raise InputError(f"{main.image.name}: a command can't have the PSF {main.psf.kind}; copy it as Python")
    words = ["gan-lessons", "finetune", request.model, "--out", _again(request)]
    for role, layer in layers.items():
        words += [f"--{'noise-from' if role == 'noise_like' else role}", path_of(layer)]
    words += ["--axes", main.image.axes] if any(names_axes(layer) for layer in layers.values()) else []
    if sizes := micrometers(main):
        words += ["--pixel-size", ",".join(repr(sizes[axis]) for axis in "ZYX" if axis in sizes)]
    if request.kind == SHARP and not request.noise_like:
        words += ["--photons", repr(request.photons)]
    words += ["--ssim-weight", repr(request.ssim_weight), "--minutes", repr(request.minutes)]
    words += ["--steps", str(request.steps)] if request.steps else []
    if request.validation:
        words += ["--validation", ",".join(f"{side.start}:{side.stop}" for side in request.validation)]
    words += ["--no-register"] if request.kind == PAIR and request.register is False else []
    words += ["--device", request.device, *psf_words(main)]
    return "\n".join([*_notes(request), shlex.join(words)]) + "\n"


def _layers(request: FinetuneRequest) -> dict[str, Request]:
    """Return each image as `napari_deblur.script` takes it; the PSF is the main one's."""
    main, found = _main_role(request), {}
    for role in ROLES:
        image = getattr(request, role)
        if image is not None:
            psf = request.psf if role == main else KnownPSF()
            found[role] = Request(image, request.model, psf, source=request.sources[role])
    return found


def _main_role(request: FinetuneRequest) -> str:
    return "reference" if request.kind == SHARP else "raw"


def _notes(request: FinetuneRequest) -> list[str]:
    notes = [line for layer in _layers(request).values() for line in notes_of(layer)]
    return [*dict.fromkeys(notes), *([] if request.steps else [BY_THE_CLOCK])]


def _again(request: FinetuneRequest) -> str:
    """Return another name: no model is replaced."""
    return f"{request.out}-again"
