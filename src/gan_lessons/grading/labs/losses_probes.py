"""Lab 4, what is asked of students' code; runs beside it, and holds nothing that tells a right answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

Names = dict[str, Any]
Given = dict[str, np.ndarray]
Results = dict[str, Callable[[], Any]]


def hinge(names: Names, given: Given) -> Results:
    """Take the loss and its gradients."""
    return _pair(names["hinge"], given)


def relativistic(names: Names, given: Given) -> Results:
    """Take the loss and its gradients."""
    return _pair(names["relativistic"], given)


def _pair(loss: Callable[..., Any], given: Given) -> Results:
    def fresh() -> list[torch.Tensor]:
        return [torch.from_numpy(given[name]).clone().requires_grad_() for name in ("real", "fake")]

    def slope(number: int) -> torch.Tensor:
        pair = fresh()
        return torch.autograd.grad(loss(*pair), pair)[number]

    return {
        "value": lambda: loss(*fresh()),
        "gradient real": lambda: slope(0),
        "gradient fake": lambda: slope(1),
    }


def penalty(names: Names, given: Given) -> Results:
    """Take the penalty of a small critic, and its gradient with respect to the critic's weights."""
    real, fake, mix = (torch.from_numpy(given[name]) for name in ("real", "fake", "mix"))
    weight = torch.from_numpy(given["weight"]).requires_grad_()

    def value() -> Any:
        def critic(x: torch.Tensor) -> torch.Tensor:
            return torch.tanh(F.conv2d(x, weight, padding=1)).square().sum((1, 2, 3))

        return names["penalty"](critic, real.clone(), fake.clone(), mix)

    return {"value": value, "gradient": lambda: torch.autograd.grad(value(), weight)[0]}


def total_variation(names: Names, given: Given) -> Results:
    """Take the value and its gradient."""
    x = torch.from_numpy(given["x"]).requires_grad_()
    return {
        "value": lambda: names["total_variation"](x),
        "gradient": lambda: torch.autograd.grad(names["total_variation"](x), x)[0],
    }


def ssim(names: Names, given: Given) -> Results:
    """Take the similarity for two ranges of values, and a gradient."""
    x, y = torch.from_numpy(given["x"]).requires_grad_(), torch.from_numpy(given["y"])
    return {
        "unit": lambda: names["ssim"](x, y, 1.0),
        "unit gradient": lambda: torch.autograd.grad(names["ssim"](x, y, 1.0), x)[0],
        "range": lambda: names["ssim"](x, y, float(given["range"])),
    }
