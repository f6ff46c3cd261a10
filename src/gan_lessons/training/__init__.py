"""Training: a recipe in, a model file out."""
