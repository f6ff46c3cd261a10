"""Train the papers' and the tutorials' recipes small, on free photographs; write docs/results/recipes.md.

    python benchmarks/recipes.py --images ../shared/data --work RUNS --steps 500 --seeds 3

Each run is kept in --work, so that a stopped benchmark goes on where it was. The recipes keep their losses, critics,
optimizers and rates; their networks are narrow, their patches 64 pixels, and their phases share the steps as they share
the epochs. Perceptual terms use SqueezeNet and encoders MobileNetV2 of --images/weights, whatever the recipe names.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recipes_report import write_report

from gan_lessons.data import Pairs, open_splits
from gan_lessons.data.degrading import RandomDegradation
from gan_lessons.data.synthesis import synthesize
from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.io import read_image, write_image
from gan_lessons.metrics.edges import edge_retention
from gan_lessons.metrics.lpips import LPIPS
from gan_lessons.training import fit
from gan_lessons.training.batch import Batch
from gan_lessons.training.folder import MODEL
from gan_lessons.training.recipe import Recipe, read_recipe
from gan_lessons.training.truths import LIST, listed, scale, shrink
from gan_lessons.training.validation import choose, draw_picture, look, measure
from gan_lessons.zoo import load_model

PATCH, SIDE, HELD_OUT = 64, 256, 192  # pixels: of training, of the photographs, of the patches that are judged

UNET = {"generator.arguments.width": 16, "generator.arguments.depth": 5, "critics.0.arguments.width": 16}
FPN = {"generator.arguments.width": 32, "critics.0.arguments.width": 16}
KERAS = {"critics.0.arguments.width": 16}
SMALL: dict[str, dict[str, Any]] = {
    "pix2pix": UNET,
    "pix2pix-two-stage": UNET,
    "deblurgan": {"generator.arguments": {"width": 16, "blocks": 3}, "critics.0.arguments.width": 16},
    "deblurgan-v2": FPN | {"generator.architecture": "fpn-mobilenet_v2"},
    "deblurgan-v2-mobile": FPN,
    "deblurgan-v2-dsc": FPN,
    "keras-unet": KERAS,
    "keras-unet-progressive": KERAS,
    "keras-deblurgan": {
        "generator.arguments": {"width": 16, "blocks": 3},
        "critics.0.arguments": {"size": PATCH, "width": 16, "hidden": 64},
    },
    "torch-srgan-deblur": {"generator.arguments.width": 24, "critics.0.arguments.width": 16},
    "torch-enhance": {"generator.arguments": {"width": 16, "growth": 8, "depth": 2}, "critics.0.arguments.width": 16},
    "torch-deblurgan-v2": FPN,
    "ssim-finetune": {},
}
"""What is narrower than in the recipe. Inception's weights are not at hand: its row has MobileNetV2 instead."""


