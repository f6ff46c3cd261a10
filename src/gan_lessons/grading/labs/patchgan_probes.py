"""Lab 2, what is asked of students' code; runs beside it, and holds nothing that tells a right answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

Names = dict[str, Any]
Given = dict[str, np.ndarray]
Results = dict[str, Callable[[], Any]]


def field_side(names: Names, given: Given) -> Results:
    """Tell receptive fields."""
    return {"sides": lambda: np.array([int(names["field_side"](*map(int, case))) for case in given["cases"]])}


def patches(names: Names, given: Given) -> Results:
    """Count judgements."""
    return {"counts": lambda: np.array([int(names["patches"](int(side))) for side in given["sides"]])}


def PatchCritic(names: Names, given: Given) -> Results:  # called as the class that it asks for
    """Run the layers, and the whole."""
    image, degraded = torch.from_numpy(given["image"]), torch.from_numpy(given["degraded"])
    state = {name.removeprefix("state/"): torch.from_numpy(one) for name, one in given.items() if "state/" in name}

    def critic() -> Any:
        made = names["PatchCritic"](3)
        made.load_state_dict(state)
        return made

    return {
        "layers": lambda: critic().layers(torch.cat([image, degraded], 1)),
        "judgements": lambda: critic()(image, degraded),
    }


def critic_loss(names: Names, given: Given) -> Results:
    """Take the loss and its gradient, everywhere and masked."""
    real, fake, mask = (torch.from_numpy(given[name]) for name in ("real", "fake", "mask"))

    def loss(where: torch.Tensor) -> Any:
        return names["critic_loss"](real, fake, where)

    def slope(where: torch.Tensor) -> torch.Tensor:
        wanted = fake.clone().requires_grad_()
        return torch.autograd.grad(names["critic_loss"](real, wanted, where), wanted)[0]

    everywhere = torch.ones_like(mask)
    return {
        "everywhere": lambda: loss(everywhere),
        "everywhere gradient": lambda: slope(everywhere),
        "masked": lambda: loss(mask),
        "masked gradient": lambda: slope(mask),
    }
