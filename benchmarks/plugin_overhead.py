"""What the plugin costs beyond the command line, with the viewer at rest: the same image, model, tile and type.

    xvfb-run -a -s "-screen 0 1280x1024x24" python benchmarks/plugin_overhead.py --side 768 --rounds 6

Three figures, all of processor time, so that what else the machine does counts as little as it can:

- the thread that restores, over that of the command line, which also reads a TIFF and writes one: in turn, in a process
  that has torch loaded;
- what the window takes of a core meanwhile, by a job that does nothing but report progress ten times a second;
- the seconds that the result's layer takes to be added and drawn, once.

Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from paired import compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=768)
    parser.add_argument("--model", default="fluo-2d")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=10, help="Of the job that does nothing.")
    wanted = parser.parse_args()

    import napari
    import tifffile
    import torch

    torch.set_num_threads(1)  # so that the thread that restores is the one that computes
    pixels = np.random.default_rng(0).poisson(90, (wanted.side,) * 2).astype(np.uint16)
    viewer = napari.Viewer()
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    form.layer.value = viewer.add_image(pixels, name="cells")
    form.method.method.value = wanted.model
    plugin: list[float] = []
    command: list[float] = []
    adding: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        tifffile.imwrite(Path(folder) / "cells.tif", pixels)
        for turn in range(wanted.rounds + 1):  # the first warms both up
            restored, layer = _click(viewer, form)
            start = time.thread_time()
            _command(Path(folder), wanted.model)
            if turn:
                command.append(time.thread_time() - start)
                plugin.append(restored)
                adding.append(layer)
    told = {
        "side": wanted.side,
        "model": wanted.model,
        "thread_over_command": compare(plugin, command)._asdict(),
        "window_share": _window_share(form, wanted.seconds),
        "layer_s": float(np.median(adding)),
    }
    print(json.dumps(told, indent=1))
    viewer.close()


def _click(viewer: Any, form: Any) -> tuple[float, float]:
    """Restore as Run does; return the seconds of the thread, and those of the result's layer."""
    from napari_deblur.runner import Step

    done: list[Any] = []
    seconds: list[float] = []
    step = form.requests.step(form.layer.value, 0, 1, lambda layer, result: done.append((layer, result)))

    def call(**tokens: Any) -> Any:
        start = time.thread_time()
        result = step.call(**tokens)
        seconds.append(time.thread_time() - start)
        return result

    _until_done(form, Step(call, step.description, step.done))
    start = time.process_time()
    form._add_result(*done[0])
    viewer.screenshot(canvas_only=True, flash=False)
    added = time.process_time() - start
    viewer.layers.remove(viewer.layers[-1])
    return seconds[0], added


def _window_share(form: Any, seconds: float) -> float:
    """Return the processor time of all threads over the time that passes while nothing is computed."""
    from napari_deblur.runner import Step

    def report(progress: Callable[[int, int], None], cancel: Any) -> None:
        steps = int(10 * seconds)
        for done in range(steps + 1):
            progress(done, steps)
            cancel.wait(0.1)

    start, used = time.perf_counter(), time.process_time()
    _until_done(form, Step(report, "Deblur cells", lambda _: None))
    return (time.process_time() - used) / (time.perf_counter() - start)


def _until_done(form: Any, step: Any) -> None:
    """Run in Qt's own loop, which sleeps where there is nothing to do."""
    from qtpy.QtCore import QEventLoop

    loop = QEventLoop()
    form.runner.start([step])
    form.job.finished.connect(loop.quit)
    loop.exec()


def _command(folder: Path, model: str) -> None:
    from gan_lessons.cli import main as gan_lessons

    paths = [str(folder / "cells.tif"), "--out", str(folder / "out.tif")]
    assert gan_lessons(["restore", *paths, "--model", model, "--overwrite"]) == 0


if __name__ == "__main__":
    main()
