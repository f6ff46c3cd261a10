"""Training: a recipe and pairs in, a model file out."""

from gan_lessons.training.fitting import fit
from gan_lessons.training.progress import Progress
from gan_lessons.training.recipe import Recipe, read_recipe

__all__ = ["Progress", "Recipe", "fit", "read_recipe"]
