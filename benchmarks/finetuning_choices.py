"""What fine-tuning's choices hang on: how well references are registered, and what learning rates gain.

python benchmarks/finetuning_choices.py registration
python benchmarks/finetuning_choices.py rates [--minutes 1] [--case membranes]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from finetuning_cases import CASES, make_case
from scipy import ndimage

from gan_lessons import finetune
from gan_lessons.data import specimens
from gan_lessons.degradations import Microscope, PoissonGaussian, convolve
from gan_lessons.training.finetuning.fitted import blur_between, gain_by_width
from gan_lessons.training.finetuning.registration import align, move


def rates(name: str, minutes: float) -> None:
    """Print what learning rates gain on the test region of a case."""
    case = make_case(name)
    print("| rate | steps | PSNR before | PSNR after | SSIM after |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rate in (3e-4, 1e-3, 2e-3):
            result = finetune(
                case.model,
                raw=case.raw,
                reference=case.truth,
                axes=case.axes,
                out=Path(folder) / f"{rate:g}.safetensors",
                minutes=minutes,
                rate=rate,
                clock=time.process_time,
            )
            before, after = (result.figures["test"][which] for which in ("start", "best"))
            row = [f"{rate:g}", result.steps, before["psnr"], after["psnr"], after["ssim"]]
            print("| " + " | ".join(map(str, row)) + " |", flush=True)


def registration() -> None:
    """Print how far off found shifts and gains are, and the correlation with the own truth and with another."""
    print(
        "| photons | shift by detail: median, largest error | by the PSF | gain by the PSF | by width | own | other |"
    )
    print("|---|---|---|---|---|---|---|")
    psfs = [
        Microscope(na=1.4, wavelength_nm=525, pixel_size_um=0.065, immersion_index=1.515),
        Microscope(na=0.5, wavelength_nm=525, pixel_size_um=0.26),
    ]
    for photons in (5, 30, 300):
        rows = np.array([_registered(photons, seed, psfs[seed % 2]) for seed in range(10)])
        detail, psf, gain, width, own, others = rows.T
        cells = [f"{np.median(error):.2f}, {error.max():.2f}" for error in (detail, psf)]
        cells += [f"{found.min():.2f} to {found.max():.2f}" for found in (gain, width)]
        print("|", " | ".join([str(photons), *cells, f"{own.min():.2f}", f"{others.max():.2f}"]), "|", flush=True)


def _registered(photons: float, seed: int, scope: Microscope) -> tuple[float, ...]:
    rng = np.random.default_rng(seed)
    truth = specimens.make_specimen((260, 260), rng)
    other = specimens.make_specimen((260, 260), np.random.default_rng(1000 + seed))
    shift = rng.uniform(-6, 6, 2)
    moved = ndimage.shift(truth, shift, order=3, mode="nearest")
    clean = np.maximum(convolve(moved, scope.psf_2d(0.6 if seed % 3 == 0 else 0.0)), 0) + 0.05
    inner = (slice(10, -10),) * 2
    raw = PoissonGaussian(photons=photons, read_noise=1.5).apply(clean, rng)[inner]
    found = align(raw, truth[inner])
    gain, by_psf = blur_between(raw[None, None], truth[None, None][..., *inner], found.shift)
    width, _ = gain_by_width(raw[None, None], move(truth[inner], found.shift)[None, None])
    apart = [float(np.abs(np.subtract(one, shift)).max()) for one in (found.shift, by_psf)]
    return *apart, gain, width, found.correlation, align(raw, other[inner]).correlation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["registration", "rates"])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--case", default="membranes", choices=list(CASES))
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.what == "rates":
        rates(given.case, given.minutes)
    else:
        registration()


if __name__ == "__main__":
    main()
