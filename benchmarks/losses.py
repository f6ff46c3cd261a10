"""Milliseconds of each content term, forward and backward, and the ratio to torchmetrics where it has the same.

    python benchmarks/losses.py [--sides 96 256] [--channels 3] [--batch 4] [--seconds 60] [--weights DIR]

Times are a thread's processor time; a pair's are taken in turn (``paired.py``), and the ratio is the median of rounds,
with the ends of its one-sided 95 % intervals. ``--weights`` is a folder of trunk weights under torchvision's names;
without it perceptual terms have random ones, which take as long.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
import torchmetrics.functional as regression
import torchmetrics.functional.image as images
import torchvision
from paired import compare
from torch import Tensor

from gan_lessons.errors import InputError
from gan_lessons.losses import build_loss, list_losses
from gan_lessons.losses.trunks import TRUNKS

THEIRS: dict[str, Callable[..., Tensor]] = {
    "l1": regression.mean_absolute_error,
    "mse": regression.mean_squared_error,
    "ssim": lambda x, y: 1 - images.structural_similarity_index_measure(x, y, data_range=1.0),
    "ms-ssim": lambda x, y: 1 - images.multiscale_structural_similarity_index_measure(x, y, data_range=1.0),
    "total-variation": lambda x: images.total_variation(x, reduction="mean") / x[0].numel(),
}


def random_weights(folder: Path) -> Path:
    """Write each trunk's state dict with random weights, in torchvision's names."""
    for trunk in TRUNKS.values():
        with torch.device("meta"):
            shapes = torchvision.models.get_model(trunk.network, weights=None).features.state_dict()
        state = {f"features.{key}": 0.02 * torch.randn(value.shape) for key, value in shapes.items()}
        torch.save(state, folder / trunk.file)
    return folder


def step(term: Callable[..., Tensor], tensors: list[Tensor]) -> float:
    """Return the seconds of a value and its gradient."""
    image = tensors[0].detach().requires_grad_()
    begin = time.process_time()
    term(image, *tensors[1:]).backward()
    return time.process_time() - begin


def report(shape: tuple[int, ...], seconds: float, weights: Path) -> None:
    print(f"\n{shape}\n\n| term | ms | torchmetrics, ms | ours / torchmetrics (95 %) | rounds |\n|---|---|---|---|---|")
    for name in list_losses():
        arguments = {"weights": weights} if name.startswith("perceptual-") else {}
        term = build_loss(name, **arguments)
        extent = (shape[0], 8 * shape[1], *shape[2:]) if name == "illumination-smoothness" else shape
        tensors = [torch.rand(extent) for _ in term.needs]
        contestants = [term, THEIRS[name]] if name in THEIRS else [term]
        try:
            for contestant in contestants:  # the first call isn't counted
                step(contestant, tensors)
        except InputError as error:
            print(f"| {name} | {error} | | | |")
            continue
        rounds: list[list[float]] = []
        begin = time.perf_counter()
        while len(rounds) < 7 or (time.perf_counter() - begin < seconds and len(rounds) < 201):
            rounds.append([step(contestant, tensors) for contestant in contestants])
        ours, *theirs = map(list, zip(*rounds, strict=True))
        if theirs:
            seen = compare(ours, theirs[0])
            ratio = f"{1e3 * seen.theirs:.2f} | {seen.median:.2f} ({seen.lower:.2f} to {seen.upper:.2f})"
        print(f"| {name} | {1e3 * median(ours):.2f} | {ratio if theirs else '| '} | {len(rounds)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", type=int, nargs="+", default=[96, 256])
    parser.add_argument("--channels", type=int, default=3)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60, help="for one size")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, torchmetrics beside it, one thread")
    with tempfile.TemporaryDirectory() as folder:
        weights = options.weights or random_weights(Path(folder))
        for side in options.sides:
            shape = (options.batch, options.channels, side, side)
            report(shape, options.seconds / len(list_losses()), weights)


if __name__ == "__main__":
    main()
