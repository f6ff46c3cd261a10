"""What fine-tuning tells while it runs to those who look on: a form, a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_lessons.training.finetuning.regions import Region
from gan_lessons.training.finetuning.result import Progress


@dataclass(frozen=True, eq=False)
class Preview:
    """What the model makes of a part of the validation region.

    Parameters
    ----------
    pixels : array, (rows, columns, S)
        In the image's units, float32.
    region : Region
        Rows and columns of the image.
    image, time, channel, plane : int
        Which: counted from 0.
    """

    pixels: np.ndarray
    region: Region
    image: int
    time: int
    channel: int
    plane: int


class Watcher:
    """Looks on; override what you want to be told. What a method raises ends the run, and nothing more is written."""

    def prepared(self, found: dict[str, Any], regions: dict[str, list[str]]) -> None:
        """Before the first step: what was measured of the data, and where training, validation and test lie."""

    def stepped(self, step: int, share: float, loss: float) -> None:
        """After each step: its number, how much of the time or of the steps is spent (0 to 1), its content loss."""

    def looked(self, progress: Progress) -> None:
        """After each look at the validation region; the first, at step 0, is at the parent."""

    def previewed(self, preview: Preview) -> None:
        """After each look, too: the pixels."""
