"""All that changes while fine-tuning, written whole into one file, so that a run can go on."""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from gan_lessons.errors import InputError
from gan_lessons.generators import Generator
from gan_lessons.training.checkpoint import read_state, state_of, take_up, write_state
from gan_lessons.training.finetuning.result import Progress
from gan_lessons.training.game import Game
from gan_lessons.training.networks import build_critic_for
from gan_lessons.training.sections import MUON, Critic, Optimizer

EMA = 0.995  # the average follows within 200 steps: minutes have a few thousand


@dataclass(frozen=True)
class Settings:
    """How a run trains; see `finetune`."""

    minutes: float
    steps: int | None
    rate: float
    batch: int
    patch: int
    adversarial: float
    seed: int


class State:
    """All that changes while fine-tuning, so that it can be saved and loaded."""

    def __init__(self, generator: Generator, settings: Settings, device: torch.device) -> None:
        torch.manual_seed(settings.seed)
        own = copy.deepcopy(generator).train().to(device).to(memory_format=torch.channels_last)
        told = [critic_told(settings.adversarial)] if settings.adversarial else []
        critics = [build_critic_for(own, one).to(device) for one in told]
        self.game = Game(own, critics, told, optimizer=MUON, ema=EMA)
        self.game.kept.eval()
        self.game.in_bfloat16 = True
        self.best: Generator = copy.deepcopy(self.game.kept)
        self.best_step, self.spent = 0, 0.0
        self.history: list[Progress] = []

    def save(self, path: Path, made_of: dict[str, str]) -> None:
        """Write everything, with what it was made of."""
        state = {
            "made_of": made_of,
            "game": state_of(self.game),
            "best": self.best.state_dict(),
            "counts": [self.best_step, self.spent],
            "history": [asdict(one) for one in self.history],
        }
        write_state(state, path)

    def load(self, path: Path, made_of: dict[str, str]) -> None:
        """Read what `save` wrote.

        Raises
        ------
        InputError
            If it is no such file, or was made of other data or of another model.
        """
        with read_state(path, "model") as state:
            for what, value in made_of.items():
                if state["made_of"].get(what) != value:
                    raise InputError(f"{path}: begun with another {what}; resume with the same, or start anew")
            take_up(self.game, state["game"])
            self.best.load_state_dict(state["best"])
            self.best_step, self.spent = state["counts"]
            self.history = [Progress(**one) for one in state["history"]]


def critic_told(weight: float) -> Critic:
    """Return the critic of the shipped models' adversarial siblings (`fluo-2d-gan`)."""
    return Critic.model_validate(
        {
            "architecture": "patchgan",
            "arguments": {"width": 32, "norm": "none", "spectral": True},
            "objective": "ragan-ls",
            "weight": weight,
            "optimizer": Optimizer(name="adam", betas=(0.5, 0.999)),
        }
    )
