"""What a model says of itself: read without its weights, and without torch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors

from gan_lessons.errors import InputError


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
    color : str
        ``rgb``, or ``lab`` for a network that works in CIELAB, between two conversions.
    psf : bool
        Whether a PSF may be given.
    gauge : bool
        Whether the file holds a `BlurGauge` too, whose estimate stands in for a PSF that isn't given.
    keeps_flux : bool
        Whether a stack takes its low frequencies from its deconvolution, where the PSF is known; not after fine-tuning,
        whose reference may have another scale.
    training_data, licence : str
    seen : dict
        The largest traits (`gan_lessons.restoration.likeness`) that training showed: 99th percentiles.
    recipe : dict
        The recipe, whole: it trains the model again.
    metrics : dict
        Figures measured on held-out images, by name.
    version : str
        Of the library that trained it.
    parent, parent_sha256 : str
        Of a fine-tuned model: the name of the one it began as, and its file's hash.
    """

    name: str
    purpose: str
    architecture: str
    arguments: dict[str, Any]
    axes: str
    low: float = 1.0
    high: float = 99.9
    darkest: float = 0.0
    color: str = "rgb"
    psf: bool = False
    gauge: bool = False
    keeps_flux: bool = False
    training_data: str = ""
    licence: str = ""
    seen: dict[str, float] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    version: str = ""
    parent: str = ""
    parent_sha256: str = ""

    @property
    def for_looks(self) -> bool:
        """Whether a critic had a say in its training, so that it draws detail that the image doesn't show."""
        return any(made.get("critics") or made.get("adversarial") for made in self._makings())

    def _makings(self) -> Iterator[dict[str, Any]]:
        """Yield the recipe and, of a fine-tuned model, those of what it began as."""
        made = self.recipe
        while "finetuned" in made:
            yield made["finetuned"]
            made = made["parent"]
        yield made


def read_card(path: str | Path) -> Card:
    """Read a model file's card and none of its weights."""
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
        return Card(**json.loads(metadata["card"]))
    except (safetensors.SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise InputError(
            f"{path}: not a model file ({type(error).__name__}); expected safetensors written by gan_lessons.save_model"
        ) from error
