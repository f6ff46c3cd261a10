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
from gan_lessons.training.stacks import StackPairs, blur_stack
from gan_lessons.training.truths import read_truths, scale


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
    return _stack_pairs(recipe, rng) if recipe.axes == "ZYX" else _plane_pairs(recipe, images, rng)


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


def _stack_pairs(recipe: Recipe, rng: np.random.Generator) -> StackPairs:
    assert recipe.truths
    assert recipe.blur
    assert recipe.noise
    assert recipe.guidance
    shape, context = recipe.truths.drawn_shape, recipe.generator.arguments["in_channels"]
    psfs = banks.microscope_stacks(recipe.blur.count, banks.STACK_PLANES, rng)
    blurs = make_blurs([psf for psf, _ in psfs], recipe.guidance, rng)
    stacks = []
    for index in range(recipe.truths.drawn):
        aspect = psfs[index % len(psfs)][1]
        stacks.append(blur_stack(make_specimen(shape, rng, voxel_aspect=aspect), blurs[index % len(blurs)]))
    return StackPairs(stacks, context, recipe.noise, recipe.guidance, blank=recipe.truths.blank)
