"""Compare blurs made of few frames with the one that all frames make: plain averages, and flow-interpolated ones.

    python benchmarks/frames.py --frames ../shared/data/motion/gopro_0477/frames_240fps --out docs/results

Every 8th of 25 consecutive frames is kept, as a camera of 30 frames a second would have it, and exposed; the truth is
the exposure over all 25. Writes frames.md and frames.png.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image as Picture
from scipy import ndimage

from gan_lessons.data.video import Exposure
from gan_lessons.io import read_image
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim

SHOWN = 200  # pixels a side of the part in the picture

TEXT = """# Blur from few frames

    python benchmarks/frames.py --frames FRAMES

{clips} clips of 25 frames at 240 a second; every {step}th is kept. Plain averages of frames in which something moves
farther than a pixel or two from one to the next leave ghosts, copies of every edge; frames interpolated along the
optical flow (DIS, no network) fill the gaps. PSNR and SSIM against the average of all 25 frames, in light (gamma 2.2);
over all of the picture, which mostly stands still, and over the tenth of it that moves most.

| blur | PSNR, dB | SSIM | PSNR where it moves, dB | seconds a picture |
|---|---|---|---|---|
{rows}

![the moving part: plain, interpolated, all frames](frames.png)

*GoPro scene 0477 (Nah et al. 2017, CC BY 4.0), halved.* What is hidden in one of two frames is blended from both, so
that flow leaves a smear at the borders of fast things: frames at a higher rate are better than any interpolation. One
scene, with a still background: a hint, not a proof.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=Path, required=True, help="folder of consecutive frames")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--step", type=int, default=8, help="one in so many frames is kept; divides 24")
    given = parser.parse_args()
    files = sorted(given.frames.glob("*.png"))
    clips = [files[start : start + 25] for start in range(0, len(files) - 24, 7)]
    kinds = {"plain": 0} | {f"{between} between": between for between in (1, 3, 7, 15)}
    figures: dict[str, list[tuple[float, float, float, float]]] = {kind: [] for kind in kinds}
    shown: list[np.ndarray] = []
    for clip in clips:
        frames = np.stack([np.moveaxis(np.asarray(read_image(file).data), -1, 0) for file in clip], 1) / np.float32(255)
        truth = Exposure(frames=25).blur(frames)
        moving = frames.std(1).mean(0)
        mask = moving > np.percentile(moving, 90)
        few = frames[:, :: given.step]
        for kind, between in kinds.items():
            began = time.process_time()
            blurred = Exposure(frames=few.shape[1] | 1, between=between).blur(few)
            error = float(np.mean((blurred - truth)[:, mask] ** 2))
            there = psnr(blurred, truth, 1.0), ssim(blurred, truth, 1.0), -10 * np.log10(error)
            figures[kind].append((*there, time.process_time() - began))
            if clip is clips[0] and between in (0, 7):
                shown.append(blurred)
        if clip is clips[0]:
            shown.append(truth)
    draw(shown, given.out / "frames.png")
    rows = [
        f"| {kind} | {mean[0]:.2f} | {mean[1]:.4f} | {mean[2]:.2f} | {mean[3]:.2f} |"
        for kind, mean in ((kind, np.mean(values, 0)) for kind, values in figures.items())
    ]
    given.out.mkdir(parents=True, exist_ok=True)
    text = TEXT.format(clips=len(clips), step=given.step, rows="\n".join(rows))
    (given.out / "frames.md").write_text(text, encoding="utf-8")
    print(text)


def draw(pictures: list[np.ndarray], path: Path) -> None:
    """Write the square of 200 pixels in which they differ most, side by side, twice as large."""
    difference = ndimage.uniform_filter(np.abs(pictures[0] - pictures[-1]).mean(0), SHOWN)
    half = SHOWN // 2
    inside = difference[half:-half, half:-half]
    top, left = np.unravel_index(inside.argmax(), inside.shape)
    cuts = [picture[:, top : top + SHOWN, left : left + SHOWN] for picture in pictures]
    row = np.concatenate([np.pad(cut, ((0, 0), (0, 0), (0, 4))) for cut in cuts], 2)[..., :-4]
    stored = np.rint(np.moveaxis(row, 0, -1) * 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(stored.repeat(2, 0).repeat(2, 1)).save(path)


if __name__ == "__main__":
    main()
