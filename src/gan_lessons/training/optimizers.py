"""Optimizers by name, and what is done to gradients before they step."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from gan_lessons.training.muon import Muon
from gan_lessons.training.sections import Optimizer


def build_optimizers(network: nn.Module, options: Optimizer) -> list[torch.optim.Optimizer]:
    """Build what steps a network: one optimizer, or for Muon a second one for the biases and scales.

    The rates are set before every step.
    """
    weights = list(network.parameters())
    if options.name != "muon":
        make = torch.optim.Adam if options.name == "adam" else torch.optim.AdamW
        return [make(weights, betas=options.betas, weight_decay=options.decay)]
    matrices, vectors = [w for w in weights if w.ndim > 1], [w for w in weights if w.ndim <= 1]
    beside = torch.optim.AdamW(vectors, betas=options.betas, weight_decay=options.decay) if vectors else None
    return [Muon(matrices, decay=options.decay), *([beside] if beside else [])]


def set_rate(optimizers: Iterable[torch.optim.Optimizer], rate: float) -> None:
    """Set the learning rate of all weights."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
