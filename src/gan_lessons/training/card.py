"""The card of a model that was trained here."""

from __future__ import annotations

import numpy as np

from gan_lessons import __version__
from gan_lessons.data.pair import Pairs
from gan_lessons.generators.presets import PRESETS
from gan_lessons.restoration.likeness import traits
from gan_lessons.training.recipe import Recipe
from gan_lessons.zoo import Card

LOOKS = 64
"""Pairs from which the traits are learned."""


def begin_card(recipe: Recipe, pairs: Pairs, about: str = "", licence: str = "BSD-3-Clause") -> Card:
    """Describe a model by the recipe that it is trained with, and by what it sees.

    Parameters
    ----------
    about : str
        The training data in words; those of `truths` by default.
    licence : str
        Of the model.
    """
    drawn = f"{recipe.truths.drawn} drawn specimens" if recipe.truths and recipe.truths.drawn else ""
    files = ""
    if recipe.truths and recipe.truths.files_share:
        files = f"images listed as {recipe.truths.kind}/training in gan_lessons/training/images.csv"
    told = recipe.generator
    return Card(
        name=recipe.name,
        purpose=recipe.purpose,
        architecture=told.architecture,
        arguments=PRESETS.get(told.architecture, {}).get(told.preset or "", {}) | told.arguments,
        axes=recipe.axes,
        color=recipe.color,
        darkest=recipe.value_range[0],
        psf=recipe.guidance is not None,
        gauge=bool(recipe.guidance and recipe.guidance.estimated),
        keeps_flux=recipe.axes == "ZYX" and recipe.guidance is not None,
        training_data=about or " and ".join(text for text in (drawn, files) if text),
        licence=licence,
        seen=largest_traits(recipe, pairs),
        recipe=recipe.model_dump(mode="json"),
        version=__version__,
    )


def largest_traits(recipe: Recipe, pairs: Pairs) -> dict[str, float]:
    """Return the 99th percentile of each trait over images like those of training."""
    patch = min(96, max(phase.patch for phase in recipe.phases))
    (black, white), found = recipe.value_range, []
    for place in range(LOOKS):
        image = pairs.draw(place % len(pairs), patch, np.random.default_rng([recipe.seed, 2, place])).degraded.numpy()
        while image.ndim > 2:
            image = image[len(image) // 2]
        found.append(traits(black + (white - black) * image))
    return {trait: round(float(np.percentile([one[trait] for one in found], 99)), 3) for trait in found[0]}
