"""Each lab's solution agrees with its truth, which is another program, for variants of all kinds; stubs don't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_lessons.grading.lab import PRELUDE, Lab, as_code
from gan_lessons.grading.labs import TOPICS, get_lab
from gan_lessons.grading.notebook import make_notebook
from gan_lessons.grading.sandbox import Reply
from gan_lessons.grading.scoring import judge
from gan_lessons.grading.secret import Secret

SOURCES = Path(__file__).parents[2] / "tutorials" / "instructor"


def answers(lab: Lab, variant: dict[str, Any]) -> dict[str, Any]:
    """Run the solutions of a lab, and the checks that students see."""
    names: dict[str, Any] = {}
    cells = make_notebook(lab, SOURCES, variant).cells
    assert [cell.source for cell in cells if cell.cell_type == "code"][:2] == [PRELUDE, as_code(variant)]
    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, lab.name, "exec"), names)
    return names


@pytest.mark.parametrize("number", TOPICS)
@pytest.mark.parametrize("key", ["one secret of tests", "another of the tests", "and the third of them"])
def test_solutions_give_the_truth(number: int, key: str) -> None:
    lab, secret = get_lab(number), Secret(key.encode())
    variant = lab.variant(secret, "anna")
    names, probes = answers(lab, variant), {"__name__": "probes"}
    exec(compile(lab.probes, "probes", "exec"), probes)
    for task in lab.tasks:
        given = task.given(variant, secret.draw(task.name))
        truth = task.truth(variant, given)
        found = {name: result() for name, result in probes[task.name](names, given).items()}  # type: ignore[operator]
        assert found.keys() == truth.keys()
        for name, right in truth.items():
            one = np.asarray(getattr(found[name], "detach", lambda one=found[name]: one)())
            np.testing.assert_allclose(one, right, rtol=1e-4, atol=1e-4 * max(np.abs(right).max(), 1e-6))
            assert any(name.startswith(criterion.results) for criterion in task.criteria), f"{name} counts for nothing"


@pytest.mark.parametrize("number", TOPICS)
def test_variants_differ_between_students_and_hidden_inputs_are_drawn_anew(number: int) -> None:
    lab, secret = get_lab(number), Secret(b"the secret of these tests")
    variants = [lab.variant(secret, f"student {k}") for k in range(12)]
    assert len({str(one) for one in variants}) > 6
    assert lab.variant(secret, "anna") == lab.variant(secret, "anna")
    for task in lab.tasks:
        one, other = (task.given(variants[0], secret.draw(name)) for name in ("anna", "ben"))
        assert any(not np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("number", TOPICS)
def test_no_points_for_zeros_of_the_right_shape(number: int) -> None:
    from safetensors.numpy import save

    lab, secret = get_lab(number), Secret(b"the secret of these tests")
    variant = lab.variant(secret)
    for task in lab.tasks:
        truth = task.truth(variant, task.given(variant, secret.draw(task.name)))
        for guess in (0, 1):
            reply = Reply("itself", save({name: np.full_like(one, guess) for name, one in truth.items()}))
            assert judge(task, truth, reply, "").points <= (1 if lab.number == 9 else 0), (task.name, guess)
