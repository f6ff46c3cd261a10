"""Run a generator: one at a time, cancelled between its layers."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from gan_lessons.errors import Cancelled, InputError
from gan_lessons.generators import Generator

# torch uses all cores for one image; two at a time (dask's threads, a preview) would only take twice the memory.
_ONE_AT_A_TIME = threading.Lock()


class CancelToken:
    """A `threading.Event`, or none, that can be asked often."""

    def __init__(self, event: threading.Event | None) -> None:
        self.event = event

    def check(self) -> None:
        """Raise `Cancelled` if the event is set."""
        if self.event is not None and self.event.is_set():
            raise Cancelled("cancelled")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this process's turn to compute, with an eye on the event."""
        while not _ONE_AT_A_TIME.acquire(timeout=0.1):
            self.check()
        try:
            yield
        finally:
            _ONE_AT_A_TIME.release()


def find_device(device: str | torch.device | None) -> torch.device:
    """Return the device, the CPU by default.

    Raises
    ------
    InputError
        If there is no such device here.
    """
    try:
        found = torch.device(device or "cpu")
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(f"device {str(device)!r} isn't on this machine; take 'cpu' or leave it out") from error
    return found


def on_device(generator: Generator, device: torch.device) -> Generator:
    """Return the generator itself if it is on the device, else a copy there."""
    weight = next(generator.parameters(), None)
    if weight is None or weight.device == device:
        return generator
    return copy.deepcopy(generator).to(device)


def forward(generator: Generator, image: Tensor, guides: Tensor | None, token: CancelToken) -> Tensor:
    """Restore a batch, looking at the token before each layer.

    In channels-last order the convolutions of a processor take about two thirds of the time.
    """
    with _watched(generator, token):
        image = image.contiguous(memory_format=torch.channels_last)
        if guides is None:
            return generator(image)
        return generator(image, guides.contiguous(memory_format=torch.channels_last))


def with_neighbors(image: Tensor, planes: Sequence[int], context: int) -> Tensor:
    """Put each plane's neighbors beside it: (Z, S, Y, X) → (planes, S or context, Y, X)."""
    if context == 1:
        return image[list(planes)]
    index = (torch.tensor(planes)[:, None] + torch.arange(context) - context // 2).clamp(0, len(image) - 1)
    return image[index, 0]


@contextmanager
def _watched(generator: Generator, token: CancelToken) -> Iterator[None]:
    """Let the token interrupt the generator between its layers."""
    layers = [layer for layer in generator.modules() if not any(layer.children())] if token.event else []
    hooks = [layer.register_forward_pre_hook(lambda *_: token.check()) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
