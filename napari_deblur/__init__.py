"""The napari plugin: forms over gan_lessons; no numerics here."""
