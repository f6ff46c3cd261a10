"""Fine-tuning beside training from scratch and CAREamics, at equal processor time, on data unlike those of training.

    python benchmarks/finetuning.py --work FOLDER [--minutes 5] [--careamics PYTHON] [--cases …] [--contenders …]

PYTHON is the interpreter of an environment that has CAREamics. Minutes are those of the processor
(`time.process_time`), one thread each, so that a busy machine is as fair as an idle one; preparation counts, too.
FOLDER keeps each result: a race that was stopped goes on, and two may run different cases at once.

All contenders learn from the same training region, choose on the same validation region, and are judged on the third,
by the true specimen: PSNR's and SSIM's range is its 99.9th percentile less its minimum.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from finetuning_cases import CASES, Case, make_case

from gan_lessons import finetune, load_model, restore
from gan_lessons.generators import build_generator
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim
from gan_lessons.training.finetuning.sources import make_task
from gan_lessons.zoo import Model

CAREAMICS = Path(__file__).parent / "careamics_contender.py"
BESIDE = 0.4  # minutes that fine-tuning takes beside its training, for preparation and last figures: CAREamics' too


@dataclass(frozen=True, eq=False)
class Race:
    """What a contender is given: the case, the regions that it may look at, and its time."""

    case: Case
    regions: dict[str, tuple[slice, slice]]
    minutes: float
    careamics: str | None
    seed: int


Made = tuple[np.ndarray, int, float]
"""What a contender makes of the raw image, the steps that it took, and its processor seconds."""


def tuned(race: Race, *, fresh: bool = False, reference: bool = True, told: bool = False) -> Made:
    """Fine-tune the shipped model, or the same network from random weights."""
    case, parent = race.case, load_model(race.case.model)
    given: dict[str, Any] = {"psf": case.psf if told else None, "reference": case.truth if reference else None}
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        result = finetune(
            untrained(parent, race.seed) if fresh else parent,
            raw=case.raw,
            axes=case.axes,
            minutes=race.minutes,
            seed=race.seed,
            clock=time.process_time,
            out=file,
            **given,
        )
        spent = time.process_time() - started
        print(case.name, result.kept, result.figures, result.found.get("psf"), flush=True)
        return restore(case.raw, file, axes=case.axes, psf=given["psf"]), result.steps, spent


def untrained(model: Model, seed: int) -> Model:
    """Return a model of the same network with random weights."""
    torch.manual_seed(seed)
    fresh = build_generator(model.card.architecture, **model.card.arguments).eval()
    return Model(fresh, replace(model.card, name="untrained"), gauge=model.gauge)


def care(race: Race) -> Made:
    """Train CAREamics' CARE in its own environment."""
    if race.careamics is None:
        raise SystemExit("--careamics: expected the Python of an environment that has CAREamics")
    cuts = {"raw": race.case.raw}
    for role in ("training", "validation"):
        at = (..., *race.regions[role])
        cuts |= {f"{role}_raw": race.case.raw[at], f"{role}_truth": race.case.truth[at]}
    with tempfile.TemporaryDirectory() as folder:
        pair, result = Path(folder) / "pair.npz", Path(folder) / "result.npz"
        np.savez(pair, **cuts)
        command = [race.careamics, str(CAREAMICS), str(pair), str(result), str(race.minutes + BESIDE), str(race.seed)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": ""})
        with np.load(result) as made:
            return made["result"], int(made["steps"]), float(made["seconds"])


def shipped(race: Race, *, told: bool = False) -> Made:
    """Restore with the shipped model as it is."""
    psf = race.case.psf if told else None
    return restore(race.case.raw, race.case.model, axes=race.case.axes, psf=psf), 0, 0.0


CONTENDERS: dict[str, Callable[[Race], Made]] = {
    "raw image": lambda race: (race.case.raw, 0, 0.0),
    "as shipped": shipped,
    "from scratch": partial(tuned, fresh=True),
    "CAREamics": care,
    "fine-tuned": tuned,
    "as shipped, PSF told": partial(shipped, told=True),
    "fine-tuned on the raw image alone, PSF told": partial(tuned, reference=False, told=True),
    "fine-tuned, PSF told": partial(tuned, told=True),
}


def regions_of(case: Case) -> dict[str, tuple[slice, slice]]:
    """Return the regions that fine-tuning divides a case into: the same for every contender."""
    task = make_task(load_model(case.model), case.raw, case.truth, None, None, case.axes, ssim_weight=0.5, seed=0)
    return {role: _box(regions[0]) for role, regions in task.regions.items()}


def _box(region: str) -> tuple[slice, slice]:
    """Read ``rows 0:32, columns 0:80``."""
    spans = [part.split()[1].split(":") for part in region.split(", ")]
    return slice(*map(int, spans[0])), slice(*map(int, spans[1]))


def run(name: str, contenders: list[str], minutes: float, careamics: str | None, seed: int, work: Path) -> None:
    """Run the contenders of a case whose results aren't kept yet, print their figures, and draw them."""
    case = make_case(name)
    race = Race(case, regions_of(case), minutes, careamics, seed)
    test, pictures = (..., *race.regions["test"]), {}
    wide = photon_range(case.truth)
    for contender in contenders:
        kept = work / f"{name} {contender} {seed}.npz"
        if not kept.is_file():
            result, steps, seconds = CONTENDERS[contender](race)
            np.savez(kept, test=result[test], steps=steps, seconds=seconds)
        with np.load(kept) as made:
            picture, steps, seconds = made["test"], int(made["steps"]), float(made["seconds"])
        pair = picture, case.truth[test]
        fidelity, similarity = psnr(*pair, wide), ssim(*pair, wide)
        print(f"| {name} | {contender} | {fidelity:.2f} | {similarity:.3f} | {steps} | {seconds:.0f} |", flush=True)
        pictures[f"{contender}, {fidelity:.1f} dB"] = picture
    draw(pictures | {"true specimen": case.truth[test]}, work / f"{name}.png")


def draw(pictures: dict[str, np.ndarray], file: Path) -> None:
    """Write the pictures side by side at the truth's contrast, 128 pixels a side, the middle plane of stacks."""
    from matplotlib.figure import Figure

    planes = {name: p[len(p) // 2] if p.ndim == 3 else p for name, p in pictures.items()}
    low, high = np.percentile(list(planes.values())[-1], [0.5, 99.7])
    figure = Figure(figsize=(2.2 * len(planes), 2.4), layout="constrained")
    for axis, (name, plane) in zip(figure.subplots(1, len(planes)), planes.items(), strict=True):
        top, left = (max(0, (side - 128) // 2) for side in plane.shape)
        axis.imshow(plane[top : top + 128, left : left + 128], "gray", vmin=low, vmax=high, interpolation="nearest")
        axis.set_title(name, fontsize=6)
        axis.axis("off")
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="Folder that keeps results and pictures.")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--careamics", help="Python of an environment with CAREamics.")
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS)[:5], choices=list(CONTENDERS))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.work.mkdir(parents=True, exist_ok=True)
    print("| case | contender | PSNR | SSIM | steps | processor seconds |\n|---|---|---|---|---|---|")
    for name in given.cases:
        run(name, given.contenders, given.minutes, given.careamics, given.seed, given.work)


if __name__ == "__main__":
    main()
