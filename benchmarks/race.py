"""Race shapes of networks at equal processor time: same data, same seed, one thread each; PSNR against seconds.

python benchmarks/race.py --images ../shared/data --minutes 4 --out race.csv [--only NAME …]
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.generators import UnshuffleUNet
from gan_lessons.training.batch import Batch
from gan_lessons.training.descent import Descent
from gan_lessons.training.networks import build_content
from gan_lessons.training.order import Batches, Order
from gan_lessons.training.prepare import prepare_pairs
from gan_lessons.training.recipe import Phase, read_recipe
from gan_lessons.training.sections import MUON, Optimizer


class NAFBlock(nn.Module):
    """NAFNet's block (Chen et al. 2022) without its global pooling, which would tie a tile to its border."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(1, width), nn.GroupNorm(1, width)
        self.expand = nn.Conv2d(width, 2 * width, 1)
        self.depthwise = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width)
        self.project = nn.Conv2d(width, width, 1)
        self.feed = nn.Conv2d(width, 2 * width, 1)
        self.forward_project = nn.Conv2d(width, width, 1)
        self.beta = nn.Parameter(torch.zeros(1, width, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, width, 1, 1))

    @staticmethod
    def layer_norm(norm: nn.GroupNorm, x: Tensor) -> Tensor:
        y = F.layer_norm(x.movedim(1, -1), (x.shape[1],), norm.weight, norm.bias)
        return y.movedim(-1, 1)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.depthwise(self.expand(self.layer_norm(self.norm1, x))).chunk(2, 1)
        x = x + self.beta * self.project(a * b)
        a, b = self.feed(self.layer_norm(self.norm2, x)).chunk(2, 1)
        return x + self.gamma * self.forward_project(a * b)


class HalfResolutionNAF(nn.Module):
    def __init__(self, width: int = 40, depth: int = 8) -> None:
        super().__init__()
        self.first = nn.Conv2d(16, width, 3, padding=1)
        self.body = nn.Sequential(*[NAFBlock(width) for _ in range(depth)])
        self.last = nn.Conv2d(width, 4, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, image: Tensor, guides: Tensor) -> Tensor:
        x = self.first(F.pixel_unshuffle(torch.cat([image, guides], 1), 2))
        return image + F.pixel_shuffle(self.last(self.body(x)), 2)


def unshuffle(factor: int, *widths: int) -> nn.Module:
    return UnshuffleUNet(1, 1, guides=3, unshuffle=factor, widths=widths)


def with_bias(network: nn.Module) -> nn.Module:
    for conv in [m for m in network.modules() if isinstance(m, nn.Conv2d)]:
        conv.bias = nn.Parameter(torch.zeros(conv.out_channels))
    return network


SHAPES = {
    "U-Net, unshuffle 2, 48/64/96": lambda: unshuffle(2, 48, 64, 96),
    "U-Net, unshuffle 2, 32/64/128": lambda: unshuffle(2, 32, 64, 128),
    "U-Net, unshuffle 4, 64/128/192": lambda: unshuffle(4, 64, 128, 192),
    "U-Net, unshuffle 1, 16/32/64/96": lambda: unshuffle(1, 16, 32, 64, 96),
    "U-Net, unshuffle 2, 48/64/96, biases": lambda: with_bias(unshuffle(2, 48, 64, 96)),
    "NAF blocks at half resolution, 40 × 8": HalfResolutionNAF,
}


def mean_psnr(network: nn.Module, batches: list[Batch]) -> float:
    network.eval()
    errors = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for batch in batches:
            restored = network(batch.image, batch.guides).float()
            errors.append(((restored - batch.truth) ** 2).mean((1, 2, 3)))
    network.train()
    return float(-10 * torch.log10(torch.cat(errors).clamp(min=1e-8)).mean())


def race(name: str, images: Path, minutes: float, optimizer_name: str) -> list[list[object]]:
    recipe = read_recipe("fluo-2d")
    small = recipe.truths.model_copy(update={"drawn": 200})
    held_out = recipe.model_copy(
        update={"seed": 900, "truths": small.model_copy(update={"files_share": 0.0, "drawn": 60})}
    )
    validation = prepare_pairs(held_out, images)
    phase = Phase(steps=1_000_000, batch=8, patch=96, rate=1e-3)
    batches = Batches(validation, Order([phase.model_copy(update={"patch": 160})], len(validation), seed=0))
    looked_at = [batches[i] for i in range(6)]
    pairs = prepare_pairs(recipe.model_copy(update={"truths": small}), images)
    torch.manual_seed(0)
    network = SHAPES[name]().to(memory_format=torch.channels_last)
    options = MUON if optimizer_name == "muon" else Optimizer(name="adamw", decay=1e-4)
    descent = Descent(network, options, clip=1.0)
    content, drawn = build_content(recipe, phase), Batches(pairs, Order([phase], len(pairs), seed=0))
    spent, step = 0.0, 0
    rows: list[list[object]] = [[name, 0, 0, round(mean_psnr(network, looked_at), 3)]]
    while spent < 60 * minutes:
        descent.set_rate(1e-3 * (1 - 0.97 * spent / (60 * minutes)))
        batch = drawn[step]
        began = time.process_time()
        with torch.autocast("cpu", torch.bfloat16):
            restored = network(batch.image, batch.guides)
        loss, _ = content(restored.float(), batch.truth, weight=batch.weight)
        descent.begin()
        loss.backward()
        descent.step({"content": float(loss.detach())}, at=step)
        spent += time.process_time() - began  # the network's own: data cost the same for all
        step += 1
        if spent >= len(rows) * 15 * minutes:
            rows.append([name, round(spent), step, round(mean_psnr(network, looked_at), 3)])
            print(*rows[-1], sep=", ", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--optimizer", choices=["muon", "adamw"], default="muon")
    parser.add_argument("--out", type=Path, default=Path("race.csv"))
    parser.add_argument("--only", nargs="*", default=list(SHAPES))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with arguments.out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["shape", "cpu_seconds", "steps", "psnr"])
        for name in arguments.only:
            writer.writerows(race(name, arguments.images, arguments.minutes, arguments.optimizer))


if __name__ == "__main__":
    main()
