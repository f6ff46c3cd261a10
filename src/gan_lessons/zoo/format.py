"""The model file: safetensors whose metadata says what the network is, how to feed it, and what it learned from."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from gan_lessons.errors import InputError
from gan_lessons.generators import Generator, build_generator
from gan_lessons.generators.in_lab import InLab
from gan_lessons.io import written_beside
from gan_lessons.zoo.card import Card, read_card
from gan_lessons.zoo.gauge import BlurGauge

GAUGE = "gauge."
"""Begins the names of the gauge's weights."""

PSF = "psf"
"""Name of a model's own PSF."""


@dataclass(frozen=True, eq=False)
class Model:
    """A generator with its card, in evaluation mode; ``sha256`` is that of its file, empty before it has one.

    ``psf`` (Y, X) is what it takes for an image's PSF where none is given: that of the microscope that it was
    fine-tuned for.
    """

    generator: Generator
    card: Card
    sha256: str = ""
    gauge: BlurGauge | None = None
    psf: Tensor | None = None


def save_model(model: Model, path: str | Path, *, half: bool = False) -> None:
    """Write the weights and the card into one safetensors file; a killed process leaves none that is half-written.

    Parameters
    ----------
    half : bool
        Whether to store float16, to ship it in half the size; it is read as float32.

    Raises
    ------
    InputError
        If the system refuses (no folder, read-only, disk full).
    """
    state = model.generator.state_dict()
    if model.gauge:
        state |= {f"{GAUGE}{name}": tensor for name, tensor in model.gauge.state_dict().items()}
    if model.psf is not None:
        state |= {PSF: model.psf}
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    if half:
        weights = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in weights.items()}
    with written_beside(path, overwrite=True) as part:
        part.write_bytes(save(weights, metadata={"card": json.dumps(dataclasses.asdict(model.card))}))


def load_model_file(path: str | Path) -> Model:
    """Read a model file; nothing in it is executed.

    Raises
    ------
    InputError
        If the file isn't there, isn't a model file, or its weights don't fit its architecture.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such model file")
    card = read_card(path)
    generator = build_generator(card.architecture, **card.arguments)
    if card.color == "lab":
        generator = InLab(generator, (card.darkest, 1.0))
    # In channels-last order the gauge takes two thirds of the time.
    gauge = BlurGauge().eval().to(memory_format=torch.channels_last) if card.gauge else None
    weights = load_file(path)
    psf = weights.pop(PSF, None)
    ours = {name: weights.pop(name) for name in list(weights) if gauge and name.startswith(GAUGE)}
    try:
        generator.load_state_dict(weights)
        if gauge:
            gauge.load_state_dict({name.removeprefix(GAUGE): tensor for name, tensor in ours.items()})
    except RuntimeError as error:
        raise InputError(f"{path}: the weights don't fit {card.architecture} {card.arguments}") from error
    return Model(generator.eval(), card, hashlib.sha256(path.read_bytes()).hexdigest(), gauge, psf)
