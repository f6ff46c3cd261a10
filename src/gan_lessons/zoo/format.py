"""The model file: safetensors whose metadata says what the network is, how to feed it, and what it learned from."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file, save

from gan_lessons.errors import InputError
from gan_lessons.generators import Generator, build_generator
from gan_lessons.io import written_beside
from gan_lessons.zoo.gauge import BlurGauge

GAUGE = "gauge."
"""Begins the names of the gauge's weights."""


@dataclass(frozen=True)
class Card:
    """What must be known of a model before its result can be believed.

    Parameters
    ----------
    name, purpose : str
        ``fluo-2d``, and a sentence for whom it is.
    architecture, arguments :
        As `build_generator` takes them.
    axes : str
        What the network sees at once: ``YX`` (each channel by itself), ``YXC`` (all channels together) or ``ZYX``
        (a plane through its neighbours, each channel by itself).
    low, high : float
        The percentiles that `measure_normalization` maps to 0 and 1.
    darkest : float
        What ``low`` is mapped to instead of 0: -1 for networks that were trained on [-1, 1].
    psf : bool
        Whether a PSF may be given.
    gauge : bool
        Whether the file holds a `BlurGauge` too, whose estimate stands in for a PSF that isn't given.
    training_data, licence : str
    seen : dict
        The largest traits (`gan_lessons.restoration.likeness`) that training showed: 99th percentiles.
    recipe : dict
        The recipe, whole: it trains the model again.
    metrics : dict
        Figures measured on held-out images, by name.
    version : str
        Of the library that trained it.
    """

    name: str
    purpose: str
    architecture: str
    arguments: dict[str, Any]
    axes: str
    low: float = 1.0
    high: float = 99.9
    darkest: float = 0.0
    psf: bool = False
    gauge: bool = False
    training_data: str = ""
    licence: str = ""
    seen: dict[str, float] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, eq=False)
class Model:
    """A generator with its card, in evaluation mode; ``sha256`` is that of its file, empty before it has one."""

    generator: Generator
    card: Card
    sha256: str = ""
    gauge: BlurGauge | None = None


def save_model(model: Model, path: str | Path) -> None:
    """Write the weights and the card into one safetensors file; a killed process leaves none that is half-written.

    Raises
    ------
    InputError
        If the system refuses (no folder, read-only, disk full).
    """
    state = model.generator.state_dict()
    if model.gauge:
        state |= {f"{GAUGE}{name}": tensor for name, tensor in model.gauge.state_dict().items()}
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    with written_beside(path, overwrite=True) as part:
        part.write_bytes(save(weights, metadata={"card": json.dumps(dataclasses.asdict(model.card))}))


def read_card(path: str | Path) -> Card:
    """Read a model file's card and none of its weights."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        return Card(**json.loads(metadata["card"]))
    except (safetensors.SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise InputError(
            f"{path}: not a model file ({type(error).__name__}); expected safetensors written by gan_lessons.save_model"
        ) from error


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
    # In channels-last order the gauge takes two thirds of the time.
    gauge = BlurGauge().eval().to(memory_format=torch.channels_last) if card.gauge else None
    weights = load_file(path)
    ours = {name: weights.pop(name) for name in list(weights) if gauge and name.startswith(GAUGE)}
    try:
        generator.load_state_dict(weights)
        if gauge:
            gauge.load_state_dict({name.removeprefix(GAUGE): tensor for name, tensor in ours.items()})
    except RuntimeError as error:
        raise InputError(f"{path}: the weights don't fit {card.architecture} {card.arguments}") from error
    return Model(generator.eval(), card, hashlib.sha256(path.read_bytes()).hexdigest(), gauge)
