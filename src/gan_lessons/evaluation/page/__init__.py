"""One HTML file that shows an evaluation: no network, no other files, for eyes, keyboards and screen readers."""

from gan_lessons.evaluation.page.page import render_page

__all__ = ["render_page"]
