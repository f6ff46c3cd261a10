"""A model trained for fidelity beside its adversarial sibling: fidelity, looks, and what is false in the detail.

    python benchmarks/siblings.py photo-motion [--sibling FILE] --images ../shared/data [--every 4] [--out PICTURE]

With --ship FILE the sibling is written there, both models' figures in its card.

Held-out cases of `quality.py`, every so many-th, their middle 320 pixels. Detail is what a Gaussian of two pixels takes
away. Of a restored image's detail the part along the truth's is right (1 is all of it), the rest false (its energy over
that of the truth's). LPIPS is SqueezeNet's, lower is nearer, approximate where the weights are. The noise gain is that
of a blank field: the deviation that is left of its noise. The grid is the largest peak in the restored image's spectrum
at the step of the generator's pixel shuffle, over the power around it; of values to the power of 0.4, so that dark
parts count. Means, of the grid the median; differences with 95 % intervals (Student's t).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from itertools import islice, product
from pathlib import Path

import numpy as np
import torch
from quality import CASES, Case, interval
from scipy import ndimage

from gan_lessons import restore
from gan_lessons.metrics.edges import edge_retention
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim
from gan_lessons.metrics.lpips import LPIPS
from gan_lessons.metrics.trust import false_structure
from gan_lessons.zoo import Model, load_model, save_model

SIDE = 320
FIGURES = ("PSNR", "SSIM", "LPIPS", "edges kept", "right detail", "false detail", "noise gain", "false spots", "grid")
AROUND = 10  # frequency steps on each side of a peak


def middle(case: Case) -> Case:
    """Cut the middle of a case of planes (Y, X) or (Y, X, 3)."""
    box = tuple(
        slice((side - SIDE) // 2, (side - SIDE) // 2 + SIDE) if side > SIDE else slice(None)
        for side in case.image.shape[:2]
    )
    return replace(case, truth=case.truth[box], image=case.image[box])


def detail(image: np.ndarray) -> np.ndarray:
    sigma = (2, 2, 0)[: image.ndim]
    return np.asarray(image - ndimage.gaussian_filter(image, sigma), np.float64).ravel()


def grid(image: np.ndarray, low: float, wide: float, period: int) -> float:
    """Return the largest of the peaks that a pattern of this period has, over the median power around each."""
    plane = np.clip((image.mean(-1) if image.ndim == 3 else image) - low, 0, None) / wide
    rows, columns = (side // period * period for side in plane.shape)
    plane = plane[:rows, :columns] ** 0.4
    power = np.abs(np.fft.fft2((plane - plane.mean()) * np.outer(np.hanning(rows), np.hanning(columns)))) ** 2
    near = np.arange(-AROUND, AROUND + 1)
    peaks = []
    for y, x in product(range(0, rows, rows // period), range(0, columns, columns // period)):
        box = power[np.ix_((y + near) % rows, (x + near) % columns)]
        peaks.append(box[AROUND - 1 : AROUND + 2, AROUND - 1 : AROUND + 2].mean() / np.median(box))
    return float(max(peaks[1:]))  # the first is the mean's


def blank(restored: Callable[[np.ndarray], np.ndarray], case: Case) -> tuple[float, float]:
    """Return the noise gain of blank fields, and how many false spots they show."""
    if case.image.ndim == 2:
        found = false_structure(restored, case.image)
        return found.noise_gain, found.count
    gray = np.random.default_rng(0).normal(0.5, 0.01, case.image.shape).astype(np.float32)
    canvas = np.concatenate([case.image, gray])
    inner = restored(canvas)[len(gray) + 64 : -64, 64:-64]
    return float((inner - inner.mean((0, 1))).std() / 0.01), float("nan")


def measure(case: Case, model: Model, psf: np.ndarray | None, lpips: LPIPS) -> tuple[dict[str, float], np.ndarray]:
    color = case.image.ndim == 3
    wide = 1.0 if color else photon_range(case.truth)
    low = 0.0 if color else float(case.truth.min())

    def restored(image: np.ndarray) -> np.ndarray:
        return np.asarray(restore(image, model, psf=psf, axes="YXC" if color else "YX", dtype="float32"))

    result = restored(case.image)
    ours, truth = detail(result), detail(case.truth)
    right = ours @ truth / (truth @ truth)
    gain, spots = blank(restored, case)
    channels = (np.moveaxis(image, -1, 0) if color else image for image in (result, case.truth))
    values = (
        psnr(result, case.truth, wide),
        ssim(*channels, wide),
        lpips(result, case.truth, value_range=(low, low + wide), color=color),
        edge_retention(result.mean(-1) if color else result, case.truth.mean(-1) if color else case.truth, wide),
        right,
        float(np.sum((ours - right * truth) ** 2) / (truth @ truth)),
        gain,
        spots,
        grid(result, low, wide, model.card.arguments["unshuffle"]),
    )
    return dict(zip(FIGURES, map(float, values), strict=True)), result


def draw(pictures: list[dict[str, np.ndarray]], file: Path) -> None:
    from matplotlib.figure import Figure

    names = list(pictures[0])
    figure = Figure(figsize=(3 * len(names), 3.1 * len(pictures)), layout="constrained")
    for axes, row in zip(figure.subplots(len(pictures), len(names), squeeze=False), pictures, strict=True):
        low, high = np.percentile(row["truth"], [0.5, 99.7])
        for axis, (name, image) in zip(axes, row.items(), strict=True):
            box = tuple(slice(max(0, side - 160) // 2, max(0, side - 160) // 2 + 160) for side in image.shape[:2])
            axis.imshow(np.clip((image[box] - low) / (high - low), 0, 1), cmap="gray", interpolation="nearest")
            axis.set_title(name, fontsize=8)
            axis.axis("off")
    figure.savefig(file, dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["photo-motion", "fluo-2d"])
    parser.add_argument("--sibling", help="a model file; by default the shipped one")
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--psf", action="store_true", help="tell the PSF")
    parser.add_argument("--out", type=Path, help="PNG of the first cases")
    parser.add_argument("--ship", type=Path, help="write the sibling here, the figures in its card")
    given = parser.parse_args()
    torch.set_num_threads(1)
    names = (given.name, f"{given.name}-gan")
    models = load_model(given.name), load_model(given.sibling or names[1])
    lpips = LPIPS("squeeze", given.images / "weights" / "squeezenet1_1_features_fp16.pth")
    rows: list[tuple[dict[str, float], dict[str, float]]] = []
    pictures: list[dict[str, np.ndarray]] = []
    for case in map(middle, islice(CASES[given.name](given.images), 0, None, given.every)):
        psf = case.psf if given.psf else None
        (one, first), (other, second) = (measure(case, model, psf, lpips) for model in models)
        rows.append((one, other))
        pictures.append({case.name: case.image, names[0]: first, names[1]: second, "truth": case.truth})
        print(case.name, case.photons, {k: (round(one[k], 3), round(other[k], 3)) for k in FIGURES}, flush=True)
    print(f"| {len(rows)} cases | {names[0]} | {names[1]} | difference |\n|---|---|---|---|")
    metrics: dict[str, float] = {}
    for figure in FIGURES:
        a, b = (np.array([row[i][figure] for row in rows]) for i in (0, 1))
        if np.isfinite(a).all():
            typical = np.median if figure == "grid" else np.mean
            print(f"| {figure} | {typical(a):.3f} | {typical(b):.3f} | {interval(list(b - a))} |")
            metrics |= {figure: round(float(typical(b)), 3), f"{figure} of {names[0]}": round(float(typical(a)), 3)}
    if given.out:
        draw(pictures[:3], given.out)
    if given.ship:
        save_model(replace(models[1], card=replace(models[1].card, metrics=metrics)), given.ship, half=True)


if __name__ == "__main__":
    main()
