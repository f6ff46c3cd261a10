"""What was done to an image: the part of a result's provenance that only the restoration knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """Filled by `restore` and `deconvolve`; ``dataclasses.asdict`` makes JSON of it.

    Parameters
    ----------
    method : str
        The model's name or the classical method's.
    model_sha256 : str
        Of the model's file; empty for a model without one.
    settings : dict
        Tile, halo, data type, device, iterations …, as used.
    normalization : list of dict
        Offset and scale of each channel.
    clipped : int
        Pixels whose result was outside the limits of the output's data type, so far: a lazy result is counted as it is
        computed, in this process.
    """

    method: str = ""
    model_sha256: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    normalization: list[dict[str, float]] = field(default_factory=list)
    clipped: int = 0
