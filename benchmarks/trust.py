"""Do the measures of trust find what is planted, and nothing else? Recall and false alarms against contrast.

    python benchmarks/trust.py [plant rates noise seams] [--images 5] [--side 384] [--photons 100] [--out PICTURE]

Specimens are drawn, blurred by a widefield PSF (NA 1.2, 520 nm, pixels of 0.1 µm) and recorded with Poisson noise and
1.5 electrons of read noise; the noise that the measures use is the estimated one. A blob is a Gaussian of σ 1.5 pixels.
A false one is added to a perfect restoration; an erased one is in the specimen, and so in the recording, and not in the
restoration. Contrast is a blob's height over the deviation of a recorded pixel there. A false alarm is a connected mark
whose nearest blob is more than 6 pixels away.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage
from scipy.stats import norm

from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, Microscope, PoissonGaussian, convolve
from gan_lessons.metrics.trust import false_structure, judge_structure, seam_score
from gan_lessons.restoration import richardson_lucy

CONTRASTS = (0.5, 1, 1.5, 2, 3, 4, 6, 10)
BLOB, NEAR, MARGIN = 1.5, 6, 16  # pixels: σ; how near a mark must lie; from the border
STEPS = (0, 1, 2, 5, 10, 20, 50)  # percent of the noise
SCOPE = Microscope(na=1.2, wavelength_nm=520, pixel_size_um=0.1, immersion_index=1.33)


def scenes(options: argparse.Namespace) -> list[tuple[np.ndarray, np.random.Generator]]:
    """Draw truths in photons, each with the random numbers that go on with it."""
    drawn = []
    for seed in range(options.images):
        rng = np.random.default_rng(seed)
        drawn.append((options.photons * (make_specimen((options.side,) * 2, rng) + 0.05).astype(float), rng))
    return drawn


def places(side: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw (y, x) on a jittered grid, so that no two blobs touch."""
    cells = int(np.ceil(np.sqrt(count)))
    step = (side - 2 * MARGIN) // cells
    grid = np.stack(np.meshgrid(*[np.arange(cells) * step + MARGIN] * 2, indexing="ij"), -1).reshape(-1, 2)
    return rng.permutation(grid + rng.integers(step // 4, 3 * step // 4 + 1, grid.shape))[:count]


def blobs(shape: tuple[int, ...], where: np.ndarray, heights: np.ndarray) -> np.ndarray:
    points = np.zeros(shape)
    points[tuple(where.T)] = heights * 2 * np.pi * BLOB**2
    return ndimage.gaussian_filter(points, BLOB)


def hits(marks: np.ndarray, where: np.ndarray, others: np.ndarray) -> tuple[int, int]:
    """Count the blobs with a mark near, and the marks with no blob near."""
    distance = ndimage.distance_transform_edt(~marks) if marks.any() else np.full(marks.shape, np.inf)
    found = int(np.sum(distance[tuple(where.T)] <= NEAR))
    everywhere = np.ones(marks.shape, bool)
    everywhere[tuple(np.concatenate([where, others]).T)] = False
    away = ndimage.distance_transform_edt(everywhere) > NEAR
    labels, count = ndimage.label(marks, np.ones((3, 3)))
    return found, sum(1 for number in range(1, count + 1) if away[labels == number].all())


def plant(options: argparse.Namespace) -> list[tuple[float, ...]]:
    """Print recall and false alarms for every contrast."""
    psf = SCOPE.psf_2d()
    count = -(-200 // options.images)
    rows = []
    print(f"\n{count * options.images} blobs of each kind, {options.images} images of {options.side}², rate 5 %\n")
    kinds = ["false found", "erased found", "false alarms an image"]
    print(f"| contrast | {' | '.join(f'{kind}, by {who}' for who in ('the input', 'a reference') for kind in kinds)} |")
    print("|---|---|---|---|---|---|---|")
    for contrast in (0.0, *CONTRASTS):
        totals = np.zeros(6)
        for truth, _ in scenes(options):
            rng = np.random.default_rng(int(truth[0, 0] * 1e6) % 2**32)
            where = places(options.side, 2 * count, rng)
            false, erased = where[:count], where[count:]
            deviation = np.sqrt(convolve(truth, psf) + 1.5**2)
            full = truth + blobs(truth.shape, erased, contrast * deviation[tuple(erased.T)])
            raw = PoissonGaussian(electrons_per_unit=1.0, read_noise=1.5).apply(convolve(full, psf), rng)
            wrong = truth + blobs(truth.shape, false, contrast * deviation[tuple(false.T)])
            for first, reference in ((0, None), (3, full)):
                found = judge_structure(wrong, raw, psf, reference=reference, size=BLOB)
                invented, alarms = hits(found.invented, false, erased)
                missing, more = hits(found.missing, erased, false)
                totals[first : first + 3] += invented, missing, alarms + more
        shares = totals / np.array([count, count, 1] * 2) / options.images
        rows.append((contrast, *shares))
        cells = [f"{share:.2f}" if i % 3 == 2 else f"{share:.1%}" for i, share in enumerate(shares)]
        print(f"| {contrast:g} | {' | '.join(cells)} |", flush=True)
    return rows


def seams(options: argparse.Namespace) -> None:
    """Print how often a grid of tiles of 128 pixels is seen, for every height of its steps."""
    print(f"\nSteps between tiles of 128 pixels, {4 * options.images} images of 512²: score above 3 (median score)\n")
    print("| step, % of the noise | in the recording | denoised, a quarter of the noise left | beside a twin |")
    print("|---|---|---|---|")
    cases: dict[float, list[list[float]]] = {step: [] for step in STEPS}
    for seed in range(4 * options.images):
        rng = np.random.default_rng(seed)
        truth = ndimage.gaussian_filter(options.photons * (make_specimen((512, 512), rng).astype(float) + 0.05), 0.7)
        raw = PoissonGaussian(electrons_per_unit=1.0, read_noise=1.5).apply(truth, rng).astype(float)
        deviation = float(np.sqrt(truth + 1.5**2).mean())
        noise = ndimage.gaussian_filter(raw - truth, 0.7)
        denoised = truth + 0.25 * noise * (raw - truth).std() / noise.std()
        tiles = np.kron(rng.choice([-0.5, 0.5], (4, 4)), np.ones((128, 128))) * deviation
        for step in STEPS:
            seamed = [image + step / 100 * tiles for image in (raw, denoised)]
            scores = [seam_score(image, (128, 128)).z for image in seamed]
            cases[step].append([*scores, seam_score(seamed[1], (128, 128), twin=denoised).z])
    for step, scores in cases.items():
        table = np.array(scores)
        cells = [f"{np.mean(column > 3):.0%} ({np.median(column):.1f})" for column in table.T]
        print(f"| {step} | {' | '.join(cells)} |")


def rates(options: argparse.Namespace) -> None:
    """Print how many faithful images are marked, for stated rates."""
    trials, side = 40 * options.images, 96
    psf = GaussianBlur((1.5, 1.5)).kernel()
    stated = (0.05, 0.2, 0.5)
    known, estimated = np.zeros(3), np.zeros(3)
    truths = [options.photons * (make_specimen((side, side), np.random.default_rng(s)) + 0.05) for s in range(10)]
    camera = PoissonGaussian(electrons_per_unit=1.0, read_noise=1.5)
    for trial in range(trials):
        truth = truths[trial % 10]
        raw = camera.apply(convolve(truth, psf), np.random.default_rng(trial))
        for counts, noise in ((known, camera), (estimated, None)):
            found = judge_structure(truth, raw, psf, noise=noise)
            judged = np.isfinite(found.z).sum()
            counts += np.nanmax(np.abs(found.z)) > norm.isf(np.array(stated) / 2 / judged)
    print(f"\n{trials} faithful images of {side}²: share with any mark\n\n| stated | noise known | noise estimated |")
    print("|---|---|---|")
    for rate, a, b in zip(stated, known / trials, estimated / trials, strict=True):
        print(f"| {rate:.0%} | {a:.1%} | {b:.1%} |")


def noise(options: argparse.Namespace) -> None:
    """Print what a blank field scores: as it is, recorded, smoothed and sharpened."""
    psf = SCOPE.psf_2d()
    blank = np.full((options.side,) * 2, options.photons)
    raw = PoissonGaussian(electrons_per_unit=1.0, read_noise=1.5).apply(blank, np.random.default_rng(0))
    told = torch.from_numpy(psf)
    methods = {
        "the truth": lambda image: np.full_like(image, options.photons),
        "nothing": lambda image: image,
        "unsharp mask": lambda image: image + 3 * (image - ndimage.gaussian_filter(image, 1.5)),
        "Richardson–Lucy, 10": lambda image: richardson_lucy(torch.from_numpy(image), told, 10).numpy(),
    }
    print(f"\nA blank field of {options.side}², {options.photons:g} photons a pixel\n")
    print("| restored by | marks | overfitted | variance left | false spots a megapixel | noise gain |")
    print("|---|---|---|---|---|---|")
    for name, restore in methods.items():
        found = judge_structure(restore(raw), raw, psf)
        made = false_structure(restore, raw)
        marks = found.invented_count + found.missing_count
        print(
            f"| {name} | {marks} | {found.overfitted_share:.0%} | {found.residual_variance:.2f} "
            f"| {made.per_megapixel:.0f} | {made.noise_gain:.2f} |",
            flush=True,
        )


def draw(rows: list[tuple[float, ...]], path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    table = np.array(rows)
    figure, axes = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
    labels = ("false, by the input", "erased, by the input", "false, by a reference", "erased, by a reference")
    for column, style, label in zip((1, 2, 4, 5), ("-o", "-s", "--o", "--s"), labels, strict=True):
        axes.plot(table[:, 0], table[:, column], style, label=label)
    axes.set(xlabel="height of the blob / noise of a pixel", ylabel="share found", ylim=(-0.02, 1.02))
    axes.legend(loc="center right")
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="of plant, rates, noise, seams; all by default")
    parser.add_argument("--images", type=int, default=5)
    parser.add_argument("--side", type=int, default=384)
    parser.add_argument("--photons", type=float, default=100.0)
    parser.add_argument("--out", type=Path, help="write the curves there")
    options = parser.parse_args()
    parts = options.parts or ["plant", "rates", "noise", "seams"]
    if "plant" in parts:
        rows = plant(options)
        if options.out:
            draw(rows, options.out)
    for part in (rates, noise, seams):
        if part.__name__ in parts:
            part(options)


if __name__ == "__main__":
    main()
