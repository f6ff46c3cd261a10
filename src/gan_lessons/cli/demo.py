"""``gan-lessons demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan_lessons.cli import console
from gan_lessons.errors import InputError

if TYPE_CHECKING:
    from gan_lessons.data.demo import Scene
    from gan_lessons.restoration.comparison import Result


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for images, picture and figures.")] = Path("demo"),
) -> None:
    """Blur images whose truth is known, restore them in every way, compare, and save all of it.

    Replaces the results of an earlier demo in the same folder.
    """
    import json

    from gan_lessons.cli.figure import draw_comparison
    from gan_lessons.io import written_beside

    out.mkdir(parents=True, exist_ok=True)
    comparisons = _compare_all(out)
    rows = [{**result.row(), "scene": scene.description} for scene, results in comparisons for result in results]
    with written_beside(out / "metrics.json", overwrite=True) as temporary:
        temporary.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with written_beside(out / "comparison.png", overwrite=True) as temporary:
        draw_comparison(comparisons, temporary)
    console.out.print(_table(rows))
    console.out.print("Wiener and Richardson–Lucy have the true PSF, and the setting that the truth says is best.")
    console.out.print(f"Look at {out / 'comparison.png'}", markup=False, soft_wrap=True)


def _compare_all(out: Path) -> list[tuple[Scene, list[Result]]]:
    """Compare on every scene of every shipped model, and save the images of each."""
    from gan_lessons.data.demo import make_scenes
    from gan_lessons.restoration.comparison import compare
    from gan_lessons.zoo import shipped_models

    comparisons = []
    with console.progress_bar() as bar:
        task = bar.add_task("scenes", total=None)
        scenes = [scene for model in shipped_models() for scene in make_scenes(model)]
        if not scenes:
            raise InputError("no model comes with this version; the demo has nothing to show")
        for done, scene in enumerate(scenes):
            bar.update(task, description=scene.name, completed=done, total=len(scenes))
            results = list(compare(scene))
            _save(scene, results, out)
            comparisons.append((scene, results))
    return comparisons


def _save(scene: Scene, results: list[Result], out: Path) -> None:
    import numpy as np

    from gan_lessons.io import write_image

    dtype = scene.degraded.data.dtype
    limits = np.iinfo(dtype)
    for name, pixels in [("truth", scene.truth), *((result.method, result.pixels) for result in results)]:
        stored = np.clip(np.rint(pixels), limits.min, limits.max).astype(dtype)
        file = f"{scene.name}_{name.lower().replace(', ', '_').replace(' ', '_').replace('–', '-')}.tif"
        write_image(out / file, scene.degraded.with_data(stored), overwrite=True)


def _table(rows: list[dict[str, str | float]]) -> Any:
    from rich.table import Table

    table = Table("image", "method", "setting")
    for column in ("PSNR, dB", "SSIM", "seconds"):
        table.add_column(column, justify="right")
    image = ""
    for row in rows:
        table.add_section() if row["image"] != image else None
        shown = row["image"] if row["image"] != image else ""
        figures = f"{row['psnr']:.2f}", f"{row['ssim']:.3f}", f"{row['seconds']:.2f}"
        table.add_row(str(shown), str(row["method"]), str(row["setting"]), *figures)
        image = str(row["image"])
    return table
