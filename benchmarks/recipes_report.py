"""Write what `recipes.py` measured: a table, the curves, and one held-out photograph as every recipe restores it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Picture

TITLE = """# Every recipe, trained small

    python benchmarks/recipes.py --images ../shared/data --work FOLDER --steps {steps} --seeds {seeds}

{steps} steps each, patches of 64 pixels, batches of two, narrow networks (`SMALL` in the script), one thread; the
losses, critics, optimizers, rates and phases are the recipes'. Judged on patches of 192 pixels of photographs that no
run saw, blurred by a camera that shook over 15 to 30 pixels. PSNR and SSIM are means over the photographs and seeds; in
brackets, from the lowest seed to the highest. Diverged: a loss that wasn't finite. Seconds are the processor's.

What it shows is that each recipe runs, learns and stays finite, **not how good it becomes**: the papers train for 300
epochs of 2,103 large pairs, a thousand times as long. Networks that make the whole image anew (`pix2pix`, `keras-unet`,
`torch-srgan-deblur`) begin far below the blurred input's PSNR; 500 steps bring them structure, not yet every color. The
tutorials' ideals (30 dB, SSIM 0.85, LPIPS 0.2) are out of reach in this time for all but `ssim-finetune`, which begins
at a shipped model. LPIPS is SqueezeNet's here, on approximate weights: it ranks rows, and isn't the tutorials'. Edges
kept are the intersection over union of Canny's.

Perceptual terms are SqueezeNet's where the recipe names VGG's, and encoders MobileNetV2's (approximate ImageNet
weights): the originals' files weren't at hand. So `deblurgan-v2` is here its Inception recipe on the encoder of
`deblurgan-v2-mobile`, step for step the same. `ssim-finetune` began at `photo-motion` before its fourth level. With
VGG's weight SqueezeNet's term rules: in the last step of `deblurgan-v2-dsc`, 0.006 × 2,133 beside 0.5 × 0.062 of the
MSE, which the false colors show; whoever trains with it should weigh it anew. Instance norm, too, restores with
statistics that 500 steps of two patches hardly settle.

