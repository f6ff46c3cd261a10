"""Time a patch of each kind of source, in milliseconds of one core; a training step should take ten times as long.

python benchmarks/data.py --images ../shared/data
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gan_lessons.data import Augmented, Pairs, build_augmentations, open_pairs

AUGMENTATIONS = ("flip", "shift-scale-rotate", "brightness-contrast", "color-jitter", "coarse-dropout", "noise")
SOURCES: dict[str, Callable[[Path], Pairs]] = {
    "pairs of files, 720 × 1280 RGB": lambda images: open_pairs(images / "motion/gopro_0477"),
    "the same, six augmentations": lambda images: Augmented(
        open_pairs(images / "motion/gopro_0477"), build_augmentations([{"name": name} for name in AUGMENTATIONS])
    ),
    "sharp files, camera shake": lambda images: open_pairs(images / "natural/cbsd68", degradation="camera-shake"),
    "sharp files, microscope": lambda images: open_pairs(
        images / "natural/train400_gray", degradation="microscope", ranges={"photons": 300}
    ),
    "frames, 7 averaged": lambda images: open_pairs(images / "motion/gopro_0477/frames_240fps", layout="frames"),
}


def milliseconds(pairs: Pairs, patch: int, draws: int) -> float:
    """Return the median processor time of a patch, once files and kernels have been used before."""
    times = []
    for number in range(2 * draws):
        began = time.process_time()
        pairs.draw(number % len(pairs), patch, np.random.default_rng(number % draws))
        times.append(time.process_time() - began)
    return 1e3 * float(np.median(times[draws:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=100)
    given = parser.parse_args()
    print("| source | 64² | 256² |\n|---|---|---|")
    for name, opened in SOURCES.items():
        pairs = opened(given.images)
        print(f"| {name} | {milliseconds(pairs, 64, given.draws):.1f} | {milliseconds(pairs, 256, given.draws):.1f} |")


if __name__ == "__main__":
    main()
