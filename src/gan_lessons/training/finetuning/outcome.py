"""What fine-tuning leaves: figures of both regions that weren't trained on, and the model's card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gan_lessons import __version__
from gan_lessons.training.finetuning.state import State
from gan_lessons.training.finetuning.task import Task
from gan_lessons.zoo import Card, Model


def figures_of(state: State, task: Task, parent: Any) -> dict[str, dict[str, dict[str, float]]]:
    """Judge the raw image, the parent and the best weights on the two regions that weren't trained on."""
    judged = {"raw": None, "start": parent, "best": state.best}
    return {role: {name: task.judge(one, role) for name, one in judged.items()} for role in ("validation", "test")}


def card_of(parent: Model, name: str, task: Task, figures: dict[str, Any], made: dict[str, Any]) -> Card:
    """Return the card of a fine-tuned model: its parent's, with what was made of it and how good it became."""
    card = parent.card
    before, after = figures["test"]["start"], figures["test"]["best"]
    metrics = {f"{key} {when}": row[key] for key in after for when, row in (("before", before), ("after", after))}
    return replace(
        card,
        name=name,
        purpose=f"{card.name}, fine-tuned on own images. {card.purpose}",
        keeps_flux=False,  # the reference may have another scale
        parent=card.name,
        parent_sha256=parent.sha256,
        training_data=f"{card.training_data}; then own images, SHA-256 of their pixels {task.sha256}",
        seen={trait: max(limit, task.seen.get(trait, limit)) for trait, limit in card.seen.items()},
        recipe={"finetuned": made, "regions": task.regions, "parent": card.recipe},
        metrics=metrics,
        version=__version__,
    )