"""

ATTRIBUTION = """
Photographs: *astronaut* (NASA, public domain), *chelsea* (Stéfan van der Walt, CC0), both with scikit-image; GoPro
scenes (Nah et al. 2017, CC BY 4.0). Trained on those that `training/images.csv` lists under CC0, CC BY or as public
domain.
"""


def write_report(work: Path, out: Path, steps: int, names: Sequence[str]) -> None:
    """Write ``recipes.md``, ``recipes-curves.png`` and ``recipes-pictures.png``."""
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for file in sorted((work / "runs").glob("*/result.json")):
        result = json.loads(file.read_text(encoding="utf-8"))
        runs[result["recipe"]].append(result | {"folder": file.parent})
    out.mkdir(parents=True, exist_ok=True)
    seeds = max(len(results) for results in runs.values())
    table = [
        "| recipe | parameters | steps | seconds | blurred | restored | LPIPS | edges kept | seeds that diverged |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    table += [_row(name, results) for name, results in runs.items()]
    text = TITLE.format(steps=steps, seeds=seeds) + "\n".join(table) + "\n" + _two_stages(runs)
    if missing := [f"`{name}`" for name in names if name not in runs]:
        text += f"\nNot run yet: {', '.join(missing)}. The command goes on where it was.\n"
    text += "\n![Losses](recipes-curves.png)\n\n![Blurred, restored, sharp](recipes-pictures.png)\n" + ATTRIBUTION
    (out / "recipes.md").write_text(text, encoding="utf-8")
    _draw_curves(runs, out / "recipes-curves.png")
    _draw_pictures(runs, out / "recipes-pictures.png")


def _row(name: str, results: list[dict[str, Any]]) -> str:
    fine = [result for result in results if "validation psnr" in result]
    if not fine:
        return f"| `{name}` | | | | | | | | {len(results)} of {len(results)} |"
    first = fine[0]
    blurred = (
        f"{first['input psnr']:.2f} dB, {first['input ssim']:.3f}" if "input psnr" in first else "(a quarter the size)"
    )
    psnr, ssim = ([result[f"validation {what}"] for result in fine] for what in ("psnr", "ssim"))
    ranges = f"{min(psnr):.2f}–{max(psnr):.2f}, {min(ssim):.3f}–{max(ssim):.3f}"
    restored = f"{np.mean(psnr):.2f} dB, {np.mean(ssim):.3f} ({ranges})"
    seconds = np.mean([result["seconds"] for result in fine])
    looks = [f"{np.mean([one[what] for one in fine if what in one]):.3f}" for what in ("lpips", "edges")]
    cells = [f"`{name}`", f"{first['parameters']:,}", first["steps"], f"{seconds:.0f}", blurred, restored, *looks]
    return "| " + " | ".join(map(str, cells)) + f" | {len(results) - len(fine)} of {len(results)} |"


def _two_stages(runs: dict[str, list[dict[str, Any]]]) -> str:
    """Say how content first, then both, compares with both from scratch in the same time, seed by seed."""
    names = ("pix2pix-two-stage", "pix2pix, two-stage's time")
    two, joint = ({one["seed"]: one for one in runs.get(name, [])} for name in names)
    gains = [
        two[seed]["validation psnr"] - joint[seed]["validation psnr"] for seed in sorted(two.keys() & joint.keys())
    ]
    if not gains:
        return ""
    listed = ", ".join(f"{gain:+.2f}" for gain in gains)
    return f"\nTwo stages against both from scratch in the same processor time, a seed at a time: {listed} dB.\n"


def _draw_curves(runs: dict[str, list[dict[str, Any]]], path: Path) -> None:
    from matplotlib.figure import Figure

    columns = 4
    rows = -(-len(runs) // columns)
    figure = Figure(figsize=(4 * columns, 2.4 * rows), layout="constrained")
    axes = np.ravel(figure.subplots(rows, columns))
    for one, (name, results) in zip(axes, runs.items(), strict=False):
        for result in results:
            for term, color in ((result["content"][0], "C0"), ("critic", "C1")):
                values = np.array([step.get(term, np.nan) for step in result["curve"]])
                if np.isfinite(values).any():
                    one.plot(_smooth(values), color=color, lw=0.8, label=term if result["seed"] == 0 else None)
        one.set_title(name, fontsize=9)
        one.set_yscale("symlog", linthresh=1e-3)
        one.legend(fontsize=7)
    for one in axes[len(runs) :]:
        one.set_axis_off()
    figure.supxlabel("step")
    figure.savefig(path, dpi=80)


def _smooth(values: np.ndarray, width: int = 15) -> np.ndarray:
    """Average neighboring steps; a term that rests leaves a gap."""
    known = np.isfinite(values)
    kernel = np.ones(min(width, len(values)))
    sums, counts = np.convolve(np.where(known, values, 0), kernel, "same"), np.convolve(known, kernel, "same")
    return np.where(known & (counts > 0), sums / np.maximum(counts, 1), np.nan)


def _draw_pictures(runs: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Show the first held-out photograph: blurred, restored by the first seed, sharp."""
    from matplotlib.figure import Figure

    shown = [(name, one["folder"] / "picture.png") for name, results in runs.items() for one in results[:1]]
    shown = [(name, file) for name, file in shown if file.is_file()]
    columns = 2
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(6.4 * columns, 2.4 * rows), layout="constrained")
    axes = np.ravel(figure.subplots(rows, columns))
    for one in axes:
        one.set_axis_off()
    for one, (name, file) in zip(axes, shown, strict=False):
        picture = np.asarray(Picture.open(file))
        height = picture.shape[1] // 3
        one.imshow(picture[:height])
        one.set_title(f"{name}: blurred, restored, sharp", fontsize=9)
    figure.savefig(path, dpi=90)
