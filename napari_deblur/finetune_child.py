"""The process that trains: reads a request from its input, and tells events on its output.

It runs beside napari's, as a thread's many small operations would hold up the window. A byte on its input asks it to
stop with the best so far; where the input ends, the window is gone, and so is it.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gan_lessons.errors import Cancelled, InputError, InputWarning
from napari_deblur import finetune_events as events
from napari_deblur.finetune_request import BLURRED, SHARP, FinetuneRequest

if TYPE_CHECKING:
    from gan_lessons.training.finetuning import Watcher

PAUSE = 0.25
"""Seconds between two tellings of the loss."""

Send = Callable[[events.Event], None]


def main() -> None:
    """Train what the input asks for."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not write between the events
    telling = threading.Lock()

    def send(event: events.Event) -> None:
        with telling:
            pickle.dump(event, output)
            output.flush()

    request = pickle.load(sys.stdin.buffer)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()
    warnings.showwarning = lambda message, category, *_: _warn(message, category, send)
    warnings.simplefilter("always", InputWarning)
    send(_attempt(request, stop, send))
    os._exit(0)  # the thread that listens can't be joined


def _attempt(request: FinetuneRequest, stop: threading.Event, send: Send) -> events.Event:
    try:
        return _train(request, stop, send)
    except _Undecided as undecided:
        return events.Shifted(undecided.shift)
    except Cancelled:
        return events.Failed("stopped before the first step: nothing was written", mendable=True)
    except InputError as error:
        return events.Failed(str(error), mendable=True)
    except Exception:
        return events.Failed(traceback.format_exc(), mendable=False)


def _train(request: FinetuneRequest, stop: threading.Event, send: Send) -> events.Trained:
    from gan_lessons.training.finetuning import finetune

    result = finetune(
        request.model,
        raw=request.raw if request.kind != SHARP else None,
        reference=request.reference if request.kind != BLURRED else None,
        psf=request.psf.of(request.main),
        noise=_noise(request),
        out=request.out,
        ssim_weight=request.ssim_weight,
        minutes=request.minutes,
        steps=request.steps,
        validation=request.validation,
        register=request.register is not False,
        device=request.device,
        resume=request.resume,
        watcher=_watcher(request, send),
        stop=stop,
    )
    return events.Trained(
        result.path.stem,
        str(result.path),
        request.model,
        result.kept,
        result.figures,
        result.steps,
        result.seconds,
        request.register is not False,
        result.regions,
    )


def _noise(request: FinetuneRequest) -> Any:
    from gan_lessons.degradations import PoissonGaussian

    if request.kind != SHARP:
        return None
    return PoissonGaussian(photons=request.photons) if request.noise_like is None else request.noise_like


class _Undecided(Exception):
    """The pair is shifted; the user has to say what is to be done."""

    def __init__(self, shift: events.Shift) -> None:
        self.shift = shift


def _watcher(request: FinetuneRequest, send: Send) -> Watcher:
    from gan_lessons.training.finetuning import Preview, Progress, Watcher
    from gan_lessons.training.finetuning.registration import STILL

    class Teller(Watcher):
        """Sends what it is told; losses some at a time."""

        def __init__(self) -> None:
            self.losses: list[tuple[int, float]] = []
            self.told = 0.0

        def prepared(self, found: dict[str, Any], regions: dict[str, list[str]]) -> None:
            shifts = [events.Shift(tuple(pair["shift"]), pair["correlation"]) for pair in found.get("pairs", ())]
            largest = max(shifts, key=lambda shift: max(map(abs, shift.pixels)), default=None)
            far = largest is not None and max(map(abs, largest.pixels)) >= STILL
            if largest and far and request.register is None:
                raise _Undecided(largest)
            done = "moved by" if request.register else "left where it lies, off by"
            notes = [f"reference {done} {largest}"] if largest and far else []
            if found.get("noise estimated"):
                notes += [f"noise estimated: {camera}" for camera in found["noise"]]
            if found.get("psf", {}).get("told"):
                notes.append("the PSF was measured from the pair: both models are told of it, and the result keeps it")
            send(events.Began(tuple(notes), regions))

        def stepped(self, step: int, share: float, loss: float) -> None:
            self.losses.append((step, loss))
            if share >= 1 or time.monotonic() - self.told > PAUSE:
                send(events.Steps(tuple(self.losses), share))
                self.losses, self.told = [], time.monotonic()

        def looked(self, progress: Progress) -> None:
            send(events.Look(progress.step, progress.figures, progress.best_step))

        def previewed(self, preview: Preview) -> None:
            rows, columns = preview.region
            send(events.Tile(preview.pixels, rows, columns, preview.time, preview.channel, preview.plane))

    return Teller()


def _listen(stop: threading.Event) -> None:
    while sys.stdin.buffer.read(1):
        stop.set()
    os._exit(1)  # the window is gone


def _warn(message: Warning | str, category: type[Warning], send: Send) -> None:
    if issubclass(category, InputWarning):
        send(events.Warned(str(message)))


if __name__ == "__main__":
    main()
