"""Quality on images and PSFs kept out of training, beside Richardson–Lucy.

    python benchmarks/quality.py fluo-2d --images ../shared/data [--model runs/fluo-2d/model.safetensors] [--out CSV]

With --ship FILE the model is written there, the figures in its card.

Protocol for fluorescence: photons are the expected counts at the 99.9th percentile of the blurred clean image; PSNR's
range is the truth's 99.9th percentile less its minimum; Richardson–Lucy gets the true PSF, the known background and
read noise (its variance is added to image and background: Snyder et al. 1993), an open boundary, and its best count of
1 to 200 iterations, chosen with the truth. Means with 95 % intervals (Student's t over the cases).
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Picture
from scipy import stats
from scipy.signal import convolve2d

from gan_lessons import restore
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import (
    CameraShake,
    Microscope,
    SensorBlur,
    TurbulenceBlur,
    average_frames,
    convolve,
)
from gan_lessons.metrics.full_reference import photon_range, psnr
from gan_lessons.restoration.richardson_lucy import richardson_lucy_iterates
from gan_lessons.training.banks import STACK_PLANES
from gan_lessons.training.blurs import Blur, widen
from gan_lessons.training.truths import read_truths
from gan_lessons.zoo import Model, load_model, save_model

OFFSET, READ_NOISE, BACKGROUND = 100.0, 1.5, 0.05  # of the camera; the specimen's haze as a share of the photons
PHOTONS = (30, 100, 300, 1000)
SCOPES = [  # none of them in training, whose microscopes are drawn at random
    Microscope(na=1.4, wavelength_nm=525, pixel_size_um=0.065, z_step_um=0.2, immersion_index=1.515),
    Microscope(na=1.2, wavelength_nm=610, pixel_size_um=0.108, z_step_um=0.3, immersion_index=1.33),
    Microscope(na=0.8, wavelength_nm=460, pixel_size_um=0.16, z_step_um=0.7),
    Microscope(na=0.5, wavelength_nm=525, pixel_size_um=0.26, z_step_um=2.0),
]
DEFOCUS = {"in focus": 0.0, "out of focus": 1.2}  # depths of field


@dataclass(frozen=True, eq=False)
class Case:
    name: str
    condition: str
    photons: float
    truth: np.ndarray  # in counts, with the camera's offset and the background
    image: np.ndarray
    psf: np.ndarray
    background: float


def photograph(name: str, condition: str, truth: np.ndarray, psf: np.ndarray, photons: float, seed: int) -> Case:
    """Blur a truth of any units, keep the part that saw the whole PSF, and count photons."""
    rng = np.random.default_rng(seed)
    clean = Blur(torch.from_numpy(psf), None).apply(torch.from_numpy(truth)[None])[0].clamp(min=0).numpy()
    gain, background = photons / np.percentile(clean, 99.9), BACKGROUND * photons
    counts = rng.poisson(clean * gain + background) + rng.normal(OFFSET, READ_NOISE, clean.shape)
    inside = tuple(slice(k // 2, k // 2 + side) for k, side in zip(psf.shape, clean.shape, strict=True))
    sharp = truth[inside] * gain + background + OFFSET
    return Case(name, condition, photons, sharp, counts.astype(np.float32), psf, background)


def planes(images: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the held-out planes (the first of a movie, at most two of a file, 320 pixels a side) and drawn ones."""
    seen: defaultdict[str, int] = defaultdict(int)
    for entry, plane in read_truths(images, "fluorescence", "held-out"):
        seen[entry.path] += 1
        if seen[entry.path] <= (1 if "timelapse" in entry.path else 2):
            yield f"{Path(entry.path).stem}-{seen[entry.path]}", plane[0, :320, :320]
    for seed in range(6):
        yield f"drawn-{seed}", make_specimen((280, 280), np.random.default_rng(9000 + seed))


