"""Processor seconds of SSIM's map of a stack beside scikit-image, their difference, and the memory of both.

    python benchmarks/metrics.py [--planes 50] [--side 2048] [--theirs 3] [--threads 2] [--wall]

Planes are scored in turn: first ours, then scikit-image's (``gaussian_weights=True``, the paper's window), so that both
meet the same moment of the machine. Processor time is what other work on the machine changes least; with one thread
(``--threads 1``) it is the time that an idle machine takes, and the ratio is that of the least times. Ours then runs
over the whole stack, a lazy one that is drawn plane by plane as it is read; its peak memory is told beside a plane's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import dask.array as da
import numpy as np
import psutil
import torch
from skimage.metrics import structural_similarity

from gan_lessons.metrics.ssim import ssim, ssim_map


def plane_of(number: int, side: int) -> np.ndarray:
    """Draw a plane around 30 000, float32, smooth and with noise."""
    rng = np.random.default_rng(number)
    y, x = np.indices((side, side), np.float32)
    scene = 500 + 400 * np.sin(x / 37 + number) * np.cos(y / 53)
    return (30_000 + scene + rng.normal(0, 30, scene.shape)).astype(np.float32)


def beside(planes: int, side: int, clock: Callable[[], float]) -> None:
    """Print the ratio of single planes."""
    times, others = [], []
    for number in range(planes):
        truth, image = plane_of(number, side), plane_of(number, side) + plane_of(number + 1, side) % 7
        begin = clock()
        ours = ssim_map(image, truth, 1000.0)
        middle = clock()
        _, theirs = structural_similarity(
            image.astype(np.float64),
            truth.astype(np.float64),
            data_range=1000.0,
            full=True,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        end = clock()
        times.append(middle - begin)
        others.append(end - middle)
        difference = float(np.abs(ours - theirs).max())
        print(f"plane {number}: {times[-1]:.3f} s, scikit-image {others[-1]:.3f} s, ", end="")
        print(f"{others[-1] / times[-1]:.1f} times as fast, largest difference {difference:.1e}", flush=True)
    print(f"least of {planes}: {min(times):.3f} s, {min(others):.3f} s, {min(others) / min(times):.1f} times as fast")


def whole(planes: int, side: int) -> None:
    """Print the time and the memory of a stack that isn't in memory."""

    def draw(block_info: dict | None = None) -> np.ndarray:
        assert block_info is not None
        return plane_of(block_info[None]["chunk-location"][0], side)[None]

    stack = da.map_blocks(draw, chunks=((1,) * planes, side, side), dtype=np.float32, meta=np.empty((0, 0, 0), "f4"))
    process, begin, score = psutil.Process(), time.perf_counter(), 0.0
    before, peak = process.memory_info().rss, 0
    for number in range(planes):  # as a reader of the map would
        score += float(ssim_map(stack[number : number + 1], stack[number : number + 1] + 5, 1000.0).mean().compute())
        peak = max(peak, process.memory_info().rss)
    print(
        f"{planes} lazy planes: {time.perf_counter() - begin:.1f} s with drawing them, mean {score / planes:.6f}, ",
        end="",
    )
    print(f"memory {(peak - before) / 1e6:.0f} MB more; a plane in float64 has {side * side * 8 / 1e6:.0f} MB")
    begin = time.perf_counter()
    mean = ssim(stack, stack + 5, 1000.0)
    peak = process.memory_info().rss
    print(f"ssim of the same: {time.perf_counter() - begin:.1f} s, {mean:.6f}, {(peak - before) / 1e6:.0f} MB more")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planes", type=int, default=50)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--theirs", type=int, default=3, help="planes that scikit-image scores, too")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--wall", action="store_true", help="seconds on the wall, for an idle machine")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.side}×{options.side} pixels, {options.threads} thread(s), torch {torch.__version__}")
    beside(options.theirs, options.side, time.perf_counter if options.wall else time.process_time)
    whole(options.planes, options.side)


if __name__ == "__main__":
    main()
