"""Our critics beside the papers' code: counts, the same output from the same weights, time of a training step.

``python benchmarks/critics.py --originals DIR``: DIR holds the clones that ``originals.py`` lists. Keras's critic needs
Keras, and is left out, aloud, without it. Times are a thread's processor time (``paired.py``); the ratio is the median
of rounds, with the upper end of its one-sided 95 % interval.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import originals
import torch
from paired import race
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from gan_lessons.critics import UNetCritic, build_critic
from gan_lessons.critics.base import Critic

DUAL = {"norm": "instance", "padding": 2}

ROWS: dict[str, tuple[Callable[[], Critic], Callable[[Path], nn.Module]]] = {
    "pix2pix": (lambda: build_critic("patchgan"), originals.patchgan),
    "pix2pix, conditional": (
        lambda: build_critic("patchgan", condition_channels=3),
        lambda folder: originals.patchgan(folder, channels=6),
    ),
    "pix2pixHD, two scales, conditional": (
        lambda: build_critic("multiscale", condition_channels=3),
        originals.pix2pixhd_critic,
    ),
    "DeblurGAN-v2, patch": (
        lambda: build_critic("patchgan", **DUAL),
        lambda folder: originals.deblurgan_v2_critic(folder, layers=3),
    ),
    "DeblurGAN-v2, full": (
        lambda: build_critic("patchgan", depth=5, **DUAL),
        lambda folder: originals.deblurgan_v2_critic(folder, layers=5),
    ),
    "Real-ESRGAN": (lambda: build_critic("unet"), originals.real_esrgan_critic),
}


def layers(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d))]


@torch.no_grad()
def port(original: nn.Module, ours: nn.Module) -> None:
    """Copy weights layer by layer, in order; pix2pixHD numbers its scales from the coarsest."""
    theirs, mine = layers(original), layers(ours)
    if hasattr(original, "num_D"):
        theirs = [m for scale in reversed(range(original.num_D)) for m in layers(getattr(original, f"layer{scale}"))]
    for source, target in zip(theirs, mine, strict=True):
        if is_parametrized(target):
            weight = target.parametrizations.weight  # type: ignore[union-attr,operator]
            weight.original.copy_(source.weight_orig)  # type: ignore[union-attr,operator]
            weight[0]._u.copy_(source.weight_u)  # type: ignore[union-attr,operator,index]
            weight[0]._v.copy_(source.weight_v)  # type: ignore[union-attr,operator,index]
        else:
            target.load_state_dict(source.state_dict())


def flat(scores: Any) -> list[Tensor]:
    return [scores] if isinstance(scores, Tensor) else [tensor for score in scores for tensor in flat(score)]


def describe_row(name: str, ours: Critic, original: nn.Module, side: int, rounds: int) -> str:
    port(original, ours)
    image, condition = torch.rand(2, 1, 3, side, side) * 2 - 1
    beside = (condition,) if ours.condition_channels else ()
    joined = torch.cat([*beside, image], 1)
    for network in (ours, original):
        network.train(not isinstance(ours, UNetCritic))  # where training has a power iteration, after the first output
    with torch.no_grad():
        pairs = zip(flat(ours(image, *beside)), flat(original(joined)), strict=True)
        difference = max(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs)

    def step(which: int, critic: nn.Module) -> None:
        scores = critic(joined) if which else critic(image, *beside)
        torch.stack([score.mean() for score in flat(scores)]).sum().backward()

    seen = race(ours.train(), original.train(), step, rounds)
    counts = [sum(p.numel() for p in network.parameters()) for network in (ours, original)]
    return f"| {name} | {counts[0]:,} | {counts[1]:,} | {difference:.0e} | {seen.median:.3f} | {seen.upper:.3f} |"


TO_TORCH = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}  # convolution, dense, norm


def keras_row(folder: Path) -> str:
    """Compare `DenseCritic` in evaluation: Keras's ε put in, random weights and statistics."""
    original = originals.keras_critic(folder)
    ours = build_critic("dense", "keras-deblurgan").eval()
    targets = [m for m in ours.modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.BatchNorm2d))]
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for layer, target in zip([layer for layer in original.layers if layer.get_weights()], targets, strict=True):
            weights = [rng.normal(0.5 * (w.ndim == 1), 0.05, w.shape) for w in layer.get_weights()]
            layer.set_weights(weights)
            tensors = [torch.from_numpy(w).float() for w in weights]
            target.weight.copy_(tensors[0].permute(*TO_TORCH[tensors[0].ndim]))
            target.bias.copy_(tensors[1])
            if isinstance(target, nn.BatchNorm2d):
                target.eps, target.running_mean, target.running_var = 1e-3, tensors[2], tensors[3]
        image = torch.rand(2, 3, 256, 256) * 2 - 1
        theirs = original(image.permute(0, 2, 3, 1).numpy(), training=False).cpu()
        difference = ((ours(image) - theirs).abs().max() / theirs.abs().max()).item()
    counts = [sum(p.numel() for p in ours.parameters()), sum(int(np.prod(w.shape)) for w in original.trainable_weights)]
    return f"| DeblurGAN in Keras | {counts[0]:,} | {counts[1]:,} | {difference:.0e} | – | – |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--originals", type=Path, required=True, help="folder of the clones")
    parser.add_argument("--side", type=int, default=128, help="of the images")
    parser.add_argument("--rounds", type=int, default=20, help="of a step of each")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    print("| critic | parameters | original's | relative difference | step, ours / original's | upper 95 % |")
    print("|---|---|---|---|---|---|")
    for name, (build, build_original) in ROWS.items():
        original = build_original(options.originals)
        print(describe_row(name, build(), original, options.side, options.rounds), flush=True)
    try:
        print(keras_row(options.originals))
    except ImportError as error:
        print(f"| DeblurGAN in Keras: not compared, {error} |")


if __name__ == "__main__":
    main()
