"""Each sign on a run that has it, and none on one that goes well."""

from __future__ import annotations

import numpy as np
import pytest

from gan_lessons.training.health import WINDOW, Health

UNDECIDED = {"critic": 2 * np.log(2)}


def told(steps: list[dict[str, float]], undecided: dict[str, float] = UNDECIDED) -> str:
    health = Health(undecided)
    return " ".join(text for step in steps for text in health.add(step))


def run(**series: np.ndarray) -> list[dict[str, float]]:
    return [dict(zip(series, map(float, values), strict=True)) for values in zip(*series.values(), strict=True)]


STEPS = np.arange(3 * WINDOW)
NOISE = np.random.default_rng(0).normal(0, 0.1, STEPS.size)
WELL = {
    "content": 0.1 + 0.2 / (1 + STEPS / 50) + 0.01 * NOISE,
    "critic": 1.3 + NOISE,
    "adversarial": 0.8 + NOISE,
    "gradient": 0.5 + NOISE,
}


def test_a_run_that_goes_well_gets_no_advice() -> None:
    assert told(run(**WELL)) == ""


@pytest.mark.parametrize(
    ("series", "words"),
    [
        ({"critic": np.full(STEPS.size, 0.01)}, "nearly always right"),
        ({"adversarial": 2 + 2 * np.sign(np.sin(STEPS / 8))}, "swings"),
        ({"gradient": 1.0 * 10.0 ** (-STEPS / 30)}, "all but vanished"),
        ({"content": 0.1 * 1.02**STEPS}, "lower the rate"),
    ],
)
def test_each_sign_is_told_once(series: dict[str, np.ndarray], words: str) -> None:
    text = told(run(**(WELL | series)))
    assert text.count(words) == 1


def test_scores_that_run_away_are_told_where_the_objective_has_no_level() -> None:
    assert "run away" in told(run(**(WELL | {"critic": -(1.03**STEPS)})), {"critic": 0.0})


def test_a_phase_with_other_terms_begins_anew() -> None:
    health = Health({})
    losses = [{"content": 0.1}] * (2 * WINDOW) + [{"content": 10.0}] * (2 * WINDOW)
    assert not [text for step, one in enumerate(losses) for text in health.add(one, phase=step // (2 * WINDOW))]


def test_images_that_are_all_alike_are_a_collapse() -> None:
    rng = np.random.default_rng(0)
    sharp = [rng.random((1, 16, 16)) for _ in range(4)]
    alike = [0.5 + 0.05 * image for image in sharp]
    assert not Health({}).compare([image + 0.3 for image in sharp], sharp)
    assert "mode collapse" in Health({}).compare(alike, sharp)[0]
