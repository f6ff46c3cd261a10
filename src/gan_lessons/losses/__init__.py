"""Losses: pure functions, each with its paper; modules around them, found by name; and their weighted sum.

A function maps images (N, C, [Z,] Y, X) to one value an image, (N,); its module returns the batch's mean. So a batch
equals the mean of its items, and training may weight items. Half precision is computed in float32.
"""

from gan_lessons.losses.adversarial import build_objective, list_objectives
from gan_lessons.losses.registry import build_loss, list_losses
from gan_lessons.losses.term import Term
from gan_lessons.losses.weighted_sum import WeightedSum

__all__ = ["Term", "WeightedSum", "build_loss", "build_objective", "list_losses", "list_objectives"]
