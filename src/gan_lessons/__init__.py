"""Modular networks for image restoration: restore, train, measure. Importing this loads neither torch nor napari."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_lessons.evaluation import evaluate as evaluate
    from gan_lessons.image import Image as Image
    from gan_lessons.restoration import deconvolve as deconvolve
    from gan_lessons.restoration import restore as restore
    from gan_lessons.training.finetuning import finetune as finetune
    from gan_lessons.zoo import load_model as load_model
    from gan_lessons.zoo import save_model as save_model

__version__ = version("napari-deblur")

_HOMES = {
    "Image": "gan_lessons.image",
    "restore": "gan_lessons.restoration",
    "deconvolve": "gan_lessons.restoration",
    "evaluate": "gan_lessons.evaluation",
    "finetune": "gan_lessons.training.finetuning",
    "load_model": "gan_lessons.zoo",
    "save_model": "gan_lessons.zoo",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'gan_lessons' has no attribute {name!r}")
