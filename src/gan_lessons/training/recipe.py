"""Recipes: all that makes a model, in YAML, checked before anything runs."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gan_lessons.errors import InputError

FOLDER = Path(__file__).parent / "recipes"


class Part(BaseModel):
    """A section of a recipe; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Generator(Part):
    """What is trained, as `build_generator` takes it."""

    architecture: str
    arguments: dict[str, Any]


class Truths(Part):
    """Sharp images: drawn, and read from the files of `images.csv` of one kind."""

    kind: Literal["fluorescence", "photo", "map"]
    drawn: int = 0  # synthetic scenes
    drawn_shape: tuple[int, ...] = (320, 320)
    files_share: float = Field(0.5, ge=0, le=1)  # of the samples; the rest are drawn
    blank: float = Field(0.0, ge=0, le=1)  # of the samples: noise alone, so that it isn't taken for spots


class Blur(Part):
    """A bank of PSFs, drawn once."""

    kind: Literal["microscope", "camera", "satellite"]
    count: int = 256
    moving: float = Field(0.0, ge=0, le=1)  # share of the samples parts of which move in another way (planes only)


class Noise(Part):
    """Poisson–Gaussian; ranges are drawn from log-uniformly."""

    photons: tuple[float, float]  # expected at the truth's 99.9th percentile
    background: tuple[float, float] = (0.001, 0.2)  # share of that, under the specimen
    read_noise: tuple[float, float] = (0.1, 3.0)  # electrons


class Guidance(Part):
    """How the network is told the PSF."""

    dropped: float = Field(0.35, ge=0, le=1)  # share of the samples that it is told nothing of
    estimated: float = Field(0.0, ge=0, le=1)  # share of those that it is told an estimated width of
    estimate_error: float = 0.2  # standard deviation of the logarithm of that width
    width_error: float = 0.15  # the PSF it is told is up to this much wider or narrower than the true one


class Gauge(Part):
    """How the gauge that estimates an unknown PSF's width is trained, before all else."""

    images: int = 6000
    steps: int = 1600
    batch: int = 16
    side: int = 192
    rate: float = 1e-3


class Phase(Part):
    """Some steps of Adam with a cosine from the first rate to the last."""

    steps: int
    batch: int
    patch: int
    rate: tuple[float, float]
    ssim: float = 0.0  # weight beside Charbonnier's 1
    precision: Literal["float32", "bfloat16"] = "bfloat16"


class Recipe(Part):
    """A model's whole making."""

    name: str
    purpose: str
    axes: Literal["YX", "YXC", "ZYX"]
    seed: int = 0
    start: str | None = None  # a model whose weights to begin with, where they fit
    generator: Generator
    truths: Truths
    blur: Blur
    noise: Noise
    guidance: Guidance | None = None
    gauge: Gauge | None = None
    epsilon: float = 0.03  # of Charbonnier: below it errors count squared, which keeps the flux
    ema: float = 0.999
    phases: tuple[Phase, ...]

    @model_validator(mode="after")
    def _check_parts(self) -> Recipe:
        """Refuse what a recipe of stacks would silently leave out, and half of an estimate of the blur."""
        if self.axes == "ZYX" and (self.guidance is None or self.guidance.estimated or self.truths.files_share):
            raise ValueError(
                "stacks need guidance, and take neither estimates (estimated: 0) nor files (files_share: 0)"
            )
        if (self.gauge is not None) != bool(self.guidance and self.guidance.estimated):
            raise ValueError("guidance.estimated and gauge belong together: give both or none")
        return self


def read_recipe(name_or_path: str | Path) -> Recipe:
    """Read a shipped recipe by name, or any by its path.

    Raises
    ------
    InputError
        If there is none, or a key or a value is wrong: the message names the key, and the nearest right one.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        names = sorted(p.stem for p in FOLDER.glob("*.yaml"))
        if str(name_or_path) not in names:
            raise InputError(
                f"unknown recipe {str(name_or_path)!r}; expected one of {', '.join(names)}, or a .yaml file"
            )
        path = FOLDER / f"{name_or_path}.yaml"
    if not path.is_file():
        raise InputError(f"{path}: no such recipe")
    try:
        return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise InputError(f"{path}: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "value_error":
        return str(first["msg"]).removeprefix("Value error, ")
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg'].lower()}, found {first['input']!r}"
    parts: list[type[BaseModel]] = [Recipe, *Part.__subclasses__()]
    keys = {key for part in parts for key in part.model_fields}
    near = difflib.get_close_matches(str(first["loc"][-1]), keys, n=1)
    return f"unknown key {where!r}" + (f"; did you mean {near[0]!r}?" if near else "")
