"""Does restoration help to count nuclei? F1 at an overlap of half against masks drawn by hand.

    python benchmarks/detection.py --images SEGMENTATION/dsb2018 [--fields 20] [--out PICTURE]

Fields of DSB 2018 (bright nuclei on dark) are taken for the specimen, blurred by a Gaussian, and recorded with Poisson
noise. All methods but the blind one have the true PSF; Richardson–Lucy and Wiener have `deconvolve`'s own settings, and
the best number of iterations that the truth tells, which nobody has, as a row of its own. The judge is `segment_nuclei`
with one diameter a field, the median of its masks, for every image alike. Intervals are of 1000 resamplings of fields.
"""

from __future__ import annotations

import argparse
import csv
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from skimage.io import imread

from gan_lessons.degradations import GaussianBlur, PoissonGaussian, convolve
from gan_lessons.metrics.nuclei import segment_nuclei
from gan_lessons.metrics.objects import Matching, dice, match_objects
from gan_lessons.restoration import deconvolve, restore

CASES = ((2.0, 100.0), (4.0, 100.0), (4.0, 20.0), (6.0, 100.0))  # pixels, σ; photons at the brightest
ITERATIONS = (10, 30, 100)
DARK = 2.0  # photons


def fields(folder: Path, count: int) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Return specimen, labels and the median diameter of fields with ten nuclei or more, bright on dark."""
    with (resources.files("gan_lessons.training") / "images.csv").open(encoding="utf-8") as file:
        trained = {Path(row["path"]).name for row in csv.DictReader(file) if row["split"] == "training"}
    found = []
    for path in sorted(folder.glob("*_image.png")):
        image = imread(path).astype(float)
        labels = imread(path.with_name(path.name.replace("_image.png", "_label.tif"))).astype(int)
        sizes = np.bincount(labels.ravel())[1:]
        sizes = sizes[sizes > 0]
        if path.name in trained or len(sizes) < 10 or image[labels > 0].mean() < 1.5 * image[labels == 0].mean():
            continue
        found.append((image / image.max(), labels, float(np.sqrt(np.median(sizes) * 4 / np.pi))))
    return found[:count]


def methods(raw: np.ndarray, psf: np.ndarray, sharp: np.ndarray) -> dict[str, np.ndarray]:
    """Return every method's image."""
    image = raw.astype(np.float32)
    made = {"raw": image, "Wiener": deconvolve(image, psf, method="wiener", background=DARK)}
    for iterations in ITERATIONS:
        made[f"Richardson–Lucy, {iterations}"] = deconvolve(image, psf, iterations=iterations, background=DARK)
    made["fluo-2d, blind"] = restore(image, "fluo-2d")
    made["fluo-2d, PSF known"] = restore(image, "fluo-2d", psf=psf)
    return {**made, "the sharp image": sharp}


def score(image: np.ndarray, labels: np.ndarray, diameter: float) -> tuple[Matching, float]:
    found = segment_nuclei(np.asarray(image), diameter)
    return match_objects(found, labels), dice(found > 0, labels > 0)


def f1(scores: list[Matching]) -> float:
    found, invented, missed = (sum(one[k] for one in scores) for k in range(3))
    return 2 * found / (2 * found + invented + missed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--fields", type=int, default=20)
    parser.add_argument("--out", type=Path, help="write a picture of one field there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    chosen = fields(options.images, options.fields)
    nuclei = sum(len(np.unique(labels)) - 1 for _, labels, _ in chosen)
    print(f"{len(chosen)} fields, {nuclei} nuclei\n")
    print("| blur σ, photons | image | F1 (95 %) | over raw (95 %) | counted | invented | missed | Dice |")
    print("|---|---|---|---|---|---|---|---|")
    shown = []
    for sigma, photons in CASES:
        psf = GaussianBlur((sigma, sigma)).kernel()
        table: dict[str, list[tuple[Matching, float]]] = {}
        for seed, (specimen, labels, diameter) in enumerate(chosen):
            light = photons * specimen + DARK
            raw = PoissonGaussian(electrons_per_unit=1.0, read_noise=1.5).apply(
                convolve(light, psf), np.random.default_rng(seed)
            )
            images = methods(raw, psf, light)
            for name, image in images.items():
                table.setdefault(name, []).append(score(image, labels, diameter))
            if seed == 0 and sigma == 4.0:
                shown.append((images, labels, diameter, f"σ {sigma:g}, {photons:g} photons"))
        draws = np.random.default_rng(0).integers(0, len(chosen), (1000, len(chosen)))
        for name, scores in table.items():
            both = [[f1([rows[k][0] for k in draw]) for draw in draws] for rows in (scores, table["raw"])]
            low, high = np.percentile(both[0], [2.5, 97.5])
            under, over = np.percentile(np.subtract(*both), [2.5, 97.5])
            matches = [one for one, _ in scores]
            gain = f1(matches) - f1([one for one, _ in table["raw"]])
            totals = [sum(one[k] for one in matches) for k in range(3)]
            change = "–" if name == "raw" else f"{gain:+.3f} ({under:+.3f} to {over:+.3f})"
            print(
                f"| {sigma:g}, {photons:g} | {name} | {f1(matches):.3f} ({low:.3f} to {high:.3f}) | {change} "
                f"| {totals[0] + totals[1]} | {totals[1]} | {totals[2]} | {np.mean([d for _, d in scores]):.3f} |",
                flush=True,
            )
    if options.out:
        draw_fields(shown, options.out)


def draw_fields(shown: list, path: Path) -> None:
    """Draw each image with the outlines that the judge found: right ones in blue, wrong ones in orange."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    names = ["raw", "Richardson–Lucy, 30", "fluo-2d, blind", "fluo-2d, PSF known", "the sharp image"]
    figure, axes = pyplot.subplots(len(shown), len(names), figsize=(13, 2.8 * len(shown)), layout="constrained")
    for row, (images, labels, diameter, title) in zip(axes, shown, strict=True):
        for axis, name in zip(row, names, strict=True):
            image = np.asarray(images[name])
            found = segment_nuclei(image, diameter)
            axis.imshow(image, cmap="gray", vmin=np.percentile(image, 1), vmax=np.percentile(image, 99.7))
            for number in range(1, found.max() + 1):
                inside = found == number
                partner = np.bincount(labels[inside]).argmax()
                other = labels == partner
                right = partner and (inside & other).sum() >= 0.5 * (inside | other).sum()
                axis.contour(inside, [0.5], colors="#3aa5ff" if right else "#ff8c1a", linewidths=0.8)
            axis.set_title(f"{name}: F1 {score(image, labels, diameter)[0].f1:.2f}", fontsize=9)
            axis.axis("off")
        row[0].text(0.02, 0.98, title, color="white", fontsize=8, va="top", transform=row[0].transAxes)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main()