def fluo_2d_cases(images: Path) -> Iterator[Case]:
    for index, (name, truth) in enumerate(planes(images)):
        scope = SCOPES[index % len(SCOPES)]
        for (condition, defocus), photons in product(DEFOCUS.items(), PHOTONS):
            depth_of_field = scope.wavelength_nm / 1000 * scope.immersion_index / scope.na**2
            psf = scope.psf_2d(defocus * depth_of_field)
            truth_large_enough = np.pad(truth, max(0, (psf.shape[0] + 96 - min(truth.shape)) // 2), mode="reflect")
            yield photograph(name, condition, truth_large_enough, psf, photons, seed=index)


def fluo_3d_cases(images: Path) -> Iterator[Case]:
    for index in range(4):
        scope = SCOPES[index]
        assert scope.z_step_um
        aspect = scope.z_step_um / scope.pixel_size_um
        truth = make_specimen((44, 176, 176), np.random.default_rng(9100 + index), voxel_aspect=aspect)
        psf = scope.psf_3d(STACK_PLANES)
        for photons in PHOTONS:
            yield photograph(f"drawn-{index}", "stack", truth, psf, photons, seed=index)


def fidelity(estimate: np.ndarray, truth: np.ndarray) -> float:
    return psnr(estimate, truth, photon_range(truth))


def best_richardson_lucy(case: Case, psf: np.ndarray) -> tuple[float, int]:
    counts = torch.from_numpy(case.image) - OFFSET + READ_NOISE**2
    iterates = richardson_lucy_iterates(counts, torch.from_numpy(psf), background=case.background + READ_NOISE**2)
    pedestal = OFFSET + case.background
    scores = [fidelity(x.numpy() + pedestal, case.truth) for x in islice(iterates, 200)]
    best = int(np.argmax(scores))
    return scores[best], best + 1


def measure(case: Case, model: Model, positions: int | None) -> dict[str, object]:
    axes = "YX" if case.truth.ndim == 2 else "ZYX"

    def restored(psf: np.ndarray | None) -> float:
        options = {"axes": axes, "psf": psf, "self_ensemble": positions, "dtype": "float32"}
        return fidelity(restore(case.image, model, **options), case.truth)

    wrong = [widen(case.psf, factor) for factor in (0.9, 1.1)]
    lucy, iterations = best_richardson_lucy(case, case.psf)
    return {
        "image": case.name,
        "condition": case.condition,
        "photons": case.photons,
        "input": fidelity(case.image, case.truth),
        "rl": lucy,
        "iterations": iterations,
        "with_psf": restored(case.psf),
        "without_psf": restored(None),
        "rl_wrong_psf": float(np.mean([best_richardson_lucy(case, psf)[0] for psf in wrong])),
        "with_wrong_psf": float(np.mean([restored(psf) for psf in wrong])),
    }


COMPARISONS = [
    ("with_psf", "rl"),
    ("without_psf", "rl"),
    ("with_wrong_psf", "rl_wrong_psf"),
    ("with_psf", "input"),
    ("without_psf", "input"),
]


def interval(values: list[float]) -> str:
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values) if len(values) > 1 else float("nan")
    return f"{np.mean(values):+.2f} ± {half:.2f}"


def summarize(rows: list[dict]) -> dict[str, float]:
    """Print the gains of every group of cases, and return those of all."""
    comparisons = [(a, b) for a, b in COMPARISONS if a in rows[0] and b in rows[0]]
    groups = {"all": rows}
    for key in ("condition", "photons"):
        for value in sorted({row[key] for row in rows}, key=str):
            groups[f"{key} {value}"] = [row for row in rows if row[key] == value]
    print(f"{'dB':<32}{'cases':>6}", *[f"{a} - {b}".rjust(31) for a, b in comparisons])
    for name, group in groups.items():
        gains = [interval([row[a] - row[b] for row in group]).rjust(31) for a, b in comparisons]
        print(f"{name:<32}{len(group):>6}", *gains)
    return {f"{a} - {b}, dB": round(float(np.mean([r[a] - r[b] for r in rows])), 2) for a, b in comparisons}


def photo_cases(images: Path) -> Iterator[Case]:
    """Yield held-out photographs through held-out shakes, and the GoPro scene as its camera blurred it."""
    rng = np.random.default_rng(9200)
    for entry, photo in read_truths(images, "photo", "held-out"):
        for shake in range(3):
            kernel = CameraShake(length_px=rng.uniform(20, 50), exposure=rng.uniform(0.5, 1), anxiety=0.004).kernel(rng)
            light = convolve(np.clip(photo, 0, 1) ** 2.2, kernel)
            counts = rng.poisson(np.maximum(light, 0) * 4000) / 4000
            image = np.moveaxis(counts ** (1 / 2.2), 0, -1).astype(np.float32)
            truth = np.moveaxis(np.clip(photo, 0, 1), 0, -1)
            yield Case(f"{Path(entry.path).stem}-{shake}", "camera shake", 4000, truth, image, kernel, 0)
    for blurred in sorted((images / "motion/gopro_0477").glob("*_blur.png")):
        pair = [np.asarray(Picture.open(path), np.float32) / 255 for path in (blurred, _sharp(blurred))]
        yield Case(blurred.stem, "GoPro, its own blur", 0, pair[1], pair[0], np.ones((1, 1)), 0)
    paths = sorted((images / "motion/gopro_0477/frames_240fps").glob("*.png"))
    frames = np.stack([np.asarray(Picture.open(path), np.float32) / 255 for path in paths])
    for count in (7, 11, 15):
        for start in (0, 16):
            middle = frames[start + count // 2]
            blurred_frames = average_frames(frames[start : start + count])
            yield Case(
                f"frames-{count}-{start}", "GoPro, frames averaged", 0, middle, blurred_frames, np.ones((1, 1)), 0
            )


def _sharp(blurred: Path) -> Path:
    return blurred.with_name(blurred.name.replace("_blur", "_sharp"))


def map_cases(images: Path) -> Iterator[Case]:
    """Yield bands of held-out maps through a satellite's camera, half of them through turbulent air."""
    rng = np.random.default_rng(9300)
    for index, (entry, band) in enumerate(read_truths(images, "map", "held-out")):
        for mtf, air in product((0.05, 0.15), (False, True)):
            psf = SensorBlur(mtf_at_nyquist=mtf, optics_cutoff=1.7, smear_px=0.5).kernel()
            if air:
                psf = convolve2d(psf, TurbulenceBlur(fried_cm=10, pixel_urad=5).kernel()).astype(np.float32)
            photons = float(rng.choice([500, 2000, 8000]))
            case = photograph(f"{Path(entry.path).stem}-{index}", "", band[0], psf, photons, seed=index)
            yield replace(case, condition=f"MTF {mtf}, {'turbulent' if air else 'calm'}")


def measure_blind(case: Case, model: Model, positions: int | None) -> dict[str, object]:
    """Compare with the input over the full range of a photograph."""
    restored = restore(case.image, model, axes="YXC", self_ensemble=positions, dtype="float32")
    scores = [psnr(x, case.truth, data_range=1.0) for x in (case.image, restored)]
    return {
        "image": case.name,
        "condition": case.condition,
        "photons": case.photons,
        "input": scores[0],
        "without_psf": scores[1],
    }


CASES = {
    "fluo-2d": fluo_2d_cases,
    "fluo-3d": fluo_3d_cases,
    "photo-motion": photo_cases,
    "remote-sensing": map_cases,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=CASES)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--model", help="a model file; by default the shipped model of that name")
    parser.add_argument("--out", type=Path, help="CSV of every case")
    parser.add_argument("--ship", type=Path, help="write the model here, the figures in its card")
    parser.add_argument("--every", type=int, default=1, help="take each so-many-th case only")
    parser.add_argument("--self-ensemble", type=int, help="positions to average; by default as `restore` chooses them")
    arguments = parser.parse_args()
    model = load_model(arguments.model or arguments.name)
    rows = []
    for case in islice(CASES[arguments.name](arguments.images), 0, None, arguments.every):
        judge = measure_blind if case.image.ndim == 3 and model.card.axes == "YXC" else measure
        rows.append(judge(case, model, arguments.self_ensemble))
        print({k: round(v, 2) if isinstance(v, float) else v for k, v in rows[-1].items()}, flush=True)
    if arguments.out:
        with arguments.out.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    metrics = summarize(rows)
    if arguments.ship:
        save_model(replace(model, card=replace(model.card, metrics=metrics)), arguments.ship, half=True)


if __name__ == "__main__":
    main()
