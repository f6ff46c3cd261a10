"""How fast `restore` is, and how much memory it takes.

    python benchmarks/inference.py [--models fluo-2d photo-motion] [--megapixels 4 25 100] [--repeats 5]
        [--threads N] [--processor-time] [--stack-gb 4] [--minutes 8]

Times are minima of runs taken in turn, so that what else the machine does strikes all alike. On a machine with other
work ``--threads 1 --processor-time`` counts what the process computes, and not how long it waits.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import dask.array
import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from gan_lessons import Image, load_model, restore
from gan_lessons.errors import Cancelled, InputWarning
from gan_lessons.generators import build_generator
from gan_lessons.io import read_image, write_image
from gan_lessons.zoo import Model

Clock = Callable[[], float]

WHOLE = 2**20
ANCHOR_SIDE = 512
PLANE_SIDE = 2048
TILED = 9.0  # megapixels: more than a tile, and the whole still fits into memory


def photograph(model: Model, pixels: float, seed: int = 0) -> tuple[np.ndarray, str]:
    """Make a uint16 image of about so many pixels, with the axes that the model takes."""
    side = round(pixels**0.5)
    shape = {"YX": (side, side), "YXC": (side, side, 3), "ZYX": (1, side, side)}[model.card.axes]
    pattern = np.random.default_rng(seed).gamma(0.5, 800, [min(n, 512) for n in shape]).astype(np.uint16)
    return np.resize(pattern, shape), model.card.axes.replace("C", "S")


def interleaved(runs: dict[str, Callable[[], object]], repeats: int, clock: Clock) -> dict[str, float]:
    """Return the least seconds of each, in rounds of one run each."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(repeats):
        for name, run in runs.items():
            begin = clock()
            run()
            best[name] = min(best[name], clock() - begin)
    return best


def matmul_gflops(repeats: int, clock: Clock) -> float:
    """Return the machine's float32 matrix-multiply speed in GFLOP/s, the best of several sizes and runs."""
    squares = {str(n): torch.randn(n, n) for n in (1024, 2048)}
    times = interleaved({n: lambda x=x: x @ x for n, x in squares.items()}, 3 * repeats, clock)
    return max(2 * int(n) ** 3 / seconds / 1e9 for n, seconds in times.items())


def against_anchor(models: list[Model], repeats: int, clock: Clock) -> None:
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
        best = interleaved(runs, 3 * repeats, clock)
    fastest = min(best["anchor"], best["anchor, channels last"])
    print(f"\n{ANCHOR_SIDE}×{ANCHOR_SIDE}; the anchor is DeblurGAN-v2 FPN-MobileNet, {used / 1e6:.3f} M, forward alone")
    for name, seconds in best.items():
        print(f"  {name:24} {1000 * seconds:8.1f} ms   anchor / this {fastest / seconds:5.2f}")
    peak = matmul_gflops(repeats, clock)
    print(f"  matrix multiplication: {peak:.0f} GFLOP/s at best")
    for model in models:
        share = gflop(model) / best[model.card.name] / peak
        print(f"  {model.card.name:24} {gflop(model):8.1f} GFLOP, {share:.0%} of that, end to end")


def gflop(model: Model) -> float:
    x = torch.zeros(1, model.generator.in_channels, ANCHOR_SIDE, ANCHOR_SIDE)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model.generator(x)
    return counter.get_total_flops() / 1e9


