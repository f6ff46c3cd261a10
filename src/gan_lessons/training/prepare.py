"""From a recipe to its samples: truths, PSFs and the pairs made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gan_lessons.data.scenes import make_scene
from gan_lessons.data.specimens import make_specimen
from gan_lessons.errors import InputError
from gan_lessons.training import banks
from gan_lessons.training.blurs import make_blurs
from gan_lessons.training.pairs import PlanePairs
from gan_lessons.training.recipe import Recipe
from gan_lessons.training.stacks import StackPairs, confine, photograph_stack
from gan_lessons.training.truths import read_truths, scale
from gan_lessons.zoo import load_model


def prepare_pairs(recipe: Recipe, images: Path) -> PlanePairs | StackPairs:
    """Draw and read what a recipe that degrades on the fly trains on.

    Parameters
    ----------
    images : Path
        The folder that the paths of ``images.csv`` start from.

    Raises
    ------
    InputError
        If the recipe has no ``truths``, ``blur`` and ``noise``, or a listed file is missing or another.
    """
    if not (recipe.truths and recipe.blur and recipe.noise):
        raise InputError(f"recipe {recipe.name}: it degrades nothing on the fly; it trains on pairs of images")
    rng = np.random.default_rng(recipe.seed + 1)
    return _stack_pairs(recipe) if recipe.axes == "ZYX" else _plane_pairs(recipe, images, rng)


def _plane_pairs(recipe: Recipe, images: Path, rng: np.random.Generator) -> PlanePairs:
    assert recipe.truths
    assert recipe.blur
    assert recipe.noise
    truths = recipe.truths
    files = [plane for _, plane in read_truths(images, truths.kind, "training")] if truths.files_share else []
    drawn = [_draw(recipe, rng) for _ in range(truths.drawn)]
    draw_psfs = {"microscope": banks.microscope_planes, "camera": banks.camera_shakes, "satellite": banks.satellites}
    psfs = draw_psfs[recipe.blur.kind](recipe.blur.count, rng)
    count = recipe.generator.arguments.get("guides", 0)
    return PlanePairs(
        drawn + files,
        make_blurs(psfs, recipe.guidance, rng, count),
        recipe.noise,
        recipe.guidance,
        files=len(files),
        files_share=truths.files_share,
        blank=truths.blank,
        moving=recipe.blur.moving,
        gamma=2.2 if truths.kind == "photo" else 1.0,
        guides=count,
    )


def _draw(recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    assert recipe.truths
    height, width = recipe.truths.drawn_shape
    if recipe.truths.kind == "fluorescence":
        return make_specimen((height, width), rng)[None]
    return scale(make_scene((height, width), 3 if recipe.axes == "YXC" else 1, rng))


def _stack_pairs(recipe: Recipe) -> StackPairs:
    """Draw and photograph stacks, each with random numbers of its own, so that any of them can be made again alone."""
    assert recipe.truths
    assert recipe.blur
    assert recipe.noise
    assert recipe.guidance
    gauge = load_model(str(recipe.start)).gauge
    if gauge is None:
        raise InputError(f"recipe {recipe.name}: start {recipe.start} has no gauge; expected one that has, as fluo-2d")
    stacks = []
    for index in range(recipe.truths.drawn):
        rng = np.random.default_rng([recipe.seed + 1, index])
        psf, aspect = banks.microscope_stack(banks.STACK_PLANES, rng)
        truth = make_specimen(recipe.truths.drawn_shape, rng, voxel_aspect=aspect)
        if rng.random() < recipe.truths.blank:
            truth = np.zeros_like(truth)
        elif rng.random() < recipe.truths.thin:
            truth = confine(truth, rng)
        guides = recipe.generator.arguments["guides"]
        stacks.append(photograph_stack(truth, psf, recipe.noise, recipe.guidance, gauge, guides, rng))
    return StackPairs(stacks, recipe.generator.arguments["in_channels"], recipe.guidance)
