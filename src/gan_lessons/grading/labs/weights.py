"""Hidden weights: drawn for a network, handed to a student's, and loaded by name, so that equal means equal."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from gan_lessons.grading.lab import Arrays

PREFIX = "state/"


def draw_weights(network: nn.Module, draw: np.random.Generator) -> Arrays:
    """Return weights for a network, none of them the value that it begins with."""
    return {
        PREFIX + name: (draw.normal(size=tuple(one.shape)) / np.sqrt(max(one[0].numel(), 1)) + 0.1).astype(np.float32)
        for name, one in network.state_dict().items()
    }


def as_tensors(given: Arrays) -> dict[str, torch.Tensor]:
    """Return the state dict among a task's inputs."""
    return {name[len(PREFIX) :]: torch.from_numpy(one) for name, one in given.items() if name.startswith(PREFIX)}


def as_arrays(tensors: Mapping[str, torch.Tensor]) -> Arrays:
    """Detach."""
    return {name: one.detach().numpy() for name, one in tensors.items()}
