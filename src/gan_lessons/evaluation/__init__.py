"""Restored images side by side: a table of figures, maps of where not to believe them, and a page that shows both."""

from gan_lessons.evaluation.evaluation import Evaluation, evaluate, examine

__all__ = ["Evaluation", "evaluate", "examine"]
