"""The run's log: means over a few steps, as CSV and for TensorBoard."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_lessons.errors import InputError
from gan_lessons.training.folder import ADVICE, BOARD, LOG


class Log:
    """Gather what steps say, and write a row now and then.

    Parameters
    ----------
    run : Path
        The run's folder.
    columns : sequence of str
        What may be told, besides the step, the loss, the phase and the seconds.
    done : int
        Steps that were taken before; rows beyond, of a run that was killed after its checkpoint, are dropped.
    """

    def __init__(self, run: Path, columns: Sequence[str], done: int = 0) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.path, self.columns = run / LOG, ["step", "loss", "phase", *columns, "seconds"]
        self.told: dict[str, list[float]] = defaultdict(list)
        rows = _rows_until(self.path, done) if done else []
        self.before = float(rows[-1]["seconds"]) if rows else 0.0
        self.began = time.monotonic()
        with self.path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        self.board: Any = SummaryWriter(str(run / BOARD), purge_step=done or None)

    def add(self, losses: Mapping[str, float]) -> None:
        """Take in a step."""
        for name, value in losses.items():
            self.told[name].append(value)

    def write(self, step: int, phase: int, figures: Mapping[str, float]) -> None:
        """Write the means since the last row, and figures that were measured just now."""
        means = {name: float(np.mean(values)) for name, values in self.told.items()} | dict(figures)
        self.told.clear()
        seconds = self.before + time.monotonic() - self.began
        row = {name: f"{value:.6g}" for name, value in means.items()}
        row |= {"step": str(step), "phase": str(phase + 1), "seconds": f"{seconds:.0f}"}
        try:
            with self.path.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, self.columns, lineterminator="\n").writerow(row)
            for name, value in means.items():
                self.board.add_scalar(name, value, step)
        except OSError as error:
            raise InputError(f"{self.path}: could not be written: {error.strerror or error}") from error

    def warn(self, step: int, advice: Sequence[str]) -> None:
        """Write what looks wrong, in words."""
        for text in advice:
            with (self.path.parent / ADVICE).open("a", encoding="utf-8") as file:
                file.write(f"step {step}: {text}\n")
            self.board.add_text("advice", text, step)

    def close(self) -> None:
        """Write what TensorBoard still holds."""
        self.board.close()


def _rows_until(path: Path, done: int) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if (row["step"] or "").isdecimal() and int(row["step"]) <= done]
