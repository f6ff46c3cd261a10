"""Which model restores an image, and whether it can."""

from __future__ import annotations

from pathlib import Path

from gan_lessons.errors import InputError
from gan_lessons.generators import Generator
from gan_lessons.image import Image
from gan_lessons.zoo import Card, Model, load_model, shipped_models


def choose_model(model: Model | str | Path | None, image: Image) -> Model:
    """Return the model that is named, or the only shipped one that the image's axes allow, of those for measuring.

    Raises
    ------
    InputError
        If the axes leave a choice (the message lists it), or the model can't take the image.
    """
    if model is None:
        cards = [(name, card) for name, card in shipped_models().items() if not card.for_looks]
        fitting = [name for name, card in cards if _misfit(card, int(card.arguments["in_channels"]), image) is None]
        if len(fitting) != 1:
            which = f"say which model: {', '.join(fitting)}" if fitting else "no shipped model takes them"
            raise InputError(f"{image.name}: axes {image.axes} {image.data.shape}: {which}")
        model = fitting[0]
    found = model if isinstance(model, Model) else load_model(model)
    misfit = _unsuited(found.generator) or _misfit(found.card, found.generator.in_channels, image, strict=False)
    if misfit:
        raise InputError(f"{image.name}: model {found.card.name} {misfit}")
    return found


def _unsuited(generator: Generator) -> str | None:
    """Say why a generator can't restore plane by plane."""
    if generator.dimensions != 2:
        return "has convolutions over volumes, but restore feeds planes; take a network of planes"
    if generator.scale != 1:
        return f"enlarges the image {generator.scale} times, but restore keeps its size; take a network that does, too"
    return None


def _misfit(card: Card, needed: int, image: Image, *, strict: bool = True) -> str | None:
    """Say why a model of ``needed`` channels can't take an image; ``strict``: why it isn't the natural one."""
    sizes = image.sizes
    if card.axes == "ZYX" and "Z" not in sizes:
        return f"sees a plane through its neighbors, but axes {image.axes} have no Z; take a model of planes"
    if card.axes == "YXC":
        together = sizes.get("S", sizes.get("C", 1))
        if together != needed and sizes.get("S") != needed + 1:
            return f"takes {needed} channels together, but axes {image.axes} hold {together}; take a model of planes"
    natural = {"YX": "S" not in sizes and "Z" not in sizes, "YXC": "S" in sizes, "ZYX": True}[card.axes]
    return None if natural or not strict else "isn't the natural one"
