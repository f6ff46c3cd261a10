"""Shipped models, by name, and the file format that any model comes in."""

from __future__ import annotations

import difflib
from pathlib import Path

from gan_lessons.errors import InputError
from gan_lessons.zoo.format import Card, Model, load_model_file, read_card, save_model

__all__ = ["Card", "Model", "load_model", "read_card", "save_model", "shipped_models"]

FOLDER = Path(__file__).parent


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
    text = str(name_or_path)
    if text.endswith(".safetensors"):
        return load_model_file(text)
    names = [path.stem for path in sorted(FOLDER.glob("*.safetensors"))]
    if text not in names:
        near = difflib.get_close_matches(text, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(names)}, or a .safetensors file"
        raise InputError(f"unknown model {text!r}; {hint}")
    return load_model_file(FOLDER / f"{text}.safetensors")
