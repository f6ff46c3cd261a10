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
from gan_lessons.training.finetuning.registration import align


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