def small(name: str, steps: int, seed: int, weights: Path) -> Recipe:
    """Return a recipe with narrow networks and so many steps, on the weights that there are."""
    changes = SMALL[name] | {"seed": seed}
    recipe = read_recipe(name, [f"{key}={json.dumps(value)}" for key, value in changes.items()])
    content: dict[str, Any] = {}
    for term, told in recipe.content.items():
        if term.startswith("perceptual") and isinstance(told, dict):
            file = str(weights / "squeezenet1_1_features_fp16.pth")
            content["perceptual-squeezenet1_1"] = {"weight": told["weight"], "weights": file}
        else:
            content[term] = told
    generator = recipe.generator
    if generator.architecture.startswith("fpn"):
        generator = generator.model_copy(update={"backbone": str(weights / "mobilenet_v2_imagenet_fp16.pth")})
    lengths = [phase.steps or phase.epochs or 0 for phase in recipe.phases]
    largest = max(phase.patch for phase in recipe.phases)
    phases = [
        phase.model_copy(
            update={
                "steps": max(5, round(steps * length / sum(lengths))),
                "epochs": None,
                "batch": 2,
                "patch": max(32, PATCH * phase.patch // largest),
            }
        )
        for phase, length in zip(recipe.phases, lengths, strict=True)
    ]
    return recipe.model_copy(update={"content": content, "generator": generator, "phases": tuple(phases)})


def make_photographs(images: Path, work: Path) -> None:
    """Write the listed photographs under CC0, CC BY or in the public domain, and the same with a shaken camera."""
    for split in ("training", "held-out"):
        folder = work / split
        if (work / f"{split} pairs").is_dir():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for entry in listed("photo", split):
            path = _locate(images, entry.path)
            if path.is_file() and entry.licence.startswith(("CC0", "CC BY", "public domain")):
                pixels = np.moveaxis(np.asarray(read_image(path).data)[..., :3], -1, 0).astype(np.float32)
                shrunk = scale(shrink(pixels, entry.bin))
                top, left = (max(0, side - SIDE) // 2 for side in shrunk.shape[1:])
                cut = np.clip(shrunk[:, top : top + SIDE, left : left + SIDE], 0, 1)
                stored = np.ascontiguousarray(np.moveaxis(np.rint(cut * 255), 0, -1).astype(np.uint8))
                write_image(folder / f"{path.stem}.png", Image(stored, "YXS"), overwrite=True)
        shake = RandomDegradation("camera-shake", {"length_px": (15, 30)})
        count = 100 if split == "training" else None
        synthesize(folder, work / f"{split} pairs", shake, count=count, seed=split == "held-out")


def _locate(images: Path, path: str) -> Path:
    if path.startswith("skimage/"):
        import skimage.data

        return Path(skimage.data.__file__).parent / path.removeprefix("skimage/")
    return images / path


def open_folder(recipe: Recipe, work: Path, split: str) -> Pairs:
    folder = work / split if "degradation" in recipe.data else work / f"{split} pairs"
    return open_splits(folder, shares=(0.0, 0.0), **recipe.data).training


def train(name: str, steps: int, seed: int, images: Path, work: Path, title: str = "") -> dict[str, Any]:
    """Train once, unless that was done; keep the curve, the held-out figures and a picture."""
    run = work / "runs" / f"{title or name} {seed}"
    recipe = small(name, steps, seed, images / "weights")
    held_out = choose(open_folder(recipe, work, "held-out"), HELD_OUT, seed=0)
    if (run / "result.json").is_file():
        result = dict(json.loads((run / "result.json").read_text(encoding="utf-8")))
        if "lpips" not in result and "diverged" not in result:  # of a run before there were all figures
            result |= judge(run, recipe, held_out, images)
            (run / "result.json").write_text(json.dumps(result), encoding="utf-8")
        return result
    shutil.rmtree(run, ignore_errors=True)  # what a stopped benchmark left
    curve: list[dict[str, float]] = []
    began = time.process_time()
    result: dict[str, Any] = {"recipe": title or name, "seed": seed, "content": list(recipe.content)}
    try:
        pairs = open_folder(recipe, work, "training")
        fit(recipe, pairs, run, callback=lambda progress: curve.append(dict(progress.losses)))
    except InputError as error:
        if "finite" not in str(error):
            raise
        result["diverged"] = str(error)
    else:
        result |= judge(run, recipe, held_out, images)
    result |= {"seconds": time.process_time() - began, "steps": len(curve), "curve": curve}
    run.mkdir(parents=True, exist_ok=True)
    (run / "result.json").write_text(json.dumps(result), encoding="utf-8")
    print({key: value for key, value in result.items() if key != "curve"}, flush=True)
    return result


def judge(run: Path, recipe: Recipe, held_out: list[Batch], images: Path) -> dict[str, float]:
    """Restore the held-out patches, keep a picture, and return the figures that the tutorials give, and the size."""
    generator = load_model(run / MODEL).generator
    views = look(generator, held_out, recipe.value_range)
    draw_picture(views, run / "picture.png")
    lpips = LPIPS("squeeze", images / "weights" / "squeezenet1_1_features_fp16.pth")
    pairs = [tuple(np.moveaxis(image, 0, -1) for image in (view.restored, view.sharp)) for view in views]
    return measure(views) | {
        "lpips": float(np.mean([lpips(*pair, value_range=(0, 1), color=True) for pair in pairs])),
        "edges": float(np.mean([edge_retention(a.mean(-1), b.mean(-1), 1.0) for a, b in pairs])),
        "parameters": sum(weight.numel() for weight in generator.parameters()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help=f"folder that the paths of {LIST.name} start from")
    parser.add_argument("--work", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(SMALL), help="recipes")
    given = parser.parse_args()
    torch.set_num_threads(1)
    make_photographs(given.images, given.work)
    for seed in range(given.seeds):
        took = {}
        for name in given.only:
            took[name] = train(name, given.steps, seed, given.images, given.work)["seconds"]
        if {"pix2pix", "pix2pix-two-stage"} <= took.keys():
            steps = round(given.steps * took["pix2pix-two-stage"] / took["pix2pix"])
            train("pix2pix", steps, seed, given.images, given.work, title="pix2pix, two-stage's time")
        write_report(given.work, given.out, given.steps, list(SMALL))


if __name__ == "__main__":
    main()
