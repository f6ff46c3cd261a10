"""How smoothly napari's window goes on while *Deblur* restores a large stack, how soon it answers a cancel, a swipe.

    xvfb-run -a -s "-screen 0 1280x1024x24" python benchmarks/responsiveness.py --side 2048 --planes 50

A timer of 10 ms ticks in the window's event loop; its lateness is the stall, and ``own`` the processor's time that the
window's process, all of its threads, took between two ticks: on a busy machine the stall is mostly waiting. The first
import of torch, which a first run begins with, is measured apart. With ``--finetune`` it watches *Fine-tune* on a pair
of ``--side`` pixels, 512 say: while the process that trains begins, while it trains, and how soon a cancel is answered.
Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np

TICK = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--planes", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60, help="Of the run, which is cancelled then.")
    parser.add_argument("--model", default="fluo-2d")
    parser.add_argument("--threads", type=int, default=0, help="Of torch; 0 for all.")
    parser.add_argument("--finetune", action="store_true", help="Watch a fine-tuning instead.")
    wanted = parser.parse_args()
    if wanted.finetune:
        print(json.dumps(finetuning(wanted.side, wanted.model, wanted.seconds), indent=1))
        return

    import napari

    viewer = napari.Viewer()
    start = time.perf_counter()
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    told: dict[str, Any] = {"widget_opens_s": time.perf_counter() - start, "torch_by_then": "torch" in sys.modules}
    start = time.perf_counter()
    viewer.window.add_plugin_dock_widget("napari-deblur", "Measure restored images")
    told |= {"measure_opens_s": time.perf_counter() - start, "torch_by_then": "torch" in sys.modules}
    loop = Loop()
    form.method.method.value = wanted.model
    small = viewer.add_image(np.random.default_rng(0).poisson(90, (64, 64)).astype(np.uint16), name="small")
    form.layer.value = small
    form.run.native.click()
    told["first_run"] = loop.watch(lambda: form.job is None)
    if wanted.threads:
        import torch

        torch.set_num_threads(wanted.threads)

    shape = (wanted.planes, wanted.side, wanted.side)
    stack = np.random.default_rng(0).poisson(90, shape[1:]).astype(np.uint16)
    layer = viewer.add_image(np.broadcast_to(stack, shape).copy(), name="stack", contrast_limits=(0, 200))
    form.layer.value, form.axes.value = layer, "ZYX"
    told["idle"] = loop.watch(lambda: False, 10.0)  # what the machine does to a window that does nothing
    form.run.native.click()
    told["run"] = loop.watch(lambda: form.job is None, wanted.seconds)
    start = time.perf_counter()
    form.cancel.native.click()
    loop.watch(lambda: form.job is None)
    told["cancel_s"] = time.perf_counter() - start
    told["layers"] = len(viewer.layers)
    told["swipe_ms"] = swipe(viewer, form, layer)
    print(json.dumps({"shape": shape, "model": wanted.model, **told}, indent=1))
    viewer.close()


def swipe(viewer: Any, form: Any, layer: Any) -> float:
    """Return the median time from a move of the boundary over a plane of the stack to its being drawn."""
    from qtpy.QtWidgets import QApplication

    layer.metadata["napari-deblur"] = {"axes": "ZYX"}  # as a result has
    viewer.layers.selection.active = layer
    form.previews.swipe.button.native.click()
    times = []
    for share in np.linspace(20, 80, 30):
        start = time.perf_counter()
        form.previews.swipe.boundary.value = float(share)
        QApplication.processEvents()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))


class Loop:
    """The window's event loop with a timer that ticks in it."""

    def watch(self, done: Any, seconds: float = 600.0) -> dict[str, float]:
        """Let it run until ``done()`` or so many seconds have passed; return the stalls."""
        from qtpy.QtCore import QTimer
        from qtpy.QtWidgets import QApplication

        beats: list[float] = []
        worked: list[float] = []
        timer = QTimer()
        timer.timeout.connect(lambda: beats.append(time.perf_counter()))
        timer.timeout.connect(lambda: worked.append(time.process_time()))
        timer.start(int(1000 * TICK))
        end = time.perf_counter() + seconds
        while not done() and time.perf_counter() < end:
            QApplication.processEvents()
            time.sleep(0.001)
        timer.stop()
        late = 1000 * np.maximum(np.diff(beats) - TICK, 0) if len(beats) > 1 else np.zeros(1)
        ranks = {f"p{rank}_ms": float(np.percentile(late, rank)) for rank in (50, 99)}
        own = 1000 * np.diff(worked) if len(worked) > 1 else np.zeros(1)  # what no other process is to blame for
        ranks |= {"own_p99_ms": float(np.percentile(own, 99)), "own_max_ms": float(own.max())}
        return {**ranks, "max_ms": float(late.max()), "beats": len(beats), "seconds": float(np.ptp(beats or [0]))}


def finetuning(side: int, model: str, seconds: float) -> dict[str, Any]:
    """Watch the window while a process begins, while it trains, and as it is cancelled."""
    import napari
    from scipy import ndimage

    viewer = napari.Viewer()
    truth = 100 + 4000 * ndimage.gaussian_filter(np.random.default_rng(0).random((side, side)) ** 6, 1.5)
    raw = np.random.default_rng(1).poisson(ndimage.gaussian_filter(truth, 1.5)).astype(np.uint16)
    for name, pixels in (("long", truth.astype(np.float32)), ("short", raw)):
        viewer.add_image(pixels, name=name, axis_labels=("y", "x"))
    start = time.perf_counter()
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Fine-tune (SSIM-weighted)")
    told: dict[str, Any] = {"widget_opens_s": time.perf_counter() - start, "side": side, "model": model}
    loop = Loop()
    told["idle"] = loop.watch(lambda: False, 10.0)
    stranger = subprocess.Popen(
        [sys.executable, "-c", "while True: pass"]
    )  # any busy process takes so much from a window
    told["idle_beside_a_busy_process"] = loop.watch(lambda: False, 20.0)
    stranger.kill()
    form.raw.value, form.reference.value = viewer.layers["short"], viewer.layers["long"]
    form.model.value, form.minutes.value, form.steps.value = model, 600, 0
    form.name.value = f"responsiveness-{time.time_ns()}"
    form.start.native.click()
    told["begins"] = loop.watch(lambda: form.job is None or "training loss" in form.curves.curves)
    told["trains"] = loop.watch(lambda: form.job is None, seconds)
    told["steps"] = form.curves.curves["training loss"].steps[-1]
    start = time.perf_counter()
    form.cancel.native.click()
    loop.watch(lambda: form.job is None)
    told["cancel_s"] = time.perf_counter() - start
    told["torch_in_the_window"] = "torch" in sys.modules
    form.undo.native.click()  # its checkpoint, where there is one
    viewer.close()
    return told


if __name__ == "__main__":
    main()
