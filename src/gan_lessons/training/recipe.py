"""Recipes: all that makes a model, in YAML, checked before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from gan_lessons.training.on_the_fly import Blur, Gauge, Guidance, Noise, Truths
from gan_lessons.training.reading import FOLDER, read_part
from gan_lessons.training.sections import MUON, Critic, Generator, Optimizer, Part, Phase

__all__ = ["FOLDER", "Augmentation", "Recipe", "read_recipe"]


class Augmentation(Part):
    """What happens to both images of a pair, or to the degraded one."""

    name: str
    arguments: dict[str, Any] = Field({})


class Recipe(Part):
    """A model's whole making."""

    name: str
    purpose: str
    axes: Literal["YX", "YXC", "ZYX"]
    seed: int = 0
    value_range: tuple[float, float] = (0.0, 1.0)  # what black and white are for the networks; (-1, 1) with tanh

    color: Literal["rgb", "lab"] = "rgb"  # what the generator works in; the critics and the losses see RGB

    # What is trained.
    start: str | None = None  # a model whose weights to begin with, where they fit
    generator: Generator
    optimizer: Optimizer = MUON  # of the generator
    critics: tuple[Critic, ...] = ()
    content: dict[str, float | dict[str, Any]]  # terms of `build_loss`: a weight, or {weight: …, its arguments}

    # On what: degraded on the fly, or, without these four, pairs from --data.
    truths: Truths | None = None
    blur: Blur | None = None
    noise: Noise | None = None
    guidance: Guidance | None = None
    gauge: Gauge | None = None  # None, and a start: that model's
    data: dict[str, Any] = Field({})  # how --data is read: options of `open_splits`
    augmentation: tuple[Augmentation, ...] = ()

    # How long, and how carefully.
    phases: tuple[Phase, ...] = Field(min_length=1)
    clip: float | None = Field(1.0, gt=0)  # longest gradient of a network
    ema: float = Field(0.999, ge=0, lt=1)  # the model is a running average of the weights; 0: the last weights
    interval: int | None = Field(None, ge=1)  # steps between checkpoints; None: ten a run, at most 1,000 steps apart

    @model_validator(mode="after")
    def _check_parts(self) -> Recipe:
        """Refuse what a recipe of stacks would silently leave out, and half of an estimate of the blur."""
        given = [part is not None for part in (self.truths, self.blur, self.noise)]
        if any(given) and not all(given):
            raise ValueError("truths, blur and noise belong together: give all, or none to train on pairs from --data")
        if not any(given) and (self.guidance or self.gauge):
            raise ValueError("guidance and gauge need truths, blur and noise: of pairs from --data no PSF is known")
        files = self.truths is not None and self.truths.files_share
        if self.axes == "ZYX" and self.blur and self.blur.moving:
            raise ValueError("blur.moving is for planes: in stacks nothing moves in another way (moving: 0)")
        estimated = bool(self.guidance and self.guidance.estimated)
        told = self.guidance is not None and not self.guidance.dropped and estimated
        if self.truths and self.axes == "ZYX" and (not told or not self.start or self.gauge or files):
            raise ValueError(
                "stacks need guidance that is never dropped (dropped: 0, estimated: above 0), whose estimates come "
                "from the gauge of a start, and take neither a gauge of their own nor files (files_share: 0)"
            )
        if (self.gauge and not estimated) or (estimated and not (self.gauge or self.start)):
            raise ValueError("guidance.estimated and gauge belong together: give both or none, or a start that has one")
        if not self.critics and any(phase.train not in (None, "generator") for phase in self.phases):
            raise ValueError("a phase trains a critic, but there are no critics")
        if not self.value_range[0] < self.value_range[1]:
            raise ValueError(f"value_range {self.value_range}: expected black, then white, such as [0, 1]")
        return self


def read_recipe(name_or_path: str | Path, changes: Sequence[str] = ()) -> Recipe:
    """Read a shipped recipe by name, or any by its path, and change some of its values.

    Parameters
    ----------
    changes : sequence of str
        ``key=value``, with dots into sections and numbers into lists: ``phases.0.steps=100``.

    Raises
    ------
    InputError
        If there is none, or a key or a value is wrong: the message names the key, and the nearest right one.
    """
    return read_part(Recipe, name_or_path, changes)
