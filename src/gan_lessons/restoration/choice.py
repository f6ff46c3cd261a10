"""Which model restores an image, and whether it can."""

from __future__ import annotations

from pathlib import Path

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from gan_lessons.zoo import Card, Model, load_model, shipped_models


def choose_model(model: Model | str | Path | None, image: Image) -> Model:
    """Return the model that is named, or the only shipped one that the image's axes allow.

    Raises
    ------
    InputError
        If the axes leave a choice (the message lists it), or the model can't take the image.
    """
    if model is None:
        fitting = [name for name, card in shipped_models().items() if _misfit(card, image) is None]
        if len(fitting) != 1:
            which = f"say which model: {', '.join(fitting)}" if fitting else "no shipped model takes them"
            raise InputError(f"{image.name}: axes {image.axes} {image.data.shape}: {which}")
        model = fitting[0]
    found = model if isinstance(model, Model) else load_model(model)
    misfit = _misfit(found.card, image, strict=False)
    if misfit:
        raise InputError(f"{image.name}: model {found.card.name} {misfit}")
    return found


def _misfit(card: Card, image: Image, *, strict: bool = True) -> str | None:
    """Say why a model can't take an image; ``strict``: why it isn't the natural one."""
    sizes, needed = image.sizes, int(card.arguments.get("in_channels", 1))
    if card.axes == "ZYX" and "Z" not in sizes:
        return f"sees a plane through its neighbors, but axes {image.axes} have no Z; take a model of planes"
    if card.axes == "YXC":
        together = sizes.get("S", sizes.get("C", 1))
        if together != needed and sizes.get("S") != needed + 1:
            return f"takes {needed} channels together, but axes {image.axes} hold {together}; take a model of planes"
    natural = {"YX": "S" not in sizes and "Z" not in sizes, "YXC": "S" in sizes, "ZYX": True}[card.axes]
    return None if natural or not strict else "isn't the natural one"
