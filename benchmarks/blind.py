"""What a model loses where it is told less than the true PSF, and how well its gauge tells the blur.

    python benchmarks/blind.py --images ../shared/data [--every 7]

PSNR against the restoration with the true PSF, on the held-out cases of `quality.py`.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

import numpy as np
from quality import Case, fidelity, fluo_2d_cases

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
    for name in rows[0]:
        print(f"  {name:<20}{np.mean([row[name] for row in rows]):+.2f}")


if __name__ == "__main__":
    main()
