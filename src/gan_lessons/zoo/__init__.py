"""Models by name, shipped and the user's own, and the format of their files; cards are read without loading torch."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lessons.errors import InputError, suggest
from gan_lessons.zoo.card import Card, read_card
from gan_lessons.zoo.own import model_path, own_models, user_folder

if TYPE_CHECKING:
    from gan_lessons.zoo.format import Model, save_model

__all__ = [
    "Card",
    "Model",
    "find_model",
    "load_model",
    "model_path",
    "own_models",
    "read_card",
    "save_model",
    "shipped_models",
    "user_folder",
]

FOLDER = Path(__file__).parent


def __getattr__(name: str) -> Any:
    if name in ("Model", "save_model"):
        return getattr(import_module("gan_lessons.zoo.format"), name)
    raise AttributeError(f"module 'gan_lessons.zoo' has no attribute {name!r}")


def shipped_models() -> dict[str, Card]:
    """Return the cards of the models that come with the package, by name; a sibling comes after its model."""
    return {path.stem: read_card(path) for path in sorted(FOLDER.glob("*.safetensors"), key=lambda path: path.stem)}


def find_model(name_or_path: str | Path) -> Path:
    """Return the file of a model: shipped, the user's own, or a path itself.

    Raises
    ------
    InputError
        If there is no such model; the message suggests the nearest name.
    """
    text = str(name_or_path)
    if text.endswith(".safetensors"):
        return Path(text)
    known = own_models() | {path.stem: path for path in sorted(FOLDER.glob("*.safetensors"))}
    if text not in known:
        raise InputError(f"unknown model {text!r}; {suggest(text, known)} (or give a .safetensors file)")
    return known[text]


def load_model(name_or_path: str | Path) -> Model:
    """Load a model by its name, shipped or the user's own, or any model file by its path.

    Raises
    ------
    InputError
        If there is no such model; the message suggests the nearest name.
    """
    from gan_lessons.zoo.format import load_model_file

    return load_model_file(find_model(name_or_path))
