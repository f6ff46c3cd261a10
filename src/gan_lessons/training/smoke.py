"""A recipe made so small that all of it runs within a minute on a CPU."""

from __future__ import annotations

from typing import Any

from gan_lessons.training.recipe import Recipe
from gan_lessons.training.sections import Phase

STEPS, BATCH, PATCH = 40, 2, 64


def shrink_recipe(recipe: Recipe) -> Recipe:
    """Return the recipe with every phase, and what is drawn, made small: to see that it runs, not what it gives.

    The networks stay as they are.
    """
    changes: dict[str, Any] = {"phases": tuple(_shrink(phase, len(recipe.phases)) for phase in recipe.phases)}
    if recipe.truths:
        shape = (56, 160, 160) if recipe.axes == "ZYX" else recipe.truths.drawn_shape
        drawn = {"drawn": min(recipe.truths.drawn, 4), "drawn_shape": shape}
        changes["truths"] = recipe.truths.model_copy(update=drawn)
    if recipe.blur:
        changes["blur"] = recipe.blur.model_copy(update={"count": min(recipe.blur.count, 4)})
    if recipe.gauge:
        changes["gauge"] = recipe.gauge.model_copy(update={"images": 16, "steps": 4, "batch": 4})
    return recipe.model_copy(update=changes)


def _shrink(phase: Phase, phases: int) -> Phase:
    accumulate = min(phase.accumulate, BATCH)
    batch = max(accumulate, min(phase.batch, BATCH))
    small = {"steps": max(2, STEPS // phases), "epochs": None, "batch": batch, "accumulate": accumulate}
    return phase.model_copy(update={**small, "patch": min(phase.patch, PATCH)})
