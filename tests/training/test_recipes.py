"""Every shipped recipe that trains on folders: as its source has it, and it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gan_lessons.critics import build_critic
from gan_lessons.data import Pair
from gan_lessons.data.augmentation import build_augmentations
from gan_lessons.data.opening import open_splits
from gan_lessons.generators import build_generator
from gan_lessons.image import Image
from gan_lessons.io import write_image
from gan_lessons.losses import list_losses
from gan_lessons.training import fit
from gan_lessons.training.reading import list_recipes
from gan_lessons.training.recipe import Recipe, read_recipe

ON_FOLDERS = [name for name in list_recipes() if read_recipe(name).truths is None]

# The same networks, narrow enough for two steps of each phase.
TOY: dict[str, dict[str, Any]] = {
    "unet": {"width": 4, "depth": 2},
    "resnet": {"width": 4, "blocks": 1},
    "fpn-inception_resnet_v2": {"width": 8, "backbone": "mobilenet_v2"},
    "fpn-mobilenet_v2": {"width": 8},
    "fpn-mobilenet_dsc": {"width": 8},
    "srgan": {"width": 4},
    "rrdbnet": {"width": 4, "growth": 2, "depth": 1},
    "patchgan": {"width": 4},
    "multiscale": {"width": 4},
    "dual": {"width": 4, "depths": (1, 1)},
    "dense": {"width": 4, "hidden": 4, "size": 32},
}


class Noise:
    """Pairs of the channels, and the sizes, that a generator takes and gives."""

    def __init__(self, recipe: Recipe) -> None:
        told = recipe.generator
        self.network = build_generator(told.architecture, told.preset, **told.arguments)

    def __len__(self) -> int:
        return 4

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        sharp = torch.from_numpy(rng.random((self.network.out_channels, patch, patch), dtype=np.float32))
        small = patch // self.network.scale
        return Pair(torch.from_numpy(rng.random((self.network.in_channels, small, small), dtype=np.float32)), sharp)


def toy(name: str) -> Recipe:
    """Return the recipe with narrow networks, two steps a phase, and no term whose weights are a file."""
    recipe = read_recipe(name)
    generator = recipe.generator
    narrow = generator.model_copy(update={"arguments": generator.arguments | TOY.get(generator.architecture, {})})
    critics = [one.model_copy(update={"arguments": one.arguments | TOY[one.architecture]}) for one in recipe.critics]
    content = {term: weight for term, weight in recipe.content.items() if not term.startswith("perceptual")}
    phases = [
        phase.model_copy(update={"steps": 2, "epochs": None, "batch": 2, "patch": 32, "precision": "float32"})
        for phase in recipe.phases
    ]
    changes = {"generator": narrow, "critics": tuple(critics), "phases": tuple(phases)}
    return recipe.model_copy(update=changes | {"content": content or {"l1": 1.0}})


@pytest.mark.parametrize("name", ON_FOLDERS)
def test_two_steps_of_every_phase(name: str, tmp_path: Path) -> None:
    recipe = toy(name)
    said = []
    model = fit(recipe, Noise(recipe), tmp_path / "run", callback=lambda progress: said.append(progress.losses))
    assert model.is_file()
    assert len(said) == 2 * len(recipe.phases)
    assert all(np.isfinite(value) for losses in said for value in losses.values())
    if recipe.critics:
        assert any("critic" in losses for losses in said)


@pytest.mark.parametrize("name", ON_FOLDERS)
def test_all_that_a_recipe_names_is_there(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.name == name
    assert set(recipe.content) <= set(list_losses())
    build_augmentations([one.model_dump() for one in recipe.augmentation])
    generator = build_generator(recipe.generator.architecture, recipe.generator.preset, **recipe.generator.arguments)
    parts = dict(generator.named_modules())
    assert {part for phase in recipe.phases for part in phase.freeze} <= parts.keys()
    for told in recipe.critics:
        condition = generator.in_channels if told.conditional else 0
        channels = {"in_channels": generator.out_channels, "condition_channels": condition}
        critic = build_critic(told.architecture, told.preset, **(channels | told.arguments))
        side = min(phase.patch for phase in recipe.phases if phase.train != "generator")
        assert critic.least_size <= side


@pytest.mark.parametrize(
    ("name", "generator", "critic"),
    [  # millions of parameters of the papers' and the tutorials' own networks, as counted by building those
        ("pix2pix", 54.414, 2.769),
        ("deblurgan", 11.378, 2.765),
        ("deblurgan-v2", 35.84, 13.919),
        ("deblurgan-v2-mobile", 2.107, 13.919),
        ("keras-deblurgan", 11.38, 3.1),
        ("torch-enhance", 16.698, None),
    ],
)
def test_networks_are_the_originals(name: str, generator: float, critic: float | None) -> None:
    recipe = read_recipe(name)
    built = build_generator(recipe.generator.architecture, recipe.generator.preset, **recipe.generator.arguments)
    assert millions(built) == pytest.approx(generator, rel=1e-3)
    if critic:
        (told,) = recipe.critics
        channels = {"in_channels": 3, "condition_channels": 3 if told.conditional else 0}
        judge = build_critic(told.architecture, told.preset, **(channels | told.arguments))
        assert millions(judge) == pytest.approx(critic, rel=0.02)


def millions(network: torch.nn.Module) -> float:
    return sum(weight.numel() for weight in network.parameters()) / 1e6


def test_four_times_larger_from_sharp_pictures(tmp_path: Path) -> None:
    recipe = read_recipe("torch-enhance")
    for name in range(2):
        pixels = np.random.default_rng(name).integers(0, 256, (90, 90, 3), dtype=np.uint8)
        write_image(tmp_path / f"{name}.png", Image(pixels, "YXS"))
    pairs = open_splits(tmp_path, shares=(0, 0), **recipe.data).training
    pair = pairs.draw(0, 64, np.random.default_rng(0))
    assert pair.degraded.shape == (3, 16, 16)
    assert pair.sharp.shape == (3, 64, 64)
    torch.testing.assert_close(pair.degraded.mean(), pair.sharp.mean(), atol=0.02, rtol=0)
