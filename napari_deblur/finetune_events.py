"""What the process that trains tells the window, in words that need no torch to be read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Figures = dict[str, float]


@dataclass(frozen=True)
class Shift:
    """How far the reference lies off the recorded image.

    Parameters
    ----------
    pixels : tuple of float
        That it is to be moved by: (Y, X) or (Z, Y, X).
    correlation : float
        Of both once it is moved.
    """

    pixels: tuple[float, ...]
    correlation: float

    def __str__(self) -> str:
        axes = ", ".join("ZYX"[-len(self.pixels) :])
        return f"{', '.join(f'{step:.1f}' for step in self.pixels)} pixels ({axes}), correlation {self.correlation:.2f}"


@dataclass(frozen=True)
class Shifted:
    """The pair doesn't fit, and nobody has said what to do: the process has ended before training."""

    shift: Shift


@dataclass(frozen=True)
class Began:
    """What was measured of the data, and where the three regions lie."""

    notes: tuple[str, ...]
    regions: dict[str, list[str]]

    def __str__(self) -> str:
        where = (f"{role} {', '.join(places)}" for role, places in self.regions.items())
        return "\n".join([*self.notes, "; ".join(where)])


@dataclass(frozen=True)
class Steps:
    """Some steps more: number and loss of each, and the share of the time or steps that is spent."""

    losses: tuple[tuple[int, float], ...]
    share: float


@dataclass(frozen=True)
class Look:
    """Figures of the validation region at a step; those of step 0 are the starting model's."""

    step: int
    figures: Figures
    best_step: int


@dataclass(frozen=True, eq=False)
class Tile:
    """A part of the validation region as the model restores it now; pixels are (rows, columns, samples)."""

    pixels: np.ndarray
    rows: slice
    columns: slice
    time: int
    channel: int
    plane: int


@dataclass(frozen=True)
class Warned:
    """A line that the user should read."""

    text: str


@dataclass(frozen=True)
class Failed:
    """The end: what the user can mend in one line, or a traceback."""

    text: str
    mendable: bool


@dataclass(frozen=True)
class Trained:
    """The end: a model file is there.

    Parameters
    ----------
    name, path, parent : str
    kept : str
        ``"start"`` or ``"step 1200"``.
    figures : dict
        By region and by what was judged (raw, start, best).
    steps : int
    seconds : float
    register : bool
        Whether a shifted reference was moved.
    """

    name: str
    path: str
    parent: str
    kept: str
    figures: dict[str, dict[str, Figures]]
    steps: int
    seconds: float
    register: bool = True
    regions: dict[str, list[str]] = field(default_factory=dict)


Event = Shifted | Began | Steps | Look | Tile | Warned | Failed | Trained
