"""The demo's picture: every scene in a row, every method in a column, with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gan_lessons.data.demo import Scene
    from gan_lessons.restoration.comparison import Result

COLUMNS = ("blurred", "Wiener", "Richardson–Lucy", "restored", "restored, PSF known")
CROP = 128  # pixels shown of each side: on the whole image nobody sees a difference


def draw_comparison(comparisons: Sequence[tuple[Scene, Sequence[Result]]], path: Path) -> None:
    """Save crops of all results beside the truth, all of a row at the truth's contrast."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.3 * (len(COLUMNS) + 1), 2.65 * len(comparisons)), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(comparisons), len(COLUMNS) + 1, squeeze=False)
    for row, (scene, results) in zip(panels, comparisons, strict=True):
        by_method = {result.method: result for result in results}
        for panel, method in zip(row, COLUMNS, strict=False):
            panel.axis("off")
            if method in by_method:
                result = by_method[method]
                _show(panel, scene, result.pixels)
                panel.set_title(f"{method}\n{result.psnr:.1f} dB, SSIM {result.ssim:.2f}", fontsize=8)
        row[-1].axis("off")
        _show(row[-1], scene, scene.truth)
        row[-1].set_title("truth", fontsize=8)
        _label(row[0], scene)
    figure.savefig(path, dpi=130, format="png")


def _show(panel: Any, scene: Scene, pixels: np.ndarray) -> None:
    plane = _crop(scene, pixels)
    low, high = np.percentile(_crop(scene, scene.truth), [0.5, 99.8])
    shown = np.clip((plane - low) / max(high - low, 1e-6), 0, 1)
    panel.imshow(shown, cmap=None if shown.ndim == 3 else "gray", vmin=0, vmax=1, interpolation="nearest")


def _crop(scene: Scene, pixels: np.ndarray) -> np.ndarray:
    """Return the middle plane's middle."""
    plane = pixels[len(pixels) // 2] if scene.degraded.axes == "ZYX" else pixels
    top, left = (max(0, side // 2 - CROP // 2) for side in plane.shape[:2])
    return plane[top : top + CROP, left : left + CROP]


def _label(panel: Any, scene: Scene) -> None:
    """Write the scene's name, and draw a scale bar where the pixel size is known."""
    panel.text(0.03, 0.97, scene.name, color="yellow", fontsize=8, va="top", transform=panel.transAxes)
    size = scene.degraded.pixel_size.get("X")
    if size:
        length = 5.0 if size > 0.12 else 2.0
        right = min(CROP, scene.degraded.sizes["X"]) - 6
        bottom = min(CROP, scene.degraded.sizes["Y"]) - 8
        panel.plot([right - length / size, right], [bottom, bottom], color="white", linewidth=2.5)
        panel.text(right, bottom - 4, f"{length:g} µm", color="white", fontsize=7, ha="right")
