"""How fast `restore` is, and how much memory it takes.

    python benchmarks/inference.py [--models fluo-2d photo-motion] [--megapixels 4 9 25] [--stack-gb 0.5] [--repeats 5]

Times are minima of runs taken in turn, so that what else the machine does strikes all alike. A model that isn't shipped
is replaced by an untrained one of its recipe's architecture, and said so: weights don't change the time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from gan_lessons import Image, load_model, restore
from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.io import read_image, write_image
from gan_lessons.training.recipe import read_recipe
from gan_lessons.zoo import Card, Model

WHOLE = 2**20
ANCHOR_SIDE = 512


def find_model(name: str) -> Model:
    try:
        return load_model(name)
    except InputError:
        print(f"{name}: not shipped yet, timed with untrained weights")
        recipe = read_recipe(name)
        network = recipe.generator
        card = Card(name, "", network.architecture, network.arguments, recipe.axes, psf=recipe.guidance is not None)
        return Model(build_generator(network.architecture, **network.arguments).eval(), card)


def photograph(model: Model, pixels: float, seed: int = 0) -> tuple[np.ndarray, str]:
    """Make a uint16 image of about so many pixels, with the axes that the model takes."""
    side = round(pixels**0.5)
    shape = {"YX": (side, side), "YXC": (side, side, 3), "ZYX": (1, side, side)}[model.card.axes]
    pattern = np.random.default_rng(seed).gamma(0.5, 800, [min(n, 512) for n in shape]).astype(np.uint16)
    return np.resize(pattern, shape), model.card.axes.replace("C", "S")


def interleaved(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the least seconds of each, in rounds of one run each."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(repeats):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - begin)
    return best


def matmul_gflops(repeats: int) -> float:
    """Return the machine's float32 matrix-multiply speed in GFLOP/s, the best of several sizes and runs."""
    squares = {str(n): torch.randn(n, n) for n in (1024, 2048)}
    times = interleaved({n: lambda x=x: x @ x for n, x in squares.items()}, 3 * repeats)
    return max(2 * int(n) ** 3 / seconds / 1e9 for n, seconds in times.items())


def against_anchor(models: list[Model], repeats: int) -> None:
    """Time `restore`, end to end, beside the anchor's forward pass alone in its faster memory order."""
    anchor, x = build_generator("fpn-mobilenet_v2").eval(), torch.randn(1, 3, ANCHOR_SIDE, ANCHOR_SIDE)
    used = sum(p.numel() for p in anchor.parameters())
    last = x.contiguous(memory_format=torch.channels_last)
    runs: dict[str, Callable[[], object]] = {"anchor": lambda: anchor(x), "anchor, channels last": lambda: anchor(last)}
    for model in models:
        image, axes = photograph(model, ANCHOR_SIDE**2)
        image = image.astype(np.float32)
        runs[model.card.name] = lambda i=image, m=model, a=axes: restore(i, m, axes=a)
    with torch.inference_mode():
        best = interleaved(runs, 3 * repeats)
    fastest = min(best["anchor"], best["anchor, channels last"])
    print(f"\n{ANCHOR_SIDE}×{ANCHOR_SIDE}; the anchor is DeblurGAN-v2 FPN-MobileNet, {used / 1e6:.3f} M, forward alone")
    for name, seconds in best.items():
        print(f"  {name:24} {1000 * seconds:8.1f} ms   anchor / this {fastest / seconds:5.2f}")
    peak = matmul_gflops(repeats)
    print(f"  matrix multiplication: {peak:.0f} GFLOP/s at best")
    for model in models:
        share = gflop(model) / best[model.card.name] / peak
        print(f"  {model.card.name:24} {gflop(model):8.1f} GFLOP, {share:.0%} of that, end to end")


def gflop(model: Model) -> float:
    x = torch.zeros(1, model.generator.in_channels, ANCHOR_SIDE, ANCHOR_SIDE)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model.generator(x)
    return counter.get_total_flops() / 1e9


def by_size(model: Model, megapixels: list[float], repeats: int) -> None:
    """Print seconds a megapixel, the fixed cost apart, and what the default tile costs over the whole."""
    images = {f"{m:g}": photograph(model, m * 1e6) for m in megapixels}
    tiny, axes = photograph(model, 32**2)
    runs: dict[str, Callable[[], object]] = {"fixed": lambda: restore(tiny, model, axes=axes)}
    for name, (image, axes) in images.items():
        runs[name] = lambda i=image, a=axes: restore(i, model, axes=a)
    smallest, axes = images[f"{megapixels[0]:g}"]
    runs["whole"] = lambda: restore(smallest, model, axes=axes, tile=WHOLE)
    best = interleaved(runs, repeats)
    print(f"\n{model.card.name}: fixed cost {1000 * best['fixed']:.1f} ms (32×32 pixels)")
    rates = {m: (best[f"{m:g}"] - best["fixed"]) / m for m in megapixels}
    for size, rate in rates.items():
        print(f"  {size:6g} megapixels  {best[f'{size:g}']:8.2f} s  {rate:6.3f} s a megapixel")
    print(f"  slowest / fastest rate {max(rates.values()) / min(rates.values()):.2f}")
    print(f"  default tile / whole at {megapixels[0]:g} megapixels: {best[f'{megapixels[0]:g}'] / best['whole']:.2f}")


def anonymous_memory(model: str, gigabytes: float) -> None:
    """Restore a stack from file to file in a process of its own, and print the most anonymous memory it took."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "stack.tif"
        planes = max(1, round(gigabytes * 1e9 / (2 * 2048**2)))
        import dask.array

        plane = dask.array.from_array(photograph(find_model("fluo-2d"), 2048**2)[0], chunks=-1)
        write_image(source, Image(dask.array.stack([plane] * planes), "ZYX"))
        command = [sys.executable, __file__, "--watch", str(source), model]
        print(f"\n{model}, {planes} planes of 2048×2048, {source.stat().st_size / 1e9:.2f} GB, file to file")
        subprocess.run(command, check=True)


def watch(source: Path, name: str) -> None:
    """Restore a file, and print the most anonymous memory that this process held."""
    most, over = 0, threading.Event()

    def look() -> None:
        nonlocal most
        while not over.wait(0.02):
            status = Path("/proc/self/status").read_text()
            most = max(most, int(status.split("RssAnon:")[1].split()[0]))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    begin = time.perf_counter()
    write_image(source.with_name("restored.tif"), restore(read_image(source), find_model(name)))
    seconds = time.perf_counter() - begin
    over.set()
    watcher.join()
    print(f"  {seconds:.1f} s; anonymous memory at most {most / 1024**2:.2f} GiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["fluo-2d", "photo-motion"])
    parser.add_argument("--megapixels", nargs="+", type=float, default=[4.0, 9.0, 25.0])
    parser.add_argument("--stack-gb", type=float, default=0.5)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--watch", nargs=2, metavar=("STACK", "MODEL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.watch:
        watch(Path(arguments.watch[0]), arguments.watch[1])
        return
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}")
    models = [find_model(name) for name in arguments.models]
    against_anchor(models, arguments.repeats)
    for model in models:
        by_size(model, arguments.megapixels, arguments.repeats)
    if arguments.stack_gb > 0:
        anonymous_memory(arguments.models[0], arguments.stack_gb)


if __name__ == "__main__":
    main()
