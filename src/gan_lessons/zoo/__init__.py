"""Shipped models, by name, and the file format that any model comes in; cards are read without loading torch."""

from __future__ import annotations

import difflib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lessons.errors import InputError
from gan_lessons.zoo.card import Card, read_card

if TYPE_CHECKING:
    from gan_lessons.zoo.format import Model, save_model

__all__ = ["Card", "Model", "load_model", "read_card", "save_model", "shipped_models"]

FOLDER = Path(__file__).parent


def __getattr__(name: str) -> Any:
    if name in ("Model", "save_model"):
        return getattr(import_module("gan_lessons.zoo.format"), name)
    raise AttributeError(f"module 'gan_lessons.zoo' has no attribute {name!r}")


def shipped_models() -> dict[str, Card]:
    """Return the cards of the models that come with the package, by name."""
    return {path.stem: read_card(path) for path in sorted(FOLDER.glob("*.safetensors"))}


def load_model(name_or_path: str | Path) -> Model:
    """Load a shipped model by its name, or any model file by its path.

    Raises
    ------
    InputError
        If there is no such model; the message suggests the nearest name.
    """
    from gan_lessons.zoo.format import load_model_file

    text = str(name_or_path)
    if text.endswith(".safetensors"):
        return load_model_file(text)
    names = [path.stem for path in sorted(FOLDER.glob("*.safetensors"))]
    if text not in names:
        near = difflib.get_close_matches(text, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(names)}, or a .safetensors file"
        raise InputError(f"unknown model {text!r}; {hint}")
    return load_model_file(FOLDER / f"{text}.safetensors")
