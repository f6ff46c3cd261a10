"""Fine-tuning beside training from scratch and CAREamics, at equal processor time, on data unlike those of training.

    python benchmarks/finetuning.py race --minutes 5 [--careamics PYTHON] [--only CASE] [--out DIR]
    python benchmarks/finetuning.py rates --minutes 1
    python benchmarks/finetuning.py registration

PYTHON is the interpreter of an environment that has CAREamics. Minutes are those of the processor
(`time.process_time`), one thread each, so that a busy machine is as fair as an idle one; preparation counts, too.

One raw image and its reference a case: a specimen of one kind, PSFs that training's bank doesn't hold (astigmatism,
trefoil and spherical aberration of the pupil; a Lorentzian), a camera that reads with more noise than any there. All
contenders learn from the same training region, choose on the same validation region, and are judged on the third, by
the true specimen: PSNR's and SSIM's range is its 99.9th percentile less its minimum.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage

from gan_lessons import finetune, load_model, restore
from gan_lessons.data import specimens
from gan_lessons.degradations import Microscope, PoissonGaussian, convolve
from gan_lessons.generators import build_generator
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim
from gan_lessons.training.finetuning import state
from gan_lessons.training.finetuning.registration import align
from gan_lessons.training.sections import MUON, Optimizer
from gan_lessons.zoo import Model

CAREAMICS = Path(__file__).parent / "careamics_contender.py"


@dataclass(frozen=True, eq=False)
class Case:
    name: str
    model: str
    axes: str
    raw: np.ndarray
    truth: np.ndarray  # in the raw image's units
    psf: np.ndarray


def pupil_psf(cutoff: float, side: int = 41, grid: int = 256, **waves: float) -> np.ndarray:
    """Return the PSF of a pupil of so many cycles a pixel with Zernike aberrations in radians (scalar, in focus)."""
    fy, fx = np.meshgrid(np.fft.fftfreq(grid), np.fft.fftfreq(grid), indexing="ij")
    r, angle = np.hypot(fy, fx) / cutoff, np.arctan2(fy, fx)
    zernike = {
        "defocus": 3**0.5 * (2 * r**2 - 1),
        "astigmatism": 6**0.5 * r**2 * np.cos(2 * angle),
        "trefoil": 8**0.5 * r**3 * np.cos(3 * angle),
        "spherical": 5**0.5 * (6 * r**4 - 6 * r**2 + 1),
    }
    phase = np.sum([amount * zernike[name] for name, amount in waves.items()], axis=0)
    spot = np.fft.fftshift(np.abs(np.fft.ifft2(np.where(r <= 1, np.exp(1j * phase), 0))) ** 2)
    middle = slice(grid // 2 - side // 2, grid // 2 + side // 2 + 1)
    return (spot[middle, middle] / spot[middle, middle].sum()).astype(np.float32)


def lorentzian(half: float, side: int = 41) -> np.ndarray:
    y, x = np.indices((side, side)) - side // 2
    psf = (1 + (np.hypot(y, x) / half) ** 2) ** -1.5
    return (psf / psf.sum()).astype(np.float32)


def aberrated_stack(planes: int = 15) -> np.ndarray:
    """Return a 3D PSF: the pupil's, defocused, with spherical aberration, which makes it lopsided along z."""
    defocus = 0.7 * np.arange(-(planes // 2), planes // 2 + 1)
    psf = np.stack([pupil_psf(0.15, defocus=float(d), spherical=0.8, astigmatism=0.6) for d in defocus])
    return (psf / psf.sum()).astype(np.float32)


def photograph(
    name: str, kind: str, psf: np.ndarray, photons: float, read_noise: float, seed: int, shape: tuple[int, ...]
) -> Case:
    rng = np.random.default_rng(seed)
    spacing = np.array([3.0, 1.0, 1.0])[-len(shape) :]
    truth = getattr(specimens, kind)(shape, spacing, rng)
    truth = np.minimum(truth / np.percentile(truth, 99.8), 3)
    clean = np.maximum(convolve(truth, psf), 0)
    gain, background = photons / np.percentile(clean, 99.9), 0.1 * photons
    raw = rng.poisson(clean * gain + background) + rng.normal(100, read_noise, shape)
    model, axes = ("fluo-3d", "ZYX") if len(shape) == 3 else ("fluo-2d", "YX")
    return Case(name, model, axes, raw.astype(np.float32), (truth * gain + background + 100).astype(np.float32), psf)


def cases() -> Iterator[Case]:
    plane, stack = (640, 640), (24, 320, 224)
    yield photograph("filaments", "filaments", pupil_psf(0.14, astigmatism=1.6), 60, 4, 1, plane)
    yield photograph("membranes", "membranes", pupil_psf(0.2, trefoil=1.5, spherical=1.2), 30, 4, 2, plane)
    yield photograph("nuclei", "nuclei", lorentzian(2.2), 100, 8, 3, plane)
    yield photograph("vesicles, stack", "vesicles", aberrated_stack(), 60, 4, 4, stack)


def figures(case: Case, result: np.ndarray, region: str) -> tuple[float, float]:
    rows, columns = _box(region)
    pair = result[..., rows, columns], case.truth[..., rows, columns]
    wide = photon_range(case.truth)
    return psnr(*pair, wide), ssim(*pair, wide)


def _box(region: str) -> tuple[slice, slice]:
    """Read ``rows 0:32, columns 0:80``."""
    spans = [part.split()[1].split(":") for part in region.split(", ")]
    return slice(*map(int, spans[0])), slice(*map(int, spans[1]))


def untrained(model: Model) -> Model:
    torch.manual_seed(0)
    fresh = build_generator(model.card.architecture, **model.card.arguments).eval()
    return Model(fresh, replace(model.card, name="untrained"), gauge=model.gauge)


def contenders(case: Case, minutes: float, careamics: str | None) -> Iterator[tuple[str, np.ndarray, str, int, float]]:
    """Yield a contender's name and result, the test region, steps and processor seconds."""
    parent = load_model(case.model)
    runs = {
        "fine-tuned": (parent, {"reference": case.truth}),
        "fine-tuned, PSF told": (parent, {"reference": case.truth, "psf": case.psf}),
        "fine-tuned on the raw image alone, PSF told": (parent, {"psf": case.psf}),
        "from scratch": (untrained(parent), {"reference": case.truth, "rate": 1e-3}),
    }
    regions: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        for name, (begin, given) in runs.items():
            started = time.process_time()
            common = {"raw": case.raw, "axes": case.axes, "minutes": minutes, "clock": time.process_time}
            result = finetune(begin, out=file, overwrite=True, **common, **given)
            spent = time.process_time() - started
            regions = result.regions if "reference" in given else regions
            picture = restore(case.raw, file, axes=case.axes, psf=given.get("psf"))
            yield name, picture, regions["test"][0], result.steps, spent
        if careamics:
            yield "CAREamics", *care(case, regions, minutes, careamics, Path(folder))
    for name, psf in (("as shipped", None), ("as shipped, PSF told", case.psf)):
        yield name, restore(case.raw, parent, axes=case.axes, psf=psf), regions["test"][0], 0, 0.0
    yield "raw image", case.raw, regions["test"][0], 0, 0.0


def care(
    case: Case, regions: dict[str, list[str]], minutes: float, python: str, folder: Path
) -> tuple[np.ndarray, str, int, float]:
    cuts = {}
    for role in ("training", "validation"):
        rows, columns = _box(regions[role][0])
        cuts |= {f"{role}_raw": case.raw[..., rows, columns], f"{role}_truth": case.truth[..., rows, columns]}
    np.savez(folder / "pair.npz", raw=case.raw, **cuts)
    command = [python, str(CAREAMICS), str(folder / "pair.npz"), str(folder / "result.npz"), str(minutes)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": ""})
    made = np.load(folder / "result.npz")
    return made["result"], regions["test"][0], int(made["steps"]), float(made["seconds"])


def race(minutes: float, careamics: str | None, only: str | None, out: Path) -> None:
    """Print a table, and write pictures of the test regions."""
    print("| case | contender | PSNR | SSIM | steps | processor seconds |\n|---|---|---|---|---|---|")
    for case in cases():
        if only and case.name != only:
            continue
        pictures = {}
        for name, result, region, steps, seconds in contenders(case, minutes, careamics):
            fidelity, similarity = figures(case, result, region)
            print(f"| {case.name} | {name} | {fidelity:.2f} | {similarity:.3f} | {steps} | {seconds:.0f} |", flush=True)
            rows, columns = _box(region)
            pictures[f"{name} {fidelity:.1f} dB"] = result[..., rows, columns]
        pictures["truth"] = case.truth[..., rows, columns]
        draw(pictures, out / f"finetuning-{case.name.replace(', ', '-')}.png")


def draw(pictures: dict[str, np.ndarray], file: Path) -> None:
    """Write the pictures side by side at the truth's contrast, 128 pixels a side, the middle plane of stacks."""
    from matplotlib.figure import Figure

    planes = {name: p[len(p) // 2] if p.ndim == 3 else p for name, p in pictures.items()}
    low, high = np.percentile(planes["truth"], [0.5, 99.7])
    columns = -(-len(planes) // 2)
    figure = Figure(figsize=(2.2 * columns, 4.8), layout="constrained")
    axes = figure.subplots(2, columns).ravel()
    for axis in axes:
        axis.axis("off")
    for axis, (name, plane) in zip(axes, planes.items(), strict=False):
        top = max(0, (plane.shape[0] - 128) // 2)
        axis.imshow(plane[top : top + 128, :128], cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        axis.set_title(name, fontsize=6, wrap=True)
    figure.savefig(file, dpi=110)


def rates(minutes: float) -> None:
    """Print what optimizers and learning rates gain on the test region of the second case."""
    case = list(cases())[1]
    print("| optimizer | rate | steps | PSNR before | PSNR after | SSIM after |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, made in (("Muon", MUON), ("AdamW", Optimizer(name="adamw", decay=0.01))):
            for rate in (1e-4, 3e-4, 1e-3):
                state.MUON = made  # type: ignore[misc]
                result = finetune(
                    case.model,
                    raw=case.raw,
                    reference=case.truth,
                    out=Path(folder) / "model.safetensors",
                    overwrite=True,
                    minutes=minutes,
                    rate=rate,
                    clock=time.process_time,
                )
                test = result.figures["test"]
                row = [
                    name,
                    f"{rate:g}",
                    result.steps,
                    test["start"]["psnr"],
                    test["best"]["psnr"],
                    test["best"]["ssim"],
                ]
                print("| " + " | ".join(map(str, row)) + " |", flush=True)
    state.MUON = MUON  # type: ignore[misc]


def registration() -> None:
    """Print how far found shifts are from true ones, and the correlation with the own truth and with another."""
    print("| photons | error, median | largest | correlation, least | with another specimen, largest |")
    print("|---|---|---|---|---|")
    psfs = [
        Microscope(na=1.4, wavelength_nm=525, pixel_size_um=0.065, immersion_index=1.515),
        Microscope(na=0.5, wavelength_nm=525, pixel_size_um=0.26),
    ]
    for photons in (5, 30, 300):
        errors, own, others = [], [], []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            truth = specimens.make_specimen((260, 260), rng)
            other = specimens.make_specimen((260, 260), np.random.default_rng(1000 + seed))
            shift = rng.uniform(-6, 6, 2)
            moved = ndimage.shift(truth, shift, order=3, mode="nearest")
            clean = np.maximum(convolve(moved, psfs[seed % 2].psf_2d(0.6 if seed % 3 == 0 else 0.0)), 0) + 0.05
            raw = PoissonGaussian(photons=photons, read_noise=1.5).apply(clean, rng)
            inner = (slice(10, -10),) * 2
            found = align(raw[inner], truth[inner])
            errors.append(np.abs(found.shift - shift).max())
            own.append(found.correlation)
            others.append(align(raw[inner], other[inner]).correlation)
        row = [np.median(errors), max(errors), min(own), max(others)]
        print(f"| {photons} | " + " | ".join(f"{value:.2f}" for value in row) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["race", "rates", "registration"])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--careamics", help="Python of an environment with CAREamics.")
    parser.add_argument("--out", type=Path, default=Path("."))
    parser.add_argument("--only", help="Name of one case.")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.what == "rates":
        rates(given.minutes)
    elif given.what == "registration":
        registration()
    else:
        race(given.minutes, given.careamics, given.only, given.out)


if __name__ == "__main__":
    main()
