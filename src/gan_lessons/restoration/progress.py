"""How far long work has come, told from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

Callback: TypeAlias = Callable[[int, int], object]


_TELLING = threading.Lock()  # of the module: a counter goes along to the workers of a cluster


class Counter:
    """Count parts done, and tell ``callback(done, total)``."""

    def __init__(self, total: int, callback: Callback | None) -> None:
        self.total, self.callback, self.done = total, callback, 0

    def step(self) -> None:
        """One part more is done; a lazy result that is computed again doesn't count again."""
        with _TELLING:
            self.done = min(self.done + 1, self.total)
            if self.callback:
                self.callback(self.done, self.total)
