"""The checkpoint: all that changes while training, in one file that is there whole or not at all."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from gan_lessons.errors import InputError
from gan_lessons.io import written_beside
from gan_lessons.training.game import Game


def state_of(game: Game) -> dict[str, Any]:
    """Return the networks, the average, the optimizers and the number of steps.

    Random numbers need no place: those of a step follow from the seed and the step.
    """
    return {
        "done": game.done,
        "generator": game.generator.state_dict(),
        "average": game.average.state_dict() if game.average is not None else None,
        "critics": game.critics.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in game.optimizers],
    }


def take_up(game: Game, state: dict[str, Any]) -> None:
    """Bring a game to where `state_of` was told of it."""
    game.generator.load_state_dict(state["generator"])
    if game.average is not None:
        game.average.load_state_dict(state["average"])
    game.critics.load_state_dict(state["critics"])
    for optimizer, saved in zip(game.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    game.done = int(state["done"])


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


@contextmanager
def read_state(path: Path, what: str = "recipe") -> Iterator[dict[str, Any]]:
    """Give what `write_state` wrote to whoever takes it up.

    Raises
    ------
    InputError
        If the file is no checkpoint, or one of other networks or optimizers; ``what`` says what it was begun with.
    """
    try:
        yield torch.load(path, weights_only=True, map_location="cpu")
    except (KeyError, RuntimeError, ValueError, AttributeError, TypeError, EOFError, pickle.UnpicklingError) as error:
        if isinstance(error, InputError):
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: not a checkpoint of this {what} ({reason}); go on with the {what} that it was begun with, "
            "or choose another folder"
        ) from error
