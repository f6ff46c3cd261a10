"""The encoders of DeblurGAN-v2 side by side: parameters, multiplications, milliseconds, and PSNR trained alike.

    python benchmarks/backbones.py [--runs FOLDER] [--passes 3]

Cost is that of the recipes' generators (width 128; the tutorial's 256 in the second row of each) at 256 × 256 pixels;
the time is the least processor time of some forward passes of one thread, so that what else runs doesn't count. PSNR
comes from the runs that `recipes.py` leaves in its --work: narrow pyramids of 32 channels, 500 steps, on held-out
photographs.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from gan_lessons.blocks import measure_cost
from gan_lessons.generators import build_generator

SIDE = 256
ENCODERS = {
    "Inception-ResNet-v2": ("fpn-inception_resnet_v2", None),
    "MobileNetV2": ("fpn-mobilenet_v2", "deblurgan-v2-mobile"),
    "MobileNet-DSC": ("fpn-mobilenet_dsc", "deblurgan-v2-dsc"),
}
TUTORIAL = {  # of torch-deblurgan-v2: million parameters, GMACs, PSNR, ms on a GPU
    "Inception-ResNet-v2": (55.8, 411, 29.1, 120),
    "MobileNetV2": (3.4, 45, 28.3, 18),
    "MobileNet-DSC": (1.2, 12, 27.9, 6),
}


@torch.inference_mode()
def milliseconds(network: torch.nn.Module, passes: int) -> float:
    image = torch.rand(1, 3, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
    network.to(memory_format=torch.channels_last)  # as `restore` runs it
    times = []
    for _ in range(passes):
        began = time.process_time()
        network(image)
        times.append(time.process_time() - began)
    return 1000 * min(times)


def trained(runs: Path | None, recipe: str | None) -> str:
    """Return mean PSNR and SSIM of a recipe's finished runs, beside those of the blurred input."""
    files = sorted((runs / "runs").glob(f"{recipe} */result.json")) if runs and recipe else []
    results = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    results = [result for result in results if "validation psnr" in result]
    if not results:
        return "not run"
    psnr, ssim, before = (
        np.mean([one[name] for one in results]) for name in ("validation psnr", "validation ssim", "input psnr")
    )
    return f"{psnr:.2f} dB, {ssim:.3f} (blurred {before:.2f}; {len(results)} seeds)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, help="the --work of recipes.py")
    parser.add_argument("--passes", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(
        "| encoder | width | parameters | GMACs | ms | trained alike | the tutorial's |\n|---|---|---|---|---|---|---|"
    )
    for name, (architecture, recipe) in ENCODERS.items():
        for width in (128, 256):
            network = build_generator(architecture, width=width).eval()
            cost = measure_cost(network, (1, 3, SIDE, SIDE))
            spent = milliseconds(network, given.passes)
            result, theirs = (trained(given.runs, recipe), "") if width == 128 else ("", TUTORIAL[name])
            told = f"{theirs[0]} M, {theirs[1]} G, {theirs[2]} dB, {theirs[3]} ms" if theirs else ""
            row = [name, width, f"{cost.parameters:,}", f"{cost.macs / 1e9:.1f}", f"{spent:.0f}", result, told]
            print("| " + " | ".join(map(str, row)) + " |", flush=True)


if __name__ == "__main__":
    main()
