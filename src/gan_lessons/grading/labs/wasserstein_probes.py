"""Lab 5, what is asked of students' code; runs beside it, and holds nothing that tells a right answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

Names = dict[str, Any]
Given = dict[str, np.ndarray]
Results = dict[str, Callable[[], Any]]


def load(network: Any, given: Given) -> Any:
    """Load hidden weights, by their names, all of them."""
    state = {name.removeprefix("state/"): torch.from_numpy(one) for name, one in given.items() if "state/" in name}
    network.load_state_dict(state)
    return network


def ResidualBlock(names: Names, given: Given) -> Results:  # called as the class that it asks for
    """Run the branch, and the whole."""
    x = torch.from_numpy(given["x"])

    def block() -> Any:
        return load(names["ResidualBlock"](x.shape[1]), given)

    def branch() -> Any:
        one = block()
        return one.second(one.activation(one.norm(one.first(x))))

    return {"part": branch, "whole": lambda: block()(x)}


def Restorer(names: Names, given: Given) -> Results:
    """Run head and tail, and the whole."""
    x = torch.from_numpy(given["x"])

    def network() -> Any:
        return load(names["Restorer"](x.shape[1]), given)

    def ends() -> Any:
        one = network()
        return one.tail(one.head(x))

    return {"part": ends, "whole": lambda: network()(x)}


def critic_loss(names: Names, given: Given) -> Results:
    """Take the loss."""
    return {"value": lambda: names["critic_loss"](torch.from_numpy(given["real"]), torch.from_numpy(given["fake"]))}


class Judge(nn.Module):
    """The critic that a step is tried on."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Conv2d(1, 3, 3)
        self.outer = nn.Linear(3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, H, W) → (N, 1)."""
        return self.outer(torch.tanh(self.inner(x)).mean((2, 3)))


def critic_step(names: Names, given: Given) -> Results:
    """Step once and twice; see what reaches the generator's one weight."""
    real, noise, mix = (torch.from_numpy(given[name]) for name in ("real", "noise", "mix"))

    def after(steps: int) -> tuple[torch.Tensor, torch.Tensor]:
        critic, generator = load(Judge(), given), torch.tensor(0.5, requires_grad=True)
        optimizer = torch.optim.SGD(critic.parameters(), 0.05)
        for _ in range(steps):
            names["critic_step"](critic, optimizer, real, generator * noise, mix)
        reached = torch.zeros(1) if generator.grad is None else generator.grad.abs().reshape(1) + 1
        return torch.cat([one.detach().flatten() for one in critic.parameters()]), reached

    return {"first": lambda: after(1)[0], "second": lambda: after(2)[0], "alone": lambda: torch.cat(after(2))}
