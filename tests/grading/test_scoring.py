"""Right answers get all points, wrong ones those of what is right in them; feedback tells no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gan_lessons.grading.lab import Lab
from gan_lessons.grading.labs import TOPICS, get_lab
from gan_lessons.grading.notebook import make_notebook
from gan_lessons.grading.sandbox import why_not
from gan_lessons.grading.scoring import Score, grade
from gan_lessons.grading.secret import Secret
from gan_lessons.grading.submission import read_submission

SECRET = Secret(b"the secret of these tests")
SOURCES = Path(__file__).parents[2] / "tutorials" / "instructor"
walled = pytest.mark.skipif(bool(why_not()), reason=f"needs namespaces: {why_not()}")


def score(folder: Path, lab: Lab, changes: dict[str, str], student: str = "anna") -> dict[str, Score]:
    variant = lab.variant(SECRET, student)
    notebook = make_notebook(lab, SOURCES, variant)
    for cell in notebook.cells:
        if (task := cell.metadata.get("nbgrader", {}).get("grade_id")) in changes:
            cell.source = changes[task]
    path = folder / "lab.ipynb"
    path.write_text(json.dumps(notebook))
    submission = read_submission(path, [task.name for task in lab.tasks])
    found = grade(submission, lab, SECRET, student=student, variant=variant)
    return {one.task: one for one in found}


@walled
@pytest.mark.parametrize("number", TOPICS)
def test_the_solutions_get_all_points(number: int, tmp_path: Path) -> None:
    lab = get_lab(number)
    found = score(tmp_path, lab, {})
    assert {name: one.points for name, one in found.items()} == {task.name: task.points for task in lab.tasks}, found
