"""Run a generator: one at a time, cancelled between its layers."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gan_lessons.errors import Cancelled, InputError

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


def prepare(generator: nn.Module, device: torch.device, token: CancelToken) -> nn.Module:
    """Return a copy of the generator that runs fast on the device and looks at the token before each of its layers."""
    prepared = copy.deepcopy(generator).eval().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if token.event is not None:
        hook: Callable[..., None] = lambda *_: token.check()  # noqa: E731
        for layer in prepared.modules():
            if not any(True for _ in layer.children()):
                layer.register_forward_pre_hook(hook)
    return prepared


def forward(generator: nn.Module, image: Tensor, guides: Tensor | None) -> Tensor:
    """Restore a batch, in channels-last order; on a processor with AVX-512 that takes two thirds of the time."""
    image = image.contiguous(memory_format=torch.channels_last)
    if guides is None:
        return generator(image)
    return generator(image, guides.contiguous(memory_format=torch.channels_last))
