"""A run's folder: the names of what lies in it, and whether it may be written to."""

from __future__ import annotations

from pathlib import Path

from gan_lessons.errors import InputError

RECIPE, LOG, ADVICE, BOARD, SAMPLES = "recipe.yaml", "log.csv", "advice.txt", "tensorboard", "samples"
CHECKPOINT, GAUGE, MODEL = "checkpoint.pt", "gauge.pt", "model.safetensors"


def check_folder(folder: Path, *, resume: bool) -> None:
    """Raise `InputError` if the folder holds a run that isn't to be gone on with."""
    if (folder / CHECKPOINT).exists() and not resume:
        raise InputError(f"{folder}: holds a run already; add --resume to go on with it, or choose another --out")


def make_folder(folder: Path) -> None:
    """Make the folder with those above it, without what a killed run left half-written.

    Raises
    ------
    InputError
        If the system refuses.
    """
    try:
        (folder / SAMPLES).mkdir(parents=True, exist_ok=True)
        for half in [*folder.glob(".*.part.*"), *(folder / SAMPLES).glob(".*.part.*")]:
            half.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: could not be made: {error.strerror or error}") from error
