"""The checkpoint: all that changes while training, in one file that is there whole or not at all."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from gan_lessons.errors import InputError
from gan_lessons.io import written_beside

if TYPE_CHECKING:
    from gan_lessons.training.module import TrainingModule


def save_checkpoint(module: TrainingModule, path: Path) -> None:
    """Write the networks, the average, the optimizers and the number of steps.

    Random numbers need no place: those of a step follow from the seed and the step.

    Raises
    ------
    InputError
        If the system refuses (disk full); the last checkpoint stays.
    """
    state = {
        "done": module.done,
        "generator": module.generator.state_dict(),
        "average": module.average.state_dict() if module.average is not None else None,
        "critics": module.critics.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in module.configure_optimizers()],
    }
    write_state(state, path)


def write_state(state: object, path: Path) -> None:
    """Write what `torch.load` reads with ``weights_only=True``, whole or not at all.

    Raises
    ------
    InputError
        If the system refuses (disk full); a file that was there stays.
    """
    memory = io.BytesIO()  # torch's own writer tells a full disk by an error of no type
    torch.save(state, memory)
    with written_beside(path, overwrite=True) as part:
        part.write_bytes(memory.getbuffer())


def load_checkpoint(module: TrainingModule, path: Path) -> None:
    """Take up a run where its checkpoint left it.

    Raises
    ------
    InputError
        If the file is no checkpoint, or one of other networks or optimizers.
    """
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        module.generator.load_state_dict(state["generator"])
        if module.average is not None:
            module.average.load_state_dict(state["average"])
        module.critics.load_state_dict(state["critics"])
        for optimizer, saved in zip(module.configure_optimizers(), state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        module.done = int(state["done"])
    except (KeyError, RuntimeError, ValueError, AttributeError, TypeError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: not a checkpoint of this recipe ({reason}); go on with the recipe that it was begun with, "
            "or choose another folder"
        ) from error
