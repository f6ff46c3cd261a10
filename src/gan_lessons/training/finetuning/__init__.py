"""Fine-tuning: a shipped model learns a user's own images in minutes."""

from gan_lessons.training.finetuning.finetune import finetune
from gan_lessons.training.finetuning.result import Finetuned, Progress

__all__ = ["Finetuned", "Progress", "finetune"]
