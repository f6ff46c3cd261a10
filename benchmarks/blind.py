"""What a model loses where it is told less than the true PSF, and how well its gauge tells the blur.

    python benchmarks/blind.py --images ../shared/data [--every 7]

PSNR against the restoration with the true PSF, on the held-out cases of `quality.py`; and what other estimates of its
width would gain over the gauge's, with the same guides.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from quality import Case, fidelity, fluo_2d_cases
from torch import Tensor, nn

from gan_lessons import load_model, restore
from gan_lessons.restoration.blur_estimate import estimate_cutoff
from gan_lessons.restoration.typical_psf import fit_cutoff, typical_psf
from gan_lessons.training.blurs import widen
from gan_lessons.zoo import Model


def losses(case: Case, model: Model) -> dict[str, float]:
    told = {f"exponent {p:g}": typical_psf(fit_cutoff(case.psf, p), exponent=p) for p in (1.0, 1.5, 2.0)}
    told |= {f"{factor:.0%} of the width": widen(case.psf, factor) for factor in (0.8, 0.9, 1.1, 1.25)}

    def restored(psf: np.ndarray | None) -> float:
        return fidelity(restore(case.image, model, axes="YX", psf=psf, dtype="float32"), case.truth)

    known = restored(case.psf)
    return {name: restored(psf) - known for name, psf in {**told, "blind": None}.items()}


class Saying(nn.Module):
    """A gauge that says the same of every image."""

    def __init__(self, cutoff: float) -> None:
        super().__init__()
        self.said = torch.tensor([np.log(cutoff), 0.0], dtype=torch.float32)

    def forward(self, image: Tensor) -> Tensor:
        return self.said.expand(len(image), 2)


def gains(case: Case, model: Model) -> dict[str, float]:
    """Return what each other cut-off gains over the one that the gauge estimates."""
    assert model.gauge
    true, said = fit_cutoff(case.psf), estimate_cutoff(case.image[None, None, None], model.gauge)
    others = {"the nearest": true, "half of the error": (true * said) ** 0.5, "7 % less": 0.93 * said}
    others |= {"8 % more": 1.08 * said}

    def restored(gauge: nn.Module | None) -> float:
        seen = replace(model, gauge=gauge)
        return fidelity(restore(case.image, seen, axes="YX", dtype="float32"), case.truth)

    blind = restored(model.gauge)
    return {name: restored(Saying(cutoff)) - blind for name, cutoff in others.items()}


def report(rows: list[dict[str, float]]) -> None:
    for name in rows[0]:
        print(f"  {name:<20}{np.mean([row[name] for row in rows]):+.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--every", type=int, default=7)
    arguments = parser.parse_args()
    model = load_model("fluo-2d")
    assert model.gauge
    cases = list(fluo_2d_cases(arguments.images))
    off = [estimate_cutoff(case.image[None, None, None], model.gauge) / fit_cutoff(case.psf) for case in cases]
    size = np.abs(np.log(off))
    half, most = np.percentile(size, [50, 90])
    print(
        f"gauge, {len(cases)} cases: off by a factor of exp({half:.2f}) in half of them, exp({most:.2f}) in nine of ten"
    )
    rows = [losses(case, model) for case in islice(cases, 0, None, arguments.every)]
    print(f"dB against the true PSF, {len(rows)} cases")
    report(rows)
    print(f"dB over the gauge's cut-off, {len(cases)} cases")
    report([gains(case, model) for case in cases])


if __name__ == "__main__":
    main()
