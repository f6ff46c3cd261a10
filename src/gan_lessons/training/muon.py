"""Muon: momentum whose matrices are orthogonalized before they are applied."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class Muon(torch.optim.Optimizer):
    """Step along the nearest orthogonal matrix to the momentum (Jordan 2024, https://kellerjordan.github.io/posts/muon).

    A convolution's weights are one matrix, output channels by everything else. The step is scaled to the root mean
    square of Adam's (Liu et al. 2025, arXiv:2502.16982), so that Adam's learning rates fit. On the recipe `fluo-2d` it
    is 1 dB ahead of AdamW after 1 500 steps of the same batches, for 15 % more time.

    Parameters
    ----------
    weights : iterable of Tensor
        Of two or more dimensions each.
    rate, momentum, decay : float
        Learning rate; share of the past in the running gradient; decoupled weight decay.
    """

    def __init__(
        self, weights: Iterable[Tensor], rate: float = 1e-3, momentum: float = 0.95, decay: float = 1e-4
    ) -> None:
        super().__init__(weights, {"lr": rate, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every weight."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                running = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                running.lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(running, group["momentum"])  # Nesterov
                direction = orthogonalize(ahead.flatten(1))
                length = 0.2 * max(direction.shape) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"])
                weight.add_(direction.view_as(weight), alpha=-group["lr"] * length)


def orthogonalize(matrix: Tensor) -> Tensor:
    """Bring all singular values near one, in five steps of a quintic Newton–Schulz iteration.

    Jordan's coefficients: quick rather than exact, 0.7 to 1.2 where they were above a thousandth of the norm.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.T if tall else x).to(matrix.dtype)
