"""Does any kind of recipe diverge? 500 steps of each, three seeds, small networks; a table and the curves.

Beside the kinds that recipes have, five do what none does, so that one sees how a run looks that goes wrong.

    python benchmarks/stability.py --out docs/results [--steps 500] [--seeds 0 1 2] [--kinds content bce …]

Trained on photographs of scikit-image (astronaut, public domain, NASA; coffee, CC0, R. Michel; cat, CC0, S. van der
Walt), gray, blurred by a Gaussian of 1.5 pixels with noise of 0.01; judged on a strip that isn't trained on. A run has
diverged if the median of its content over the last tenth is above that over the first tenth, or isn't finite.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import ndimage
from skimage import color, data

from gan_lessons.data import Pair
from gan_lessons.errors import InputError
from gan_lessons.training import Recipe, fit
from gan_lessons.zoo import load_model

PATCHGAN = {"architecture": "patchgan", "arguments": {"width": 8, "depth": 2, "norm": "none"}}
ADAM = {"name": "adam", "betas": [0.5, 0.999]}
KINDS: dict[str, dict[str, Any]] = {
    "content": {},
    "bce": {"objective": "bce", "weight": 0.01, "smoothing": 0.1, "conditional": True},
    "lsgan": {"objective": "lsgan", "weight": 0.01, "noise": {"deviation": 0.05, "of": "real"}},
    "wgan, clipped": {"objective": "wgan", "weight": 0.01, "penalty": {"name": "clip", "weight": 0.01}, "steps": 2},
    "wgan-gp": {"objective": "wgan-gp", "weight": 0.001, "steps": 2},
    "hinge, r1": {"objective": "hinge", "weight": 0.01, "penalty": {"name": "r1", "weight": 1.0}},
    "ragan": {"objective": "ragan", "weight": 0.01},
    "ragan-ls": {"objective": "ragan-ls", "weight": 0.01},
}
ALONE = {  # what no recipe does: next to no content, and a critic that learns ten times as fast
    "bce, alone": {"objective": "bce", "weight": 1.0},
    "lsgan, alone": {"objective": "lsgan", "weight": 1.0},
    "wgan, clipped, alone": {"objective": "wgan", "weight": 1.0, "penalty": {"name": "clip", "weight": 0.01}},
    "wgan-gp, alone": {"objective": "wgan-gp", "weight": 1.0},
    "ragan-ls, alone": {"objective": "ragan-ls", "weight": 1.0},
}
KINDS |= ALONE


@dataclass(frozen=True)
class Photographs:
    """Strips of three photographs, blurred: the upper three quarters to train on, the lower quarter to judge by."""

    sharp: tuple[np.ndarray, ...]
    degraded: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.sharp)

    def draw(self, index: int, patch: int, rng: np.random.Generator) -> Pair:
        sharp = self.sharp[index]
        y, x = (int(rng.integers(side - patch + 1)) for side in sharp.shape)
        window = np.s_[y : y + patch, x : x + patch]
        return Pair(*(torch.from_numpy(one[window].copy())[None] for one in (self.degraded[index], sharp)))


def photographs() -> tuple[Photographs, Photographs]:
    rng, sharp, degraded = np.random.default_rng(0), [], []
    for photograph in (data.astronaut(), data.coffee(), data.chelsea()):
        gray = color.rgb2gray(photograph).astype(np.float32)
        noise = rng.normal(0, 0.01, gray.shape)
        sharp.append(gray)
        degraded.append((ndimage.gaussian_filter(gray, 1.5) + noise).astype(np.float32))
    parts = [[], []]
    for part, cut in zip(parts, (np.s_[: 3 * 300 // 4], np.s_[3 * 300 // 4 : 300]), strict=True):
        part += [tuple(image[cut] for image in images) for images in (sharp, degraded)]
    return Photographs(*parts[0]), Photographs(*parts[1])


def make_recipe(kind: str, seed: int, steps: int) -> Recipe:
    critics = [{**PATCHGAN, "optimizer": ADAM, **KINDS[kind]}] if KINDS[kind] else []
    alone = kind in ALONE
    phase = {"steps": steps, "batch": 2, "patch": 32, "rate": 1e-3, "precision": "float32"}
    phase["critic_rate"] = 2e-3 if alone else 2e-4
    return Recipe.model_validate(
        {
            "name": kind,
            "purpose": "To see whether it diverges.",
            "axes": "YX",
            "seed": seed,
            "generator": {"architecture": "unshuffle-unet", "arguments": {"widths": [8, 16]}},
            "optimizer": {"name": "adam"},
            "content": {"charbonnier": 0.001 if alone else 1},
            "critics": critics,
            "phases": [phase],
            "interval": steps // 5,
        }
    )


def train(kind: str, seed: int, steps: int, run: Path) -> dict[str, Any]:
    training, held_out = photographs()
    advice: list[str] = []
    began = time.process_time()
    try:
        path = fit(
            make_recipe(kind, seed, steps),
            training,
            run,
            validation=held_out,
            callback=lambda progress: advice.extend(progress.advice),
        )
    except InputError as error:
        return {"diverged": str(error), "advice": advice}
    with (run / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    content = np.array([float(row["charbonnier"]) for row in rows])
    tenth = len(content) // 10
    return {
        "content": content,
        "steps": np.array([int(row["step"]) for row in rows]),
        "critic": np.array([float(row.get("critic") or "nan") for row in rows]),
        "diverged": "" if np.median(content[-tenth:]) < np.median(content[:tenth]) else "content rose",
        "figures": load_model(path).card.metrics,
        "advice": advice,
        "seconds": time.process_time() - began,
    }


def write(results: dict[str, list[dict[str, Any]]], out: Path, command: str) -> None:
    lines = [
        "# Does any kind of recipe diverge?",
        "",
        f"`{command}`: {__doc__.split(chr(10) * 2)[3].strip()}",
        "",
        "| objective | diverged | PSNR in dB (worst seed) | degraded | SSIM | degraded | advice that the run gave |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, runs in results.items():
        bad = sum(bool(run["diverged"]) for run in runs)
        good = [run["figures"] for run in runs if "figures" in run]
        mean = {name: np.mean([one[name] for one in good]) for name in good[0]} if good else {}
        worst = min((one["validation psnr"] for one in good), default=float("nan"))
        told = sorted({text.split(" (")[0].split(":")[0] for run in runs for text in run["advice"]})
        cells = [kind, f"{bad} of {len(runs)}"]
        if mean:
            cells.append(f"{mean['validation psnr']:.2f} ({worst:.2f})")
            cells += [f"{mean['input psnr']:.2f}", f"{mean['validation ssim']:.3f}", f"{mean['input ssim']:.3f}"]
        lines.append(f"| {' | '.join([*cells, '; '.join(told) or '–'])} |")
    (out / "stability.md").write_text("\n".join([*lines, "", "![curves](stability.png)", ""]), encoding="utf-8")
    draw(results, out / "stability.png")


def draw(results: dict[str, list[dict[str, Any]]], file: Path) -> None:
    """Draw an objective a column: its content and its critic's loss, beside content and alone."""
    columns = [kind.removesuffix(", alone") for kind in ALONE if kind in results]
    figure, axes = plt.subplots(2, len(columns), figsize=(3 * len(columns), 5), sharex=True, squeeze=False)
    for (above, below), kind in zip(axes.T, columns, strict=True):
        for name, shade, label in ((kind, "C0", "beside content"), (f"{kind}, alone", "C3", "next to no content")):
            for run in (run for run in results.get(name, ()) if "content" in run):
                above.semilogy(run["steps"], ndimage.uniform_filter1d(run["content"], 5), shade, lw=0.8, label=label)
                below.plot(run["steps"], run["critic"], shade, lw=0.6)
                label = None
        above.set_title(kind)
        below.set(xlabel="step", yscale="symlog")
    axes[0, 0].set_ylabel("Charbonnier")
    axes[1, 0].set_ylabel("critic's loss")
    axes[0, 0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(file, dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    results: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in options.seeds:
            for kind in options.kinds:
                run = train(kind, seed, options.steps, Path(folder) / f"{kind}-{seed}")
                results.setdefault(kind, []).append(run)
                print(kind, seed, run["diverged"] or "", run.get("figures"), round(run.get("seconds", 0)), flush=True)
            write(results, options.out, f"python benchmarks/stability.py --steps {options.steps}")


if __name__ == "__main__":
    main()
