"""Arrays of any axes seen as one: time, channel, plane, sample, row, column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gan_lessons.image import Array


CANONICAL = "TCZSYX"


@dataclass(frozen=True)
class Layout:
    """How an array's axes map to `CANONICAL`.

    Parameters
    ----------
    axes : str
        The array's axes; ``C`` is what is restored by itself, ``S`` what a network sees together.

    >>> import numpy as np
    >>> Layout.of("YXS", together=False).canonical(np.zeros((5, 7, 3))).shape
    (1, 3, 1, 1, 5, 7)
    """

    axes: str

    @classmethod
    def of(cls, axes: str, *, together: bool) -> Layout:
        """Call an image's channels or color samples ``S`` if a network sees them together, else ``C``."""
        return cls(axes.replace("C", "S") if together else axes.replace("S", "C"))

    def canonical(self, data: Array) -> Array:
        """Return a view of six axes."""
        present = data.transpose([self.axes.index(axis) for axis in CANONICAL if axis in self.axes])
        return present[tuple(slice(None) if axis in self.axes else None for axis in CANONICAL)]

    def original(self, data: Array) -> Array:
        """Return the view that `canonical` came from."""
        present = data[tuple(slice(None) if axis in self.axes else 0 for axis in CANONICAL)]
        order = [axis for axis in CANONICAL if axis in self.axes]
        return present.transpose([order.index(axis) for axis in self.axes])
