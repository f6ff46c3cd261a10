"""nbgrader's own ``autograde`` with our sandbox: takes the place of `nbgrader.preprocessors.Execute`.

Nothing of a notebook is run in a kernel. Each points cell gets what its task got, as nbgrader expects partial credit:
the rubric's lines as printed text, the points as the cell's result.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Unicode

from gan_lessons.errors import InputError
from gan_lessons.grading.lab import as_code
from gan_lessons.grading.labs import get_lab
from gan_lessons.grading.notebook import NUMBERS, POINTS
from gan_lessons.grading.scoring import Score, grade
from gan_lessons.grading.secret import read_secret
from gan_lessons.grading.submission import parse_submission


class GradeInSandbox(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader is untyped
    """Score a submission's tasks, and write points and rubric into its points cells."""

    secret = Unicode("", help="File with the instructor's secret.").tag(config=True)
    own_numbers = Bool(False, help="Each student has numbers of their own.").tag(config=True)
    unsafe = Bool(False, help="Run students' code without walls around it.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Grade one notebook; called by nbgrader."""
        about = resources["nbgrader"]
        if not self.secret:
            raise InputError("GradeInSandbox.secret is empty; expected the path of the secret, in nbgrader_config.py")
        lab, secret = get_lab(_number(about["assignment"])), read_secret(Path(self.secret))
        variant = lab.variant(secret, about["student"] if self.own_numbers else "")
        submission = parse_submission(nb, [task.name for task in lab.tasks])
        scores = grade(submission, lab, secret, student=about["student"], variant=variant, unsafe=self.unsafe)
        by_cell = {f"{one.task}{POINTS}": one for one in scores}
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if cell.cell_type == "code":
                cell.outputs = _outputs(by_cell[name]) if name in by_cell else []
                cell.execution_count = None
            if name == NUMBERS:
                cell.source = as_code(variant)
        return nb, resources


def _number(assignment: str) -> int:
    number = assignment.removeprefix("lab")
    if not number.isdigit():
        raise InputError(f"assignment {assignment}: expected lab1, lab2 …, the name of a graded lab")
    return int(number)


def _outputs(score: Score) -> list[Any]:
    from nbformat.v4 import new_output

    text = "".join(f"{line}\n" for line in score.lines)
    result = new_output("execute_result", data={"text/plain": str(score.points)}, execution_count=None)
    return [new_output("stream", name="stdout", text=text), result]
