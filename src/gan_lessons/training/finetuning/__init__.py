"""Fine-tuning: a shipped model learns a user's own images in minutes."""

from gan_lessons.training.finetuning.finetune import finetune
from gan_lessons.training.finetuning.result import Finetuned, Progress
from gan_lessons.training.finetuning.watcher import Preview, Watcher

__all__ = ["Finetuned", "Preview", "Progress", "Watcher", "finetune"]
