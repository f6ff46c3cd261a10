"""What does each part of a pix2pix-like recipe do? One part changed at a time; docs/results/ablations.md and .png.

    python benchmarks/ablations.py --work RUNS [--out docs/results] [--steps 300] [--seeds 0 1 2]

The photographs of `stability.py`: gray, blurred by a Gaussian of 1.5 pixels, strips held out. The base is a U-Net of
three levels and 16 channels, a conditional PatchGAN, BCE and 100 · L1, Adam, batches of two patches of 64 pixels.
Detail is the energy that a Gaussian of two pixels takes away, over that of the sharp image's. The grid is what repeats
every 8 pixels of the error (the network's stride): the deviation of its mean block, in gray levels of 255. Finished
runs are kept in --work.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from stability import photographs

from gan_lessons.metrics.full_reference import psnr, ssim
from gan_lessons.training import Recipe, fit
from gan_lessons.zoo import load_model

ADAM = {"name": "adam", "betas": [0.5, 0.999]}
PATCHGAN: dict[str, Any] = {"architecture": "patchgan", "arguments": {"width": 16, "depth": 2}, "conditional": True}
CRITIC = {**PATCHGAN, "objective": "bce", "weight": 1.0, "optimizer": ADAM}
UNET = {"width": 16, "depth": 3, "dropout": 0.0}
BASE: dict[str, Any] = {
    "generator": {"architecture": "unet", "arguments": UNET},
    "critics": [CRITIC],
    "content": {"l1": 100},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "base: L1 × 100, one critic": {},
    "L1 × 1": {"content": {"l1": 1}},
    "L1 × 10": {"content": {"l1": 10}},
    "L1 × 1000": {"content": {"l1": 1000}},
    "no critic": {"critics": []},
    "attention at the bottom": {"generator": {"architecture": "unet", "arguments": {**UNET, "attention": True}}},
    "resized, not transposed": {"generator": {"architecture": "unet", "arguments": {**UNET, "upsampling": "resize"}}},
    "critics at two scales": {
        "critics": [
            {
                **CRITIC,
                "architecture": "multiscale",
                "arguments": {"width": 16, "depth": 2, "weights": [0.6, 0.4], "norm": "batch"},
            }
        ]
    },
    "dual critic, local and global": {
        "critics": [{**CRITIC, "architecture": "dual", "arguments": {"width": 16, "depths": [2, 3], "norm": "batch"}}]
    },
}
STRIDE = 8


def make_recipe(variant: str, seed: int, steps: int) -> Recipe:
    told = {
        "name": "ablation",
        "purpose": "To see what a part does.",
        "axes": "YX",
        "seed": seed,
        "value_range": [-1, 1],
        "optimizer": ADAM,
        "ema": 0,
        "clip": None,
        "phases": [{"steps": steps, "batch": 2, "patch": 64, "rate": 1e-3, "critic_rate": 2e-4}],
        **BASE,
        **VARIANTS[variant],
    }
    told["generator"]["arguments"] |= {"in_channels": 1}
    return Recipe.model_validate(told)


def detail(image: np.ndarray) -> np.ndarray:
    return np.asarray(image - ndimage.gaussian_filter(image, 2))


def grid(error: np.ndarray) -> float:
    """Return the deviation of an error's mean block."""
    rows, columns = (side // STRIDE for side in error.shape)
    blocks = error[: rows * STRIDE, : columns * STRIDE].reshape(rows, STRIDE, columns, STRIDE)
    return 255 * float(blocks.mean((0, 2)).std())


@torch.no_grad()
def judge(model: Path) -> tuple[dict[str, float], np.ndarray]:
    generator = load_model(model).generator
    rows, pictures = [], []
    _, held_out = photographs()
    for degraded, sharp in zip(held_out.degraded, held_out.sharp, strict=True):
        restored = (generator(torch.from_numpy(2 * degraded - 1)[None, None])[0, 0].numpy() + 1) / 2
        pictures.append(restored)
        kept = detail(restored).var() / detail(sharp).var()
        rows.append((psnr(restored, sharp, 1.0), ssim(restored, sharp, 1.0), kept, grid(restored - sharp)))
    return dict(zip(("psnr", "ssim", "detail", "grid"), map(float, np.mean(rows, 0)), strict=True)), pictures[0]


def blurred() -> float:
    _, held_out = photographs()
    return float(np.mean([psnr(*pair, 1.0) for pair in zip(held_out.degraded, held_out.sharp, strict=True)]))


def train(variant: str, seed: int, steps: int, work: Path) -> dict[str, Any]:
    run = work / f"{variant.replace(' ', '-').replace(':', '')}-{seed}-{steps}"
    if (run / "result.json").is_file():
        return dict(json.loads((run / "result.json").read_text(encoding="utf-8")))
    began = time.process_time()
    model = fit(make_recipe(variant, seed, steps), photographs()[0], run, resume=run.is_dir())
    figures, picture = judge(model)
    result = figures | {"seconds": time.process_time() - began}
    np.save(run / "picture.npy", picture)
    (run / "result.json").write_text(json.dumps(result), encoding="utf-8")
    print(variant, seed, {name: round(value, 3) for name, value in result.items()}, flush=True)
    return result


def write(results: dict[str, list[dict[str, Any]]], work: Path, out: Path, steps: int) -> None:
    seeds = max(map(len, results.values()))
    lines = [
        "# What each part does",
        "",
        f"    python benchmarks/ablations.py --work RUNS --steps {steps} --seeds {' '.join(map(str, range(seeds)))}",
        "",
        __doc__.split("\n\n")[2].strip(),
        "",
        "Mean, and lowest to highest seed. **Small**: it shows directions, not what a part is worth in full training:",
        f"after {steps} steps none has come up to the blurred images ({blurred():.2f} dB), which they make anew.",
        "",
        "| changed | PSNR in dB | SSIM | detail | grid | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for variant, runs in results.items():
        cells = [variant]
        for name, digits in (("psnr", 2), ("ssim", 3), ("detail", 2), ("grid", 2)):
            values = [run[name] for run in runs]
            cells.append(f"{np.mean(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})")
        lines.append(f"| {' | '.join(cells)} | {np.mean([run['seconds'] for run in runs]):.0f} |")
    text = "\n".join(
        [*lines, "", "![PSNR, detail and grid of each; a held-out strip as each restores it](ablations.png)"]
    )
    (out / "ablations.md").write_text(text + "\n", encoding="utf-8")
    draw(results, work, out / "ablations.png", steps)


def draw(results: dict[str, list[dict[str, Any]]], work: Path, file: Path, steps: int) -> None:
    from matplotlib.figure import Figure

    names = list(results)
    figure = Figure(figsize=(11, 8), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.15))
    axes = above.subplots(1, 3, sharey=True)
    for axis, (figure_name, title) in zip(
        axes,
        (("psnr", "PSNR in dB"), ("detail", "detail, of the sharp image's"), ("grid", "grid, gray levels")),
        strict=True,
    ):
        for place, name in enumerate(names):
            values = [run[figure_name] for run in results[name]]
            axis.plot(values, [place] * len(values), "o", color=f"C{place}", ms=5)
        axis.axvline(np.mean([run[figure_name] for run in results[names[0]]]), color="0.7", lw=0.8, zorder=0)
        axis.set_title(title, fontsize=9)
    axes[0].set_yticks(range(len(names)), names, fontsize=8)
    axes[0].invert_yaxis()
    _, held_out = photographs()
    shown = {"blurred": held_out.degraded[0], "sharp": held_out.sharp[0]}
    for name in names:
        path = work / f"{name.replace(' ', '-').replace(':', '')}-0-{steps}" / "picture.npy"
        shown |= {name: np.load(path)} if path.is_file() else {}
    for axis in (grid_axes := below.subplots(3, 4).ravel()):
        axis.axis("off")
    for axis, (name, image) in zip(grid_axes, shown.items(), strict=False):
        axis.imshow(image[:75, 180:330], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.set_title(name, fontsize=8)
    figure.savefig(file, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    torch.set_num_threads(1)
    results: dict[str, list[dict[str, Any]]] = {}
    for seed in given.seeds:
        for variant in VARIANTS:
            results.setdefault(variant, []).append(train(variant, seed, given.steps, given.work))
        write(results, given.work, given.out, given.steps)


if __name__ == "__main__":
    main()
