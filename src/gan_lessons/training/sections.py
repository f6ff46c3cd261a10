"""Sections of a recipe that say what is trained, and how: networks, optimizers, rates, phases."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """A section of a recipe; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Generator(Part):
    """What is trained, as `build_generator` takes it."""

    architecture: str
    preset: str | None = None
    arguments: dict[str, Any] = {}
    backbone: str | None = None  # file of a classifier's published weights, for the encoders of feature pyramids


class Optimizer(Part):
    """How a network's gradients become steps."""

    name: Literal["adam", "adamw", "muon"] = "adam"
    betas: tuple[float, float] = (0.9, 0.999)  # of Adam, and of AdamW beside Muon
    decay: float = Field(default=0.0, ge=0)  # of the weights, decoupled in AdamW and Muon


MUON = Optimizer(name="muon", decay=1e-4)
"""Of generators, unless a recipe says otherwise: see `gan_lessons.training.muon.Muon`."""


class Penalty(Part):
    """What keeps a critic smooth."""

    name: Literal["gradient", "r1", "clip"]
    weight: float = Field(gt=0)  # λ, γ, or the limit that weights are clipped to


class InputNoise(Part):
    """Gaussian noise on what a critic looks at, so that it can't tell the kinds apart at once."""

    deviation: float = Field(gt=0)  # in the network's units
    of: Literal["real", "all"] = "all"  # images (YAML takes "on" for true)


class Critic(Part):
    """A judge of the generator's images; `build_critic` is told the channels."""

    architecture: str
    preset: str | None = None
    arguments: dict[str, Any] = {}
    conditional: bool = False  # sees the degraded image too
    objective: str = "bce"
    smoothing: float = Field(0.0, ge=0, lt=0.5)  # of the label "real"
    weight: float = Field(1.0, ge=0)  # of its loss for the generator, beside the content
    steps: int = Field(1, ge=1)  # of the critic, for each of the generator
    penalty: Penalty | None = None  # None: as the objective's paper has it
    noise: InputNoise | None = None
    optimizer: Optimizer = Optimizer()


class Rate(Part):
    """A learning rate over a phase.

    Short forms: a number is constant; a pair is a cosine from the first to the last.
    """

    first: float = Field(ge=0)
    last: float | None = Field(None, ge=0)
    along: Literal["constant", "linear", "cosine", "epochs"] = "constant"
    falls: float = Field(0.0, ge=0, lt=1)  # along "epochs": the share that it loses with each

    @model_validator(mode="before")
    @classmethod
    def _take_short_form(cls, given: Any) -> Any:
        if isinstance(given, (int, float, str)):  # YAML takes 1e-3 for a word
            return {"first": given}
        if isinstance(given, (list, tuple)) and len(given) == 2:
            return {"first": given[0], "last": given[1], "along": "cosine"}
        return given

    @model_validator(mode="after")
    def _check(self) -> Rate:
        if (self.last is not None) != (self.along in ("linear", "cosine")):
            raise ValueError("a rate has a last value if it goes along 'linear' or 'cosine', and only then")
        if (self.falls > 0) != (self.along == "epochs"):
            raise ValueError("a rate falls by a share if it goes along 'epochs', and only then")
        return self


class Phase(Part):
    """Some steps, or epochs, of one kind."""

    steps: int | None = Field(None, ge=1)
    epochs: float | None = Field(None, gt=0)  # instead of steps
    batch: int = Field(1, ge=1)  # pairs, over all processes
    patch: int = Field(ge=1)  # pixels a side
    rate: Rate  # of the generator
    critic_rate: Rate | None = None  # None: as the generator's
    train: Literal["generator", "both", "critic", "contrast"] | None = None  # None: all that the recipe has
    freeze: tuple[str, ...] = ()  # parts of the generator that rest, by the beginnings of their names
    content: dict[str, float | dict[str, Any]] = {}  # terms that are new, or weigh otherwise than in the recipe
    accumulate: int = Field(1, ge=1)  # parts that a batch is worked through in, for large ones
    precision: Literal["float32", "bfloat16"] = "bfloat16"  # of the networks, where the processor is made for it

    @model_validator(mode="after")
    def _check(self) -> Phase:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("a phase has either steps or epochs")
        if self.batch % self.accumulate:
            raise ValueError(f"a batch of {self.batch} can't be worked through in {self.accumulate} equal parts")
        return self
