"""All that changes while fine-tuning, written whole into one file, so that a run can go on."""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from gan_lessons.critics import build_critic
from gan_lessons.errors import InputError
from gan_lessons.generators import Generator
from gan_lessons.training.checkpoint import write_state
from gan_lessons.training.finetuning.result import Progress
from gan_lessons.training.muon import MuonAndAdamW


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
        self.generator = copy.deepcopy(generator).train().to(device).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.best: Generator = copy.deepcopy(self.average)
        self.optimizer = MuonAndAdamW(self.generator)
        self.critic, self.critic_optimizer = None, None
        if settings.adversarial:
            self.critic = build_critic(
                "patchgan", in_channels=generator.out_channels, width=32, norm="none", spectral=True
            )
            self.critic.to(device)
            self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=1e-4, betas=(0.5, 0.999))
        self.rng = np.random.default_rng(settings.seed)
        self.step, self.best_step, self.spent = 0, 0, 0.0
        self.history: list[Progress] = []

    def save(self, path: Path, made_of: dict[str, str]) -> None:
        """Write everything, with what it was made of."""
        critic = None if self.critic is None else self.critic.state_dict()
        critic_optimizer = None if self.critic_optimizer is None else self.critic_optimizer.state_dict()
        state = {
            "made_of": made_of,
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "best": self.best.state_dict(),
            "optimizers": [one.state_dict() for one in self.optimizer.optimizers],
            "critic": critic,
            "critic_optimizer": critic_optimizer,
            "rng": self.rng.bit_generator.state,
            "counts": [self.step, self.best_step, self.spent],
            "history": [asdict(one) for one in self.history],
        }
        write_state(state, path)

    def load(self, path: Path, made_of: dict[str, str]) -> None:
        """Read what `save` wrote.

        Raises
        ------
        InputError
            If it was made of other data or of another model.
        """
        state = torch.load(path, weights_only=True)
        for what, value in made_of.items():
            if state["made_of"].get(what) != value:
                raise InputError(f"{path}: begun with another {what}; resume with the same, or start anew")
        self.generator.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.best.load_state_dict(state["best"])
        for optimizer, saved in zip(self.optimizer.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        if self.critic is not None and self.critic_optimizer is not None:
            self.critic.load_state_dict(state["critic"])
            self.critic_optimizer.load_state_dict(state["critic_optimizer"])
        self.rng.bit_generator.state = state["rng"]
        self.step, self.best_step, self.spent = state["counts"]
        self.history = [Progress(**one) for one in state["history"]]
