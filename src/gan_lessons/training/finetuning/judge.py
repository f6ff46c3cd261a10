"""Figures of a region: what a model makes of it, beside the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from gan_lessons.generators import Generator
from gan_lessons.metrics.full_reference import photon_range, psnr, ssim
from gan_lessons.restoration.network import with_neighbors
from gan_lessons.restoration.tiles import BATCH_PIXELS
from gan_lessons.training.finetuning.regions import Region
from gan_lessons.training.finetuning.scenes import Scene
from gan_lessons.training.finetuning.watcher import Preview

PREVIEW = 256
"""Pixels along a side of a preview, at most."""

MOST_PIXELS = {"validation": 2**18, "test": 2**22}
"""That are judged; of more, planes are taken evenly. Validation comes every hundred steps, and takes a fiftieth."""


def restored(generator: Generator | None, scene: Scene, region: Region, planes: Sequence[int], context: int) -> Tensor:
    """Restore some planes of a region, told what the user would tell: (planes, S, rows, columns).

    The network sees its halo around the region; without a network, the image itself is returned.
    """
    if generator is None:
        return scene.image[list(planes), :, region.rows, region.columns]
    seen = region.grown(generator.halo, scene.image.shape[-2:])  # type: ignore[arg-type]
    device = next(generator.parameters()).device
    inside = tuple(slice(a.start - b.start, a.stop - b.start) for a, b in zip(region, seen, strict=True))
    some = max(1, BATCH_PIXELS // (seen.sides[0] * seen.sides[1]))
    parts = []
    with torch.inference_mode():
        for first in range(0, len(planes), some):
            chosen = list(planes[first : first + some])
            image = with_neighbors(scene.image[:, :, seen.rows, seen.columns], chosen, context).to(device)
            told = scene.guides[0]
            guides = None if told is None else told[chosen][:, :, seen.rows, seen.columns].to(device)
            result = generator(image) if guides is None else generator(image, guides)
            parts.append(result[:, :, inside[0], inside[1]].float().cpu())
    return torch.cat(parts)


def preview_of(generator: Generator, scenes: Sequence[Scene], context: int) -> Preview:
    """Restore the middle of the first validation region, in its middle plane."""
    scene = next(scene for scene in scenes if "validation" in scene.regions)
    rows, columns = (_middle(side, generator.stride) for side in scene.regions["validation"])
    region, plane = Region(rows, columns), len(scene.image) // 2
    pixels = restored(generator, scene, region, [plane], context)[0].permute(1, 2, 0).numpy()
    image, time, channel = scene.where
    return Preview(scene.normalization.undo(pixels).astype(np.float32), region, image, time, channel, plane)


def _middle(side: slice, stride: int) -> slice:
    """Return at most `PREVIEW` of a side, begun on the stride's grid as the side is."""
    spare = max(0, side.stop - side.start - PREVIEW) // 2
    start = side.start + spare // stride * stride
    return slice(start, min(start + PREVIEW, side.stop))


def judged_planes(scenes: Sequence[Scene], role: str) -> Iterable[tuple[Scene, Region, list[int]]]:
    """Yield the scenes that have a region of this role, with evenly spread planes up to `MOST_PIXELS` in all."""
    some = [scene for scene in scenes if role in scene.regions]
    for scene in some:
        height, width = scene.regions[role].sides
        count = max(1, MOST_PIXELS[role] // (len(some) * height * width * scene.image.shape[1]))
        depth = len(scene.image)
        planes = np.unique(np.linspace(0, depth - 1, min(count, depth)).round().astype(int))
        yield scene, scene.regions[role], planes.tolist()


def fidelity(generator: Generator | None, scenes: Sequence[Scene], role: str, context: int) -> dict[str, float]:
    """Return PSNR and SSIM at the truth's range, averaged over scenes.

    The range is the 99.9th percentile of a scene's whole truth less its minimum.
    """
    figures = []
    for scene, region, planes in judged_planes(scenes, role):
        result = restored(generator, scene, region, planes, context).numpy()
        truth = scene.target[planes][:, :, region.rows, region.columns].numpy()
        wide = photon_range(scene.target.numpy())
        figures.append((psnr(result, truth, wide), ssim(result, truth, wide)))
    found = np.mean(figures, axis=0)
    return {"psnr": round(float(found[0]), 3), "ssim": round(float(found[1]), 4)}
