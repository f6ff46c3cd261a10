"""What fine-tuning tells while it runs, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Figures = dict[str, float]


@dataclass(frozen=True)
class Progress:
    """How far fine-tuning has come: what a live plot shows.

    Parameters
    ----------
    step : int
    share : float
        Of the time or the steps, 0 to 1.
    loss : float
        Mean over the steps since the last telling; nan at the start.
    figures : dict
        Of the validation region.
    best_step : int
        Of the weights that are the best so far; 0 are the parent's.
    """

    step: int
    share: float
    loss: float
    figures: Figures
    best_step: int


@dataclass(frozen=True)
class Finetuned:
    """The result of `finetune`.

    Parameters
    ----------
    path : Path
        The model file: `restore` takes it as its model.
    kept : str
        ``"start"`` where nothing was better than the parent on the validation region, else ``"step 1200"``.
    figures : dict
        By region (``"validation"``, ``"test"``) and by what was judged: the raw image (``"raw"``), the parent
        (``"start"``), what was kept (``"best"``).
    regions : dict
        By role: where training, validation and test lie.
    found : dict
        What was measured of the data: shifts, gain and offset of the reference, noise.
    history : list of Progress
    steps : int
    seconds : float
        Of training; preparation and the last figures come on top.
    """

    path: Path
    kept: str
    figures: dict[str, dict[str, Figures]]
    regions: dict[str, list[str]]
    found: dict[str, Any]
    history: list[Progress] = field(repr=False)
    steps: int
    seconds: float
