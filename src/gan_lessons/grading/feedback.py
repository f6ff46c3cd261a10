"""A page for each student: points by the rubric, what was missed, where it stopped. No hidden test is in it."""

from __future__ import annotations

from pathlib import Path

from gan_lessons.grading.lab import Lab, Numbers
from gan_lessons.grading.record import Lateness, Record
from gan_lessons.io import written_beside

FEEDBACK = "feedback"
TEMPLATE = Path(__file__).with_name("feedback.html.jinja")


def write_feedback(record: Record, lab: Lab, numbers: Numbers, lateness: Lateness, out: Path) -> Path:
    """Write ``feedback/ANONYMOUS.html`` whole or not at all."""
    (out / FEEDBACK).mkdir(parents=True, exist_ok=True)
    path = out / FEEDBACK / f"{record.anonymous}.html"
    with written_beside(path, overwrite=True) as temporary:
        temporary.write_text(as_page(record, lab, numbers, lateness), encoding="utf-8")
    return path


def as_page(record: Record, lab: Lab, numbers: Numbers, lateness: Lateness) -> str:
    """Return the page."""
    from jinja2 import Environment, StrictUndefined

    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(TEMPLATE.read_text(encoding="utf-8"))
    days, final = lateness.days(record), lateness.final(record)
    return template.render(record=record, lab=lab, numbers=numbers, days=days, final=final, percent=lateness.percent)
