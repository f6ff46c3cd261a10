"""Compare a class's answers with each other, and with what is public."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gan_lessons.grading.classroom import Way
from gan_lessons.grading.handed_in import HandedIn
from gan_lessons.grading.similarity import Pair, compare
from gan_lessons.grading.submission import Unreadable, read_submission

PUBLIC = "public: the library's"


def compare_class(submissions: Sequence[HandedIn], way: Way) -> list[Pair]:
    """Return the pairs of answers that are alike, under anonymous names."""
    tasks = [task.name for task in way.lab.tasks]
    codes = {PUBLIC: (Path(__file__).parent / "labs" / f"{way.lab.topic}.py").read_text(encoding="utf-8")}
    for one in submissions:
        try:
            read = read_submission(one.path, tasks) if one.path else None
        except Unreadable:
            continue
        if read:
            codes[way.secret.anonymous(one.student)] = "\n".join(read.cells[number] for number in read.answers.values())
    return compare(codes)
