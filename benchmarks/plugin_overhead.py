"""What the plugin costs beyond the command line, with the viewer at rest: the same image, model, tile and type.

    xvfb-run -a -s "-screen 0 1280x1024x24" python benchmarks/plugin_overhead.py --side 768 --rounds 6

Both run in one process that has torch loaded, in turn. The command reads a TIFF and writes one with its JSON; the
plugin, with the image open, runs from the click to the new layer on the screen. Processor time of all threads, so that
what else the machine does counts as little as it can. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from paired import compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=768)
    parser.add_argument("--model", default="fluo-2d")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1, help="Of torch.")
    wanted = parser.parse_args()

    import napari
    import tifffile
    import torch

    torch.set_num_threads(wanted.threads)
    pixels = np.random.default_rng(0).poisson(90, (wanted.side,) * 2).astype(np.uint16)
    viewer = napari.Viewer()
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    form.layer.value = viewer.add_image(pixels, name="cells")
    form.method.method.value = wanted.model
    plugin: list[float] = []
    command: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        tifffile.imwrite(Path(folder) / "cells.tif", pixels)
        for turn in range(wanted.rounds + 1):  # the first warms both up
            runs = [(plugin, lambda: _click(viewer, form)), (command, lambda: _command(Path(folder), wanted.model))]
            for times, run in runs if turn % 2 else reversed(runs):
                start = time.process_time()
                run()
                if turn:
                    times.append(time.process_time() - start)
            viewer.layers.remove(viewer.layers[-1])
    found = {"plugin_s": plugin, "command_s": command, **compare(plugin, command)._asdict()}
    found["least_over_least"] = min(plugin) / min(command)
    print(json.dumps({"side": wanted.side, "model": wanted.model, "threads": wanted.threads, **found}, indent=1))
    viewer.close()


def _click(viewer: Any, form: Any) -> None:
    """Run until the new layer is drawn, in Qt's own loop, which sleeps where there is nothing to do."""
    from qtpy.QtCore import QEventLoop

    before, loop = len(viewer.layers), QEventLoop()
    form.run.native.click()
    form.job.finished.connect(loop.quit)
    loop.exec()
    viewer.screenshot(canvas_only=True, flash=False)
    assert len(viewer.layers) == before + 1, form.message.text()


def _command(folder: Path, model: str) -> None:
    from gan_lessons.cli import main as gan_lessons

    assert gan_lessons(["restore", str(folder / "cells.tif"), "--out", str(folder / "out.tif"), "--model", model,
                        "--overwrite"]) == 0  # fmt: skip


if __name__ == "__main__":
    main()