def by_size(model: Model, megapixels: list[float], repeats: int, clock: Clock) -> None:
    """Print seconds a megapixel, the fixed cost apart, and what the default tile costs over the whole."""
    images = {f"{m:g}": photograph(model, m * 1e6) for m in megapixels}
    tiny, axes = photograph(model, 32**2)
    runs: dict[str, Callable[[], object]] = {"fixed": lambda: restore(tiny, model, axes=axes)}
    for name, (image, axes) in images.items():
        runs[name] = lambda i=image, a=axes: restore(i, model, axes=a)
    cut, axes = photograph(model, TILED * 1e6)
    runs["tiled"] = lambda: restore(cut, model, axes=axes)
    runs["whole"] = lambda: restore(cut, model, axes=axes, tile=WHOLE)
    best = interleaved(runs, repeats, clock)
    print(f"\n{model.card.name}: fixed cost {1000 * best['fixed']:.1f} ms (32×32 pixels)")
    rates = {m: (best[f"{m:g}"] - best["fixed"]) / m for m in megapixels}
    for size, rate in rates.items():
        print(f"  {size:6g} megapixels  {best[f'{size:g}']:8.2f} s  {rate:6.3f} s a megapixel")
    print(f"  slowest / fastest rate {max(rates.values()) / min(rates.values()):.2f}")
    print(f"  default tile / whole at {TILED:g} megapixels: {best['tiled'] / best['whole']:.2f}", flush=True)


def anonymous_memory(model: str, gigabytes: float, minutes: float) -> None:
    """Restore a stack from file to file in a process of its own, and print the most anonymous memory it took."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "stack.tif"
        planes = max(1, round(gigabytes * 1e9 / (2 * PLANE_SIDE**2)))
        plane = dask.array.from_array(photograph(load_model("fluo-2d"), PLANE_SIDE**2)[0], chunks=-1)
        write_image(source, Image(dask.array.stack([plane] * planes), "ZYX"))
        command = [sys.executable, __file__, "--watch", str(source), model, str(minutes)]
        size = f"{planes} planes of {PLANE_SIDE}×{PLANE_SIDE}, {source.stat().st_size / 1e9:.2f} GB"
        print(f"\n{model}, {size}, file to file", flush=True)
        subprocess.run(command, check=True)


def watch(source: Path, name: str, minutes: float) -> None:
    """Restore a file for so many minutes, and print the most anonymous memory that this process held by then."""
    seen: list[tuple[int, int]] = []  # tiles done, KiB held
    done, total, over = 0, 0, threading.Event()

    def count(now: int, of: int) -> None:
        nonlocal done, total
        done, total = now, of

    def look() -> None:
        while not over.wait(0.05):
            status = Path("/proc/self/status").read_text()
            seen.append((done, int(status.split("RssAnon:")[1].split()[0])))

    watcher, stop = threading.Thread(target=look, daemon=True), threading.Event()
    watcher.start()
    timer = threading.Timer(60 * minutes, stop.set)
    timer.start()
    try:
        restored = restore(read_image(source), load_model(name), progress=count, cancel=stop)
        write_image(source.with_name("restored.tif"), restored)
    except Cancelled:
        print(f"  stopped after {minutes:g} minutes, as asked")
    timer.cancel()
    over.set()
    watcher.join()
    print(f"  {done} of {total} tiles done; the most anonymous memory by then, in GiB:")
    for part in (0.25, 0.5, 0.75, 1.0):
        most = max(held for tiles, held in seen if tiles <= part * done)
        print(f"  {round(part * done):6} tiles  {most / 1024**2:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["fluo-2d", "photo-motion"])
    parser.add_argument("--megapixels", nargs="*", type=float, default=[4.0, 25.0, 100.0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--processor-time", action="store_true", help="of all threads, in place of the clock on the wall"
    )
    parser.add_argument("--stack-gb", type=float, default=4.0, help="0 for none")
    parser.add_argument("--minutes", type=float, default=8.0, help="after which the stack is left as it is")
    parser.add_argument("--watch", nargs=3, metavar=("STACK", "MODEL", "MINUTES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", InputWarning)  # patterns are unlike photographs
    if arguments.watch:
        source, name, minutes = arguments.watch
        watch(Path(source), name, float(minutes))
        return
    torch.set_num_threads(arguments.threads)
    clock = time.process_time if arguments.processor_time else time.perf_counter
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}")
    models = [load_model(name) for name in arguments.models]
    if arguments.megapixels:
        against_anchor(models, arguments.repeats, clock)
        for model in models:
            by_size(model, arguments.megapixels, arguments.repeats, clock)
    if arguments.stack_gb > 0:
        anonymous_memory(arguments.models[0], arguments.stack_gb, arguments.minutes)


if __name__ == "__main__":
    main()
