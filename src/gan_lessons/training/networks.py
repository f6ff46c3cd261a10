"""The networks of a recipe, built and told their channels, with the weights that they begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from gan_lessons.critics import Critic, build_critic
from gan_lessons.data.pair import Pair
from gan_lessons.errors import InputError, suggest
from gan_lessons.generators import Generator, build_generator
from gan_lessons.generators.in_lab import InLab
from gan_lessons.losses import WeightedSum, build_objective
from gan_lessons.losses.objective import Objective
from gan_lessons.losses.relativistic import RaGAN
from gan_lessons.training import sections
from gan_lessons.training.ranks import mean_over_ranks
from gan_lessons.training.recipe import Recipe
from gan_lessons.training.start import start_from
from gan_lessons.zoo import Model


def build_networks(recipe: Recipe, start: Model | None = None) -> tuple[Generator, list[Critic]]:
    """Build the generator and its critics; the recipe's seed decides their first weights, where ``start`` has none."""
    torch.manual_seed(recipe.seed)
    told = recipe.generator
    generator = build_generator(told.architecture, told.preset, **told.arguments)
    if told.backbone:
        _load_backbone(generator, Path(told.backbone))
    if recipe.color == "lab":
        generator = InLab(generator, recipe.value_range)
    if start:
        start_from(generator, start.generator)
    critics = [build_critic_for(generator, critic) for critic in recipe.critics]
    for network in (generator, *critics):
        if network.dimensions == 2:
            network.to(memory_format=torch.channels_last)  # the quicker order on a CPU
    return generator, critics


def build_critic_for(generator: Generator, told: sections.Critic) -> Critic:
    """Build a critic for what the generator gives, beside what it takes if the critic is conditional."""
    channels: dict[str, Any] = {"in_channels": generator.out_channels}
    channels["condition_channels"] = generator.in_channels if told.conditional else 0
    return build_critic(told.architecture, told.preset, **(channels | told.arguments))


def _load_backbone(generator: nn.Module, path: Path) -> None:
    load = getattr(generator, "load_backbone", None)
    if load is None:
        raise InputError(f"generator.backbone {path}: {type(generator).__name__} has no backbone; leave the key out")
    if not path.is_file():
        raise InputError(f"generator.backbone: there is no file {path}; expected a classifier's published weights")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        load(load_file(path))
    else:
        load(torch.load(path, map_location="cpu", weights_only=True))


def build_content(recipe: Recipe, phase: sections.Phase) -> WeightedSum:
    """Build a phase's content terms: the recipe's, and those that the phase adds or weighs otherwise."""
    told = recipe.content | phase.content
    weights, arguments = {}, {}
    for name, term in told.items():
        rest = dict(term) if isinstance(term, dict) else {"weight": term}
        if "weight" not in rest:
            raise InputError(f"content.{name}: there is no weight; expected {name}: {{weight: 1, …}}")
        weights[name] = rest.pop("weight")
        arguments[name] = rest
    return WeightedSum(weights, arguments, value_range=recipe.value_range)


def build_critic_objective(told: sections.Critic) -> Objective:
    """Build what a critic and the generator play; relativistic means count all processes."""
    arguments = {"smoothing": told.smoothing} if told.smoothing else {}
    objective = build_objective(told.objective, **arguments)
    return replace(objective, mean=mean_over_ranks) if isinstance(objective, RaGAN) else objective


def check_channels(recipe: Recipe, generator: Generator, pair: Pair) -> None:
    """Raise `InputError` if the pairs have other channels than the networks take."""
    for what, key, tensor, expected in (
        ("degraded", "in_channels", pair.degraded, generator.in_channels),
        ("sharp", "out_channels", pair.sharp, generator.out_channels),
    ):
        if tensor.shape[0] != expected:
            raise InputError(
                f"recipe {recipe.name}: the {what} images have {tensor.shape[0]} channels, and its generator "
                f"{expected}; choose another recipe, or --set generator.arguments.{key}={tensor.shape[0]}"
            )
    if generator.guides and pair.guides is None:
        raise InputError(f"recipe {recipe.name}: its generator takes guides, and the pairs have none")


def resting(generator: nn.Module, beginnings: Sequence[str]) -> list[nn.Module]:
    """Return the parts of a generator whose names begin so, as ``freeze`` gives them.

    Raises
    ------
    InputError
        If there is no such part.
    """
    parts = dict(generator.named_modules())
    for name in beginnings:
        if name not in parts:
            raise InputError(f"freeze: {type(generator).__name__} has no part {name!r}; {suggest(name, parts)}")
    return [parts[name] for name in beginnings]
